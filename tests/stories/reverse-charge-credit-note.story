# A credit note of an invoice without tax has none either.
plan studio in EUR, every month
charge base: flat 62.00; in advance
plan atelier in EUR, every month
charge base: flat 31.00; in advance
customer in Europe/Berlin from 2026-01-01 with studio
tax reverse charge
on 2026-01-16: change to atelier now
until 2026-02-01

invoice 2026-01-01
  base   62.00
  net    62.00
  tax     0.00
  total  62.00
credit note 2026-01-16 of 2026-01-01
  base   32.00     # 62.00 × 16/31
  net    32.00
  tax     0.00
  total  32.00
invoice 2026-01-16
  base   16.00     # 31.00 × 16/31
  net    16.00
  tax     0.00
  total  16.00
  to-pay  0.00     # 32.00 − 16.00 = 16.00 are left
invoice 2026-02-01
  base   31.00
  net    31.00
  tax     0.00
  total  31.00
  to-pay 15.00     # 31.00 − 16.00
