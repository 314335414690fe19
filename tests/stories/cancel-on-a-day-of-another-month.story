# In January an end on 10 March is asked for: February is paid whole, of March ten days.
plan studio in EUR, every month
charge base: flat 31.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
on 2026-01-10: cancel on 2026-03-10
used pages 50 on 2026-03-10
until 2026-06-01

invoice 2026-01-01
  base  31.00
  net   31.00
  tax    6.20
  total 37.20
invoice 2026-02-01
  base  31.00
  net   31.00
  tax    6.20
  total 37.20
invoice 2026-03-01
  base  10.00     # 31.00 × 10/31
  net   10.00
  tax    2.00
  total 12.00
invoice 2026-03-11
  pages  5.00     # 50 × 0.10
  net    5.00
  tax    1.00
  total  6.00
