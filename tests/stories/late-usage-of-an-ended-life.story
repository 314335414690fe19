# Learnt after it has ended and begun anew: it is billed with the next invoice, at what it cost then.
plan studio in EUR, every month
charge base: flat 31.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
on 2026-01-10: cancel now
on 2026-01-20: reactivate
used pages 50 on 2026-01-05, known on 2026-02-10
used pages 20 on 2026-01-25
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
invoice 2026-01-20
  base   31.00
  net    31.00
  tax     6.20
  total  37.20
  to-pay 12.00     # 37.20 − 25.20
invoice 2026-02-20
  pages   7.00     # 50 × 0.10 of January, 20 × 0.10
  base   31.00
  net    38.00
  tax     7.60
  total  45.60
