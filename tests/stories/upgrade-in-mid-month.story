# From the 16th on the larger plan: 16 of 31 days are given back and charged anew; each plan rates its own days.
plan atelier in EUR, every month
charge base: flat 31.00; in advance
charge pages: 0.20 each; 62 included
plan studio in EUR, every month
charge base: flat 62.00; in advance
charge pages: 0.10 each; 310 included
customer in Europe/Paris from 2026-01-01 with atelier
on 2026-01-16: change to studio
used pages 80 on 2026-01-15
used pages 300 on 2026-01-16
until 2026-02-01

invoice 2026-01-01
  base   31.00
  net    31.00
  tax     6.20
  total  37.20
credit note 2026-01-16 of 2026-01-01
  base   16.00     # 31.00 × 16/31
  net    16.00
  tax     3.20
  total  19.20
invoice 2026-01-16
  pages  10.00     # 62 × 15/31 = 30 included; 80 − 30 = 50 × 0.20
  base   32.00     # 62.00 × 16/31
  net    42.00
  tax     8.40
  total  50.40
  to-pay 31.20     # 50.40 − 19.20
invoice 2026-02-01
  pages  14.00     # 310 × 16/31 = 160 included; 300 − 160 = 140 × 0.10
  base   62.00
  net    76.00
  tax    15.20
  total  91.20
