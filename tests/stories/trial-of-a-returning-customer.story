# The customer was on trial from 25 December to the 31st: of 14 days 7 are left, 1 to 7 January.
plan studio in EUR, every month
with a trial of 14 days
charge base: flat 40.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
customer's first trial began on 2025-12-25
used pages 500 on 2026-01-07
used pages 30 on 2026-01-08
until 2026-02-08

invoice 2026-01-08
  base  40.00
  net   40.00
  tax    8.00
  total 48.00
invoice 2026-02-08
  pages  3.00     # 30 × 0.10
  base  40.00
  net   43.00
  tax    8.60
  total 51.60
