# A package that is begun is paid whole; nothing used costs nothing.
plan in EUR, every month
charge docs: 5.00 per package of 100
customer in UTC from 2026-01-01
used docs 623 on 2026-01-15
used docs 600 on 2026-02-15
until 2026-04-01

invoice 2026-02-01
  docs   35.00     # 7 packages × 5.00
  net    35.00
  tax     7.00
  total  42.00
invoice 2026-03-01
  docs   30.00     # 6 packages × 5.00
  net    30.00
  tax     6.00
  total  36.00
invoice 2026-04-01
  net     0.00
  tax     0.00
  total   0.00
