# Ten days of March were invoiced at half price; the end is taken back: the other 21 are charged at half price too.
plan studio in EUR, every month
charge base: flat 31.00; in advance
customer in Europe/Paris from 2026-01-01
on 2026-01-10: cancel on 2026-03-10
on 2026-02-20: redeem half: 50% off, 1 time
on 2026-03-05: reactivate
until 2026-04-01

invoice 2026-01-01
  base  31.00
  net   31.00
  tax    6.20
  total 37.20
invoice 2026-02-01
  base  31.00
  net   31.00
  tax    6.20
  total 37.20
invoice 2026-03-01
  base  10.00     # 31.00 × 10/31
  half  -5.00
  net    5.00
  tax    1.00
  total  6.00
invoice 2026-03-05
  base  10.50     # 31.00 × 21/31 × 50 %
  net   10.50
  tax    2.10
  total 12.60
invoice 2026-04-01
  base  31.00
  net   31.00
  tax    6.20
  total 37.20
