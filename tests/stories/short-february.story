# February 2027 has 28 days: the same start pays 14 of them.
plan in EUR, every month, from the first
charge base: flat 58.00; in advance
customer in Europe/Paris from 2027-02-15
until 2027-02-28

invoice 2027-02-15
  base   29.00     # 58.00 − 58.00 × 14/28
  net    29.00
  tax     5.80
  total  34.80
