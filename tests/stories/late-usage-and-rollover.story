# Late pages of January used units that February was given: they are paid with the late usage, at February's price.
plan studio in EUR, every month
charge base: flat 20.00; in advance
charge pages: 0.10 each; 100 included; kept for 1
customer in Europe/Paris from 2026-01-01
used pages 20 on 2026-01-10
used pages 60 on 2026-01-30, known on 2026-03-10
used pages 150 on 2026-02-10
until 2026-04-01

invoice 2026-01-01
  base  20.00
  net   20.00
  tax    4.00
  total 24.00
invoice 2026-02-01
  base  20.00     # 80 of 100 pages are kept
  net   20.00
  tax    4.00
  total 24.00
invoice 2026-03-01
  base  20.00     # 150 of 80 + 100 are used
  net   20.00
  tax    4.00
  total 24.00
invoice 2026-04-01
  pages  3.00     # only 20 were kept: 150 − 20 − 100 = 30 × 0.10
  base  20.00
  net   23.00
  tax    4.60
  total 27.60
