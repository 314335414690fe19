# Nothing of the fee is left to give back; what was used until the last day is billed.
plan studio in EUR, every month
charge base: flat 31.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
on 2026-01-11: pause
on 2026-01-15: cancel now
used pages 50 on 2026-01-15
until 2026-03-31

invoice 2026-01-01
  base   31.00
  net    31.00
  tax     6.20
  total  37.20
credit note 2026-01-11 of 2026-01-01
  base   20.00     # 31.00 × 20/31
  net    20.00
  tax     4.00
  total  24.00
invoice 2026-01-16
  pages   5.00     # 50 × 0.10
  net     5.00
  tax     1.00
  total   6.00
  to-pay  0.00     # 24.00 − 6.00
