# A fifth off two invoices, whatever stands on them.
plan studio in EUR, every month
charge base: flat 50.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
at the start: redeem spring: 20% off, 2 times
used pages 100 on 2026-01-20
until 2026-03-01

invoice 2026-01-01
  base    50.00
  spring -10.00     # 50.00 × 20 %
  net     40.00
  tax      8.00
  total   48.00
invoice 2026-02-01
  pages   10.00     # 100 × 0.10
  base    50.00
  spring -12.00     # 60.00 × 20 %
  net     48.00
  tax      9.60
  total   57.60
invoice 2026-03-01
  base    50.00
  net     50.00
  tax     10.00
  total   60.00
