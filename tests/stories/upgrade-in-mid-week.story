# Weeks begin on Monday, 5 January 2026; from Thursday on four of seven days are left.
plan small in EUR, every week, from the first
charge base: flat 7.00; in advance
plan large in EUR, every week, from the first
charge base: flat 14.00; in advance
customer in Europe/Paris from 2026-01-05 with small
on 2026-01-08: change to large
until 2026-01-12

invoice 2026-01-05
  base    7.00
  net     7.00
  tax     1.40
  total   8.40
credit note 2026-01-08 of 2026-01-05
  base    4.00     # 7.00 × 4/7
  net     4.00
  tax     0.80
  total   4.80
invoice 2026-01-08
  base    8.00     # 14.00 × 4/7
  net     8.00
  tax     1.60
  total   9.60
  to-pay  4.80     # 9.60 − 4.80
invoice 2026-01-12
  base   14.00
  net    14.00
  tax     2.80
  total  16.80
