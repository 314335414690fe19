# Two months, renewed in the second for two more: the end is 1 May.
plan season in EUR, every month
with a term of 2 months, then it ends
charge base: flat 30.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
on 2026-02-10: renew
used pages 50 on 2026-04-30
until 2026-07-01

invoice 2026-01-01
  base  30.00
  net   30.00
  tax    6.00
  total 36.00
invoice 2026-02-01
  base  30.00
  net   30.00
  tax    6.00
  total 36.00
invoice 2026-03-01
  base  30.00
  net   30.00
  tax    6.00
  total 36.00
invoice 2026-04-01
  base  30.00
  net   30.00
  tax    6.00
  total 36.00
invoice 2026-05-01
  pages  5.00     # 50 × 0.10
  net    5.00
  tax    1.00
  total  6.00
