# Billed on 31 January and 30 June of every year. From 31 March: 91 of the 150 days that lie between them.
plan in EUR, on 31 January, 30 June
charge base: flat 150.00; in advance
charge docs: 0.10 each; 300 included
customer in Europe/Paris from 2026-03-31
used docs 200 on 2026-06-29
used docs 310 on 2026-06-30
until 2027-01-31

invoice 2026-03-31
  base   91.00     # 150.00 × 91/150: 1 day of March, 30, 31, 29 of June
  net    91.00
  tax    18.20
  total 109.20
invoice 2026-06-30
  docs    1.80     # 300 × 59/150 = 118 belong to the days before: 182 are included, 18 × 0.10
  base  150.00
  net   151.80
  tax    30.36
  total 182.16
invoice 2027-01-31
  docs    1.00     # 310 − 300 = 10 × 0.10
  base  150.00
  net   151.00
  tax    30.20
  total 181.20
