# The closing invoice comes after thirty local days, the night of the clocks included.
plan in EUR, every month
charge pages: 0.10 each
customer in Europe/Paris from 2026-09-01
last day 2026-09-30
used pages 50 on 2026-09-30, known on 2026-10-10
until 2026-12-01

invoice 2026-10-01
  net     0.00
  tax     0.00
  total   0.00
invoice 2026-11-09
  pages   5.00
  net     5.00
  tax     1.00
  total   6.00
