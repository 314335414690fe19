# A seasonal trade: 100 units are included in a month, 900 in July and in August. From 16 June: 15 of 30 days.
plan in EUR, every month, from the first
charge docs: 0.10 each; 100 included; 900 in July, August
customer in Europe/Paris from 2026-06-16
used docs 80 on 2026-06-20
used docs 950 on 2026-07-31
used docs 700 on 2026-08-31
used docs 700 on 2026-09-01
until 2026-10-01

invoice 2026-07-01
  docs    3.00     # 100 − 100 × 15/30 = 50 are included: 30 × 0.10
  net     3.00
  tax     0.60
  total   3.60
invoice 2026-08-01
  docs    5.00     # 950 − 900 = 50 × 0.10
  net     5.00
  tax     1.00
  total   6.00
invoice 2026-09-01
  net     0.00     # 700 of 900; the other 200 are lost
  tax     0.00
  total   0.00
invoice 2026-10-01
  docs   60.00     # 700 − 100 = 600 × 0.10
  net    60.00
  tax    12.00
  total  72.00
