# Three months that end are three months from the change on.
plan open in EUR, every month
charge base: flat 20.00; in advance
plan season in EUR, every month
with a term of 3 months, then it ends
charge base: flat 30.00; in advance
customer in Europe/Paris from 2026-01-01 with open
on 2026-02-01T00:00:00+01:00: change to season
until 2026-08-01

invoice 2026-01-01
  base   20.00
  net    20.00
  tax     4.00
  total  24.00
invoice 2026-02-01
  base   30.00
  net    30.00
  tax     6.00
  total  36.00
invoice 2026-03-01
  base   30.00
  net    30.00
  tax     6.00
  total  36.00
invoice 2026-04-01
  base   30.00
  net    30.00
  tax     6.00
  total  36.00
