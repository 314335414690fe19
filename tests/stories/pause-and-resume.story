# The fee rests from the 12th to the 20th: the days of the pause and of the return are paid. Usage is billed as ever.
plan studio in EUR, every month
charge base: flat 31.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
on 2026-01-11: pause
on 2026-01-21: resume
used pages 10 on 2026-01-05
used pages 20 on 2026-01-15
used pages 30 on 2026-01-25
until 2026-02-01

invoice 2026-01-01
  base   31.00
  net    31.00
  tax     6.20
  total  37.20
credit note 2026-01-11 of 2026-01-01
  base   20.00     # 31.00 × 20/31: the 12th to the 31st
  net    20.00
  tax     4.00
  total  24.00
invoice 2026-01-21
  base   11.00     # 31.00 × 11/31: the 21st to the 31st
  net    11.00
  tax     2.20
  total  13.20
  to-pay  0.00     # 24.00 − 13.20 = 10.80 are left
invoice 2026-02-01
  pages   6.00     # (10 + 20 + 30) × 0.10
  base   31.00
  net    37.00
  tax     7.40
  total  44.40
  to-pay 33.60     # 44.40 − 10.80
