# 100.00 paid before on a deposit invoice are taken off what is to pay, until they are used.
plan studio in EUR, every month
charge base: flat 50.00; in advance
customer in Europe/Paris from 2026-01-01
at the start: pay a deposit acompte: 100.00
until 2026-02-01

invoice 2026-01-01
  base   50.00
  net    50.00
  tax    10.00
  total  60.00
  to-pay  0.00     # 100.00 − 60.00 = 40.00 are left
invoice 2026-02-01
  base   50.00
  net    50.00
  tax    10.00
  total  60.00
  to-pay 20.00     # 60.00 − 40.00
