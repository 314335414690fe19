# The last day, 10 February, is used and paid; usage of the last days is due when they are over.
plan in EUR, every month, from the first
charge base: flat 49.00; in advance
charge docs: 0.10 each
customer in Europe/Paris from 2026-01-01
last day 2026-02-10
used docs 10 on 2026-01-31
used docs 40 on 2026-02-10
until 2026-03-31

invoice 2026-01-01
  base   49.00
  net    49.00
  tax     9.80
  total  58.80
invoice 2026-02-01
  docs    1.00     # 10 × 0.10
  base   17.50     # 49.00 × 10/28
  net    18.50
  tax     3.70
  total  22.20
invoice 2026-02-11
  docs    4.00     # 40 × 0.10
  net     4.00
  tax     0.80
  total   4.80
