# A Kuwaiti dinar has a thousand fils: three decimals.
plan in KWD, every month
charge base: flat 10.000; in advance
charge docs: 0.0125 each
customer in Asia/Kuwait from 2026-01-01
tax 5
used docs 101 on 2026-01-20
until 2026-02-01

invoice 2026-01-01
  base   10.000
  net    10.000
  tax     0.500
  total  10.500
invoice 2026-02-01
  docs    1.263    # 101 × 0.0125 = 1.2625
  base   10.000
  net    11.263
  tax     0.563    # 0.56315
  total  11.826
