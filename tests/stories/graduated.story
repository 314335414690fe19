# Each unit at the price of its own tier; a bound belongs to the tier below it.
plan in EUR, every month
charge docs: graduated up to 100 at 0.10, up to 1000 at 0.08, above at 0.05
customer in UTC from 2026-01-01
used docs 2500 on 2026-01-15
used docs 100 on 2026-02-15
used docs 101 on 2026-03-15
until 2026-04-01

invoice 2026-02-01
  docs  157.00     # 100 × 0.10 + 900 × 0.08 + 1,500 × 0.05 = 10 + 72 + 75
  net   157.00
  tax    31.40
  total 188.40
invoice 2026-03-01
  docs   10.00     # 100 × 0.10
  net    10.00
  tax     2.00
  total  12.00
invoice 2026-04-01
  docs   10.08     # 100 × 0.10 + 1 × 0.08
  net    10.08
  tax     2.02     # 2.016
  total  12.10
