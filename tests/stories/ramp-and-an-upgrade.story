# Two months at half the price, whichever the plan: who changes is as far in them as he was.
plan atelier in EUR, every month
with 2 periods at 50% off
charge base: flat 56.00; in advance
plan studio in EUR, every month
with 2 periods at 50% off
charge base: flat 112.00; in advance
customer in Europe/Paris from 2026-01-01 with atelier
on 2026-02-15: change to studio
until 2026-03-01

invoice 2026-01-01
  base    28.00     # 56.00 × 50 %
  net     28.00
  tax      5.60
  total   33.60
invoice 2026-02-01
  base    28.00
  net     28.00
  tax      5.60
  total   33.60
credit note 2026-02-15 of 2026-02-01
  base    14.00     # 28.00 × 14/28
  net     14.00
  tax      2.80
  total   16.80
invoice 2026-02-15
  base    28.00     # 112.00 × 14/28 × 50 %
  net     28.00
  tax      5.60
  total   33.60
  to-pay  16.80     # 33.60 − 16.80
invoice 2026-03-01
  base   112.00
  net    112.00
  tax     22.40
  total  134.40
