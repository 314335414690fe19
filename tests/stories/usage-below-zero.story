# More was taken back than used, and never invoiced: it waits for an invoice it can be set off on.
plan studio in EUR, every month
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
used pages 10 on 2026-01-10
used pages -60 on 2026-01-20
used pages 80 on 2026-02-10
until 2026-03-01

invoice 2026-02-01
  pages   -5.00     # (10 − 60) × 0.10
  carried  5.00
  net      0.00
  tax      0.00
  total    0.00
invoice 2026-03-01
  pages    3.00     # 80 × 0.10 − 5.00
  net      3.00
  tax      0.60
  total    3.60
