# A fee that is never due in part costs the same on the 25th.
plan in EUR, every month, from the first
charge base: flat 30.00; in advance; never in part
customer in UTC from 2026-01-25
until 2026-01-31

invoice 2026-01-25
  base   30.00
  net    30.00
  tax     6.00
  total  36.00
