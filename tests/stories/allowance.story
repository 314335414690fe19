# Included units shrink with the month: 21 of 31 days have 210 of 310. A unit beyond them is paid.
plan in EUR, every month, from the first
charge docs: 0.10 each; 310 included
customer in UTC from 2026-01-11
used docs 250 on 2026-01-31
used docs 310 on 2026-02-10
used docs 311 on 2026-03-10
until 2026-04-01

invoice 2026-02-01
  docs    4.00     # 310 × 10/31 = 100 belong to the days before: 210 are included, 40 × 0.10
  net     4.00
  tax     0.80
  total   4.80
invoice 2026-03-01
  net     0.00     # exactly what is included
  tax     0.00
  total   0.00
invoice 2026-04-01
  docs    0.10
  net     0.10
  tax     0.02
  total   0.12
