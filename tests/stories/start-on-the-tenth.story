# Begun on the 10th of a calendar month: 22 of 31 days, then whole months.
plan in EUR, every month, from the first
charge docs: 0.10 each
charge base: flat 49.00; in advance
customer in Europe/Paris from 2026-01-10
used docs 250 on 2026-01-15
used docs 101 on 2026-02-15
until 2026-03-01

invoice 2026-01-10
  base   34.77     # 49.00 − 49.00 × 9/31 = 49.00 − 14.23 (14.2258)
  net    34.77
  tax     6.95     # 6.954
  total  41.72
invoice 2026-02-01
  docs   25.00     # 250 × 0.10
  base   49.00
  net    74.00
  tax    14.80
  total  88.80
invoice 2026-03-01
  docs   10.10     # 101 × 0.10
  base   49.00
  net    59.10
  tax    11.82
  total  70.92
