# The trial ends in mid-month: 17 of 31 days of January, and of its minimum.
plan studio in EUR, every month, from the first
with a trial of 14 days
with a minimum of 62.00
charge base: flat 31.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
used pages 500 on 2026-01-14
used pages 70 on 2026-01-15
until 2026-02-01

invoice 2026-01-15
  base    17.00     # 31.00 × 17/31
  net     17.00
  tax      3.40
  total   20.40
invoice 2026-02-01
  pages    7.00     # 70 × 0.10
  minimum 10.00     # 62.00 × 17/31 = 34.00, less 17.00 and 7.00
  base    31.00
  net     48.00
  tax      9.60
  total   57.60
