# Every second Monday, the clocks going forward in between.
plan in EUR, every 2 weeks
charge base: flat 14.00; in advance
customer in Europe/Paris from 2026-03-16
until 2026-04-13

invoice 2026-03-16
  base   14.00
  net    14.00
  tax     2.80
  total  16.80
invoice 2026-03-30
  base   14.00
  net    14.00
  tax     2.80
  total  16.80
invoice 2026-04-13
  base   14.00
  net    14.00
  tax     2.80
  total  16.80
