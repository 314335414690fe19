# February 2028 has 29 days. From the 15th to the 29th are 15 of them.
plan in EUR, every month, from the first
charge base: flat 58.00; in advance
customer in Europe/Paris from 2028-02-15
until 2028-03-01

invoice 2028-02-15
  base   30.00     # 58.00 − 58.00 × 14/29 = 58.00 − 28.00
  net    30.00
  tax     6.00
  total  36.00
invoice 2028-03-01
  base   58.00
  net    58.00
  tax    11.60
  total  69.60
