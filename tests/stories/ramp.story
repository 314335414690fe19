# Two months at half the price, one at three quarters, then in full: fees and usage, each by the month it is of.
plan studio in EUR, every month
with 2 periods at 50% off
with 1 period at 25% off
charge base: flat 100.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
used pages 200 on 2026-01-10
used pages 200 on 2026-02-10
used pages 200 on 2026-03-10
used pages 200 on 2026-04-10
until 2026-05-01

invoice 2026-01-01
  base   50.00     # 100.00 × 50 %
  net    50.00
  tax    10.00
  total  60.00
invoice 2026-02-01
  pages  10.00     # 200 × 0.10 × 50 %
  base   50.00
  net    60.00
  tax    12.00
  total  72.00
invoice 2026-03-01
  pages  10.00     # 200 × 0.10 × 50 %
  base   75.00     # 100.00 × 75 %
  net    85.00
  tax    17.00
  total 102.00
invoice 2026-04-01
  pages  15.00     # 200 × 0.10 × 75 %
  base  100.00
  net   115.00
  tax    23.00
  total 138.00
invoice 2026-05-01
  pages  20.00     # 200 × 0.10
  base  100.00
  net   120.00
  tax    24.00
  total 144.00
