# Fourteen days of trial cost nothing, nor does what is used in them. The month begins after them, on the 15th.
plan studio in EUR, every month
with a trial of 14 days
charge base: flat 40.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
used pages 500 on 2026-01-14
used pages 30 on 2026-01-15
used pages 20 on 2026-02-14
until 2026-02-15

invoice 2026-01-15
  base  40.00
  net   40.00
  tax    8.00
  total 48.00
invoice 2026-02-15
  pages  5.00     # (30 + 20) × 0.10: the 500 of the trial are free
  base  40.00
  net   45.00
  tax    9.00
  total 54.00
