# Asked to change at once: what is given back pays the smaller fee, and what is left pays part of the next month.
plan studio in EUR, every month
charge base: flat 62.00; in advance
plan atelier in EUR, every month
charge base: flat 31.00; in advance
customer in Europe/Paris from 2026-01-01 with studio
on 2026-01-16: change to atelier now
until 2026-02-01

invoice 2026-01-01
  base   62.00
  net    62.00
  tax    12.40
  total  74.40
credit note 2026-01-16 of 2026-01-01
  base   32.00     # 62.00 × 16/31
  net    32.00
  tax     6.40
  total  38.40
invoice 2026-01-16
  base   16.00     # 31.00 × 16/31
  net    16.00
  tax     3.20
  total  19.20
  to-pay  0.00     # 38.40 − 19.20 = 19.20 are left
invoice 2026-02-01
  base   31.00
  net    31.00
  tax     6.20
  total  37.20
  to-pay 18.00     # 37.20 − 19.20
