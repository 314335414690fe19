# On the 10th an end on the 19th is asked for, on the 15th it is taken back: what was given back is charged again.
plan studio in EUR, every month
charge base: flat 31.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
on 2026-01-10: cancel on 2026-01-19
on 2026-01-15: reactivate
used pages 50 on 2026-01-31
until 2026-02-01

invoice 2026-01-01
  base   31.00
  net    31.00
  tax     6.20
  total  37.20
credit note 2026-01-10 of 2026-01-01
  base   12.00     # 31.00 × 12/31: the 20th to the 31st
  net    12.00
  tax     2.40
  total  14.40
invoice 2026-01-15
  base   12.00
  net    12.00
  tax     2.40
  total  14.40
  to-pay  0.00     # 14.40 − 14.40
invoice 2026-02-01
  pages   5.00     # 50 × 0.10
  base   31.00
  net    36.00
  tax     7.20
  total  43.20
