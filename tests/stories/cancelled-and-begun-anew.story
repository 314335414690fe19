# Ten days after the end it begins again, with months from the 20th. What lies between is nobody's.
plan studio in EUR, every month
charge base: flat 31.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
on 2026-01-10: cancel now
on 2026-01-20: reactivate
used pages 50 on 2026-01-10
used pages 70 on 2026-01-15
used pages 20 on 2026-01-20
until 2026-02-20

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
  to-pay  0.00     # 25.20 − 6.00 = 19.20 are left
invoice 2026-01-20
  base   31.00
  net    31.00
  tax     6.20
  total  37.20
  to-pay 18.00     # 37.20 − 19.20
invoice 2026-02-20
  pages   2.00     # 20 × 0.10
  base   31.00
  net    33.00
  tax     6.60
  total  39.60
