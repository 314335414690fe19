# Seven more days of trial: 1 to 21 January.
plan studio in EUR, every month
with a trial of 14 days
charge base: flat 40.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
on 2026-01-10: extend the trial by 7 days
used pages 500 on 2026-01-21
used pages 30 on 2026-01-22
until 2026-02-22

invoice 2026-01-22
  base  40.00
  net   40.00
  tax    8.00
  total 48.00
invoice 2026-02-22
  pages  3.00     # 30 × 0.10
  base  40.00
  net   43.00
  tax    8.60
  total 51.60
