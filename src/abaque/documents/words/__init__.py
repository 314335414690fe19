"""What rules say, in the words of people: each language is a file beside this one."""
