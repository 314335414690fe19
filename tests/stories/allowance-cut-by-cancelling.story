# Of 310 pages a month 10 of 31 days have 100.
plan studio in EUR, every month
charge pages: 0.10 each; 310 included
charge base: flat 31.00; in advance
customer in Europe/Paris from 2026-01-01
on 2026-01-10: cancel now
used pages 150 on 2026-01-05
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
  pages   5.00     # 310 × 10/31 = 100 included; 50 × 0.10
  net     5.00
  tax     1.00
  total   6.00
  to-pay  0.00     # 25.20 − 6.00
