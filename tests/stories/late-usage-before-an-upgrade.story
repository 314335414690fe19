# What was used on the 10th and learnt on the 20th is the smaller plan's, at its price.
plan atelier in EUR, every month
charge base: flat 31.00; in advance
charge pages: 0.20 each; 62 included
plan studio in EUR, every month
charge base: flat 62.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01 with atelier
on 2026-01-16: change to studio
used pages 20 on 2026-01-05
used pages 60 on 2026-01-10, known on 2026-01-20
used pages 100 on 2026-01-25
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
  base   32.00     # 62.00 × 16/31; 62 × 15/31 = 30 pages are included, 20 were used
  net    32.00
  tax     6.40
  total  38.40
  to-pay 19.20     # 38.40 − 19.20
invoice 2026-02-01
  pages  20.00     # 20 + 60 − 30 = 50 × 0.20, and 100 × 0.10
  base   62.00
  net    82.00
  tax    16.40
  total  98.40
