# Lord Howe Island sets its clocks back by half an hour on 5 April 2026: April has 1,441 half hours.
plan in AUD, every month, from the first
charge base: flat 1441.00; in advance; by second
customer in Australia/Lord_Howe from 2026-04-30T00:00:00+10:30
tax 10
until 2026-04-30

invoice 2026-04-30
  base   48.00     # the last day has 48 of the 1,441 half hours, at 1.00
  net    48.00
  tax     4.80
  total  52.80
