# One fee is paid before the month, the other after it: they meet on the boundary.
plan in EUR, every month
charge base: flat 20.00; in advance
charge support: flat 10.00; in arrears
customer in UTC from 2026-01-01
until 2026-02-01

invoice 2026-01-01
  base   20.00
  net    20.00
  tax     4.00
  total  24.00
invoice 2026-02-01
  support 10.00
  base   20.00
  net    30.00
  tax     6.00
  total  36.00
