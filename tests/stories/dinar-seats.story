# Three seats, four from the 11th on: fils are rounded once per line.
plan team in KWD, every month
charge seats: 10.000 each; subscribed; in advance
customer in Asia/Kuwait from 2026-01-01
customer has 3 seats
tax 5
on 2026-01-11: 4 seats
until 2026-02-01

invoice 2026-01-01
  seats  30.000     # 3 × 10.000
  net    30.000
  tax     1.500
  total  31.500
credit note 2026-01-11 of 2026-01-01
  seats  20.323     # 30.000 − 30.000 × 10/31 = 30.000 − 9.677 (9.6774)
  net    20.323
  tax     1.016     # 1.01615
  total  21.339
invoice 2026-01-11
  seats  27.097     # 40.000 − 40.000 × 10/31 = 40.000 − 12.903 (12.9032)
  net    27.097
  tax     1.355     # 1.35485
  total  28.452
  to-pay  7.113     # 28.452 − 21.339
invoice 2026-02-01
  seats  40.000
  net    40.000
  tax     2.000
  total  42.000
