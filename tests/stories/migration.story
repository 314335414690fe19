# The second version of the plan begins when the month is over.
plan studio in EUR, every month
charge base: flat 40.00; in advance
charge pages: 0.20 each
plan studio-2 in EUR, every month
charge base: flat 50.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01 with studio
on 2026-01-15: migrate to studio-2
used pages 100 on 2026-01-31
used pages 100 on 2026-02-01
until 2026-03-01

invoice 2026-01-01
  base  40.00
  net   40.00
  tax    8.00
  total 48.00
invoice 2026-02-01
  pages 20.00     # 100 × 0.20
  base  50.00
  net   70.00
  tax   14.00
  total 84.00
invoice 2026-03-01
  pages 10.00     # 100 × 0.10
  base  50.00
  net   60.00
  tax   12.00
  total 72.00
