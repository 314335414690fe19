# February's invoice was 5.00 after pages taken back: no more can be credited of it, the rest is a negative line.
plan studio in EUR, every month
charge base: flat 28.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
on 2026-02-14: cancel now
used pages -230 on 2026-01-10
used pages 160 on 2026-02-10
until 2026-04-01

invoice 2026-01-01
  base    28.00
  net     28.00
  tax      5.60
  total   33.60
invoice 2026-02-01
  pages  -23.00     # −230 × 0.10
  base    28.00
  net      5.00
  tax      1.00
  total    6.00
credit note 2026-02-14 of 2026-02-01
  base     5.00     # of 28.00 × 14/28 = 14.00
  net      5.00
  tax      1.00
  total    6.00
invoice 2026-02-15
  pages   16.00     # 160 × 0.10
  base    -9.00     # 14.00 − 5.00
  net      7.00
  tax      1.40
  total    8.40
  to-pay   2.40     # 8.40 − 6.00
