# Nothing was paid, nothing is given back.
plan studio in EUR, every month
charge base: flat 31.00; in advance
customer in Europe/Paris from 2026-01-01
at the start: redeem free: 100% off, 1 time
on 2026-01-10: cancel now
until 2026-03-31

invoice 2026-01-01
  base   31.00
  free  -31.00
  net     0.00
  tax     0.00
  total   0.00
