# Only the 31st is the new plan's.
plan atelier in EUR, every month
charge base: flat 31.00; in advance
charge pages: 0.20 each
plan studio in EUR, every month
charge base: flat 62.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01 with atelier
on 2026-01-31: change to studio
used pages 100 on 2026-01-30
used pages 100 on 2026-01-31
until 2026-02-01

invoice 2026-01-01
  base   31.00
  net    31.00
  tax     6.20
  total  37.20
credit note 2026-01-31 of 2026-01-01
  base    1.00     # 31.00 × 1/31
  net     1.00
  tax     0.20
  total   1.20
invoice 2026-01-31
  pages  20.00     # 100 × 0.20
  base    2.00     # 62.00 × 1/31
  net    22.00
  tax     4.40
  total  26.40
  to-pay 25.20     # 26.40 − 1.20
invoice 2026-02-01
  pages  10.00     # 100 × 0.10
  base   62.00
  net    72.00
  tax    14.40
  total  86.40
