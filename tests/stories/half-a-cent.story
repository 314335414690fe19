# Half a cent rounds away from zero, once per line and not once per day.
plan in EUR, every month
charge docs: 0.005 each
customer in UTC from 2026-01-01
used docs 1 on 2026-01-10
used docs 1 on 2026-01-11
used docs 1 on 2026-01-12
until 2026-02-01

invoice 2026-02-01
  docs    0.02     # 3 × 0.005 = 0.015; day by day it would have been 3 × 0.01
  net     0.02
  tax     0.00     # 0.004
  total   0.02
