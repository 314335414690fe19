# The smaller fee is given back with its discount, the larger one is the second of the two invoices at half price.
plan atelier in EUR, every month
charge base: flat 31.00; in advance
plan studio in EUR, every month
charge base: flat 62.00; in advance
customer in Europe/Paris from 2026-01-01 with atelier
at the start: redeem half: 50% off, 2 times
on 2026-01-16: change to studio
until 2026-02-01

invoice 2026-01-01
  base    31.00
  half   -15.50     # 31.00 × 50 %
  net     15.50
  tax      3.10
  total   18.60
credit note 2026-01-16 of 2026-01-01
  base     8.00     # 15.50 × 16/31
  net      8.00
  tax      1.60
  total    9.60
invoice 2026-01-16
  base    32.00     # 62.00 × 16/31
  half   -16.00     # 32.00 × 50 %
  net     16.00
  tax      3.20
  total   19.20
  to-pay   9.60     # 19.20 − 9.60
invoice 2026-02-01
  base    62.00
  net     62.00
  tax     12.40
  total   74.40
