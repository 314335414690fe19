# 9.30 off are shared by what the charges cost, and each gives back of what was paid for it.
plan studio in EUR, every month
charge base: flat 31.00; in advance
charge storage: flat 62.00; in advance
customer in Europe/Paris from 2026-01-01
at the start: redeem welcome: 9.30 off, 1 time
on 2026-01-10: cancel now
until 2026-03-31

invoice 2026-01-01
  base     31.00
  storage  62.00
  welcome  -9.30     # 3.10 of the base, 6.20 of the storage
  net      83.70
  tax      16.74
  total   100.44
credit note 2026-01-10 of 2026-01-01
  base     18.90     # 27.90 × 21/31
  storage  37.80     # 55.80 × 21/31
  net      56.70
  tax      11.34
  total    68.04
