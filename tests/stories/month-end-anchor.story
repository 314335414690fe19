# A subscription begun on the 31st is billed on the last day of shorter months, and on the 31st again after.
plan in EUR, every month
charge base: flat 30.00; in advance
customer in UTC from 2026-01-31
until 2026-05-31

invoice 2026-01-31
  base   30.00
  net    30.00
  tax     6.00
  total  36.00
invoice 2026-02-28
  base   30.00
  net    30.00
  tax     6.00
  total  36.00
invoice 2026-03-31
  base   30.00
  net    30.00
  tax     6.00
  total  36.00
invoice 2026-04-30
  base   30.00
  net    30.00
  tax     6.00
  total  36.00
invoice 2026-05-31
  base   30.00
  net    30.00
  tax     6.00
  total  36.00
