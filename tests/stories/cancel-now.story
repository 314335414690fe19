# Ended on the 10th, which is the last day used: 21 of 31 days are given back, and pay the usage of the last days.
plan studio in EUR, every month
charge base: flat 31.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
on 2026-01-10: cancel now
used pages 50 on 2026-01-10
until 2026-03-31

invoice 2026-01-01
  base   31.00
  net    31.00
  tax     6.20
  total  37.20
credit note 2026-01-10 of 2026-01-01
  base   21.00     # 31.00 × 21/31
  net    21.00
  tax     4.20
  total  25.20
invoice 2026-01-11
  pages   5.00     # 50 × 0.10
  net     5.00
  tax     1.00
  total   6.00
  to-pay  0.00     # 25.20 − 6.00 = 19.20 are the customer's
