# An end on the 24th, then on the 10th: two credit notes, whose tax sums to that of 33.19 together.
plan studio in EUR, every month
charge base: flat 49.00; in advance
customer in Europe/Paris from 2026-01-01
on 2026-01-05: cancel on 2026-01-24
on 2026-01-10: cancel now
until 2026-03-31

invoice 2026-01-01
  base  49.00
  net   49.00
  tax    9.80
  total 58.80
credit note 2026-01-05 of 2026-01-01
  base  11.06     # 49.00 − 49.00 × 24/31 = 49.00 − 37.94 (37.9355)
  net   11.06
  tax    2.21     # 2.212
  total 13.27
credit note 2026-01-10 of 2026-01-01
  base  22.13     # 37.94 − 49.00 × 10/31 = 37.94 − 15.81 (15.8065)
  net   22.13
  tax    4.43     # 33.19 × 20 % = 6.64 (6.638), less 2.21
  total 26.56
