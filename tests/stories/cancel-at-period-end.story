# The month that is paid is used up; its usage is invoiced when it is over.
plan studio in EUR, every month
charge base: flat 31.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
on 2026-01-10: cancel
used pages 50 on 2026-01-31
until 2026-03-31

invoice 2026-01-01
  base  31.00
  net   31.00
  tax    6.20
  total 37.20
invoice 2026-02-01
  pages  5.00     # 50 × 0.10
  net    5.00
  tax    1.00
  total  6.00
