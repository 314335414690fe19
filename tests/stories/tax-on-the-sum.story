# Tax is worked out once, on the sum of the lines: 0.05, not three times 0.02.
plan in EUR, every month
charge one: flat 0.33; in advance
charge two: flat 0.33; in advance
charge three: flat 0.33; in advance
customer in Europe/Paris from 2026-01-01
tax 5.5
until 2026-01-01

invoice 2026-01-01
  one     0.33
  two     0.33
  three   0.33
  net     0.99
  tax     0.05     # 0.99 × 5.5 % = 0.05445
  total   1.04
