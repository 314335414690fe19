# Ten of 31 days have 20.00 of the minimum.
plan voice in EUR, every month
with a minimum of 62.00
charge base: flat 31.00; in advance
charge calls: 0.50 each
customer in Europe/Paris from 2026-01-01
on 2026-01-10: cancel now
used calls 10 on 2026-01-05
until 2026-03-31

invoice 2026-01-01
  base    31.00
  net     31.00
  tax      6.20
  total   37.20
credit note 2026-01-10 of 2026-01-01
  base    21.00     # 31.00 × 21/31
  net     21.00
  tax      4.20
  total   25.20
invoice 2026-01-11
  calls    5.00     # 10 × 0.50
  minimum  5.00     # 62.00 × 10/31 = 20.00, less 10.00 of the fee and 5.00
  net     10.00
  tax      2.00
  total   12.00
  to-pay   0.00     # 25.20 − 12.00
