# No fee from 1 February to 10 March; what is used meanwhile is billed.
plan studio in EUR, every month
charge base: flat 31.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
on 2026-01-15: pause at period end
on 2026-03-11: resume
used pages 10 on 2026-01-25
used pages 20 on 2026-02-15
used pages 30 on 2026-03-05
until 2026-04-01

invoice 2026-01-01
  base  31.00
  net   31.00
  tax    6.20
  total 37.20
invoice 2026-02-01
  pages  1.00     # 10 × 0.10
  net    1.00
  tax    0.20
  total  1.20
invoice 2026-03-01
  pages  2.00     # 20 × 0.10
  net    2.00
  tax    0.40
  total  2.40
invoice 2026-03-11
  base  21.00     # 31.00 × 21/31
  net   21.00
  tax    4.20
  total 25.20
invoice 2026-04-01
  pages  3.00     # 30 × 0.10
  base  31.00
  net   34.00
  tax    6.80
  total 40.80
