# Quarters begin in January, April, July and October. From 15 February on, 45 of 90 days are left.
plan in EUR, every 3 months, from the first
charge base: flat 90.00; in advance
customer in Europe/Paris from 2026-02-15
until 2026-04-01

invoice 2026-02-15
  base   45.00     # January has 31 days, 14 of February are over: 90.00 − 90.00 × 45/90
  net    45.00
  tax     9.00
  total  54.00
invoice 2026-04-01
  base   90.00
  net    90.00
  tax    18.00
  total 108.00
