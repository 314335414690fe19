# Samoa went from 29 to 31 December 2011: that month has 30 days. From the 16th on it has 15.
plan in EUR, every month, from the first
charge base: flat 49.00; in advance
charge docs: 0.10 each
customer in Pacific/Apia from 2011-12-16
used docs 10 on 2011-12-29
used docs 5 on 2011-12-31
until 2012-01-01

invoice 2011-12-16
  base   24.50     # 49.00 − 49.00 × 15/30
  net    24.50
  tax     4.90
  total  29.40
invoice 2012-01-01
  docs    1.50     # 15 × 0.10
  base   49.00
  net    50.50
  tax    10.10
  total  60.60
