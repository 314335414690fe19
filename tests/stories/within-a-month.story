# Begun on the 10th and ended on the 19th: ten days of January.
plan in EUR, every month, from the first
charge base: flat 31.00; in advance
customer in UTC from 2026-01-10
last day 2026-01-19
until 2026-02-28

invoice 2026-01-10
  base   10.00     # 31.00 × 19/31 − 31.00 × 9/31
  net    10.00
  tax     2.00
  total  12.00
