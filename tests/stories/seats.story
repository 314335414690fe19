# Eight seats from the 11th on, paid in advance: 21 of 31 days; the first five at 12.40, the others at 9.30.
plan in EUR, every month, from the first
charge seats: graduated up to 5 at 12.40, above at 9.30; subscribed; in advance
customer in Europe/Paris from 2026-01-11
customer has 8 seats
until 2026-02-01

invoice 2026-01-11
  seats  60.90     # 62.00 − 62.00 × 10/31 (20.00) + 27.90 − 27.90 × 10/31 (9.00) = 42.00 + 18.90
  net    60.90
  tax    12.18
  total  73.08
invoice 2026-02-01
  seats  89.90     # 5 × 12.40 + 3 × 9.30 = 62.00 + 27.90
  net    89.90
  tax    17.98
  total 107.88
