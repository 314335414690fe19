# The customer pays from the 6th on, the day the trial is converted, and that day of every month.
plan studio in EUR, every month
with a trial of 14 days
charge base: flat 40.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
on 2026-01-06: convert the trial
used pages 500 on 2026-01-05
used pages 30 on 2026-01-06
until 2026-02-06

invoice 2026-01-06
  base  40.00
  net   40.00
  tax    8.00
  total 48.00
invoice 2026-02-06
  pages  3.00     # 30 × 0.10
  base  40.00
  net   43.00
  tax    8.60
  total 51.60
