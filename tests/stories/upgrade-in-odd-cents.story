# 9 of 31 days are over: what was and what comes are each rounded once, and sum to the month.
plan atelier in EUR, every month
charge base: flat 49.00; in advance
plan studio in EUR, every month
charge base: flat 99.00; in advance
customer in Europe/Paris from 2026-01-01 with atelier
on 2026-01-10: change to studio
until 2026-01-31

invoice 2026-01-01
  base   49.00
  net    49.00
  tax     9.80
  total  58.80
credit note 2026-01-10 of 2026-01-01
  base   34.77     # 49.00 − 49.00 × 9/31 = 49.00 − 14.23 (14.2258)
  net    34.77
  tax     6.95     # 6.954
  total  41.72
invoice 2026-01-10
  base   70.26     # 99.00 − 99.00 × 9/31 = 99.00 − 28.74 (28.7419)
  net    70.26
  tax    14.05     # 14.052
  total  84.31
  to-pay 42.59     # 84.31 − 41.72
