# All units at the price of the tier they reach: one document more can cost less.
plan in EUR, every month
charge docs: volume up to 100 at 0.10, above at 0.05
customer in UTC from 2026-01-01
used docs 100 on 2026-01-15
used docs 101 on 2026-02-15
until 2026-03-01

invoice 2026-02-01
  docs   10.00     # 100 × 0.10
  net    10.00
  tax     2.00
  total  12.00
invoice 2026-03-01
  docs    5.05     # 101 × 0.05
  net     5.05
  tax     1.01
  total   6.06
