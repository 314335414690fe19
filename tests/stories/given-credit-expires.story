# A gift takes off the price, before tax; on 20 January what is left of it is gone.
plan studio in EUR, every month
charge base: flat 20.00; in advance
customer in Europe/Paris from 2026-01-01
at the start: give gift: 30.00 of credit until 2026-01-20
until 2026-02-01

invoice 2026-01-01
  base   20.00
  gift  -20.00     # 30.00 − 20.00 = 10.00 are left
  net     0.00
  tax     0.00
  total   0.00
invoice 2026-02-01
  base   20.00
  net    20.00
  tax     4.00
  total  24.00
