# New Zealand, 27 September 2026, a day of 23 hours: it is used, the 28th to the 30th are given back.
plan studio in NZD, every month
charge base: flat 30.00; in advance
charge pages: 0.10 each
customer in Pacific/Auckland from 2026-09-01
tax 15
on 2026-09-27: cancel now
used pages 100 on 2026-09-27
until 2026-12-31

invoice 2026-09-01
  base   30.00
  net    30.00
  tax     4.50
  total  34.50
credit note 2026-09-27 of 2026-09-01
  base    3.00     # 30.00 × 3/30
  net     3.00
  tax     0.45
  total   3.45
invoice 2026-09-28
  pages  10.00     # 100 × 0.10
  net    10.00
  tax     1.50
  total  11.50
  to-pay  8.05     # 11.50 − 3.45
