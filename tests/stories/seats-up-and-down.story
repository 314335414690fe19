# Five seats, eight from the 16th, six from the 21st: the seats there were are given back, those there are charged.
plan team in EUR, every month
charge seats: 31.00 each; subscribed; in advance
customer in Europe/Paris from 2026-01-01
customer has 5 seats
on 2026-01-16: 8 seats
on 2026-01-21: 6 seats
until 2026-02-01

invoice 2026-01-01
  seats  155.00     # 5 × 31.00
  net    155.00
  tax     31.00
  total  186.00
credit note 2026-01-16 of 2026-01-01
  seats   80.00     # 5 × 31.00 × 16/31
  net     80.00
  tax     16.00
  total   96.00
invoice 2026-01-16
  seats  128.00     # 8 × 31.00 × 16/31
  net    128.00
  tax     25.60
  total  153.60
  to-pay  57.60     # 153.60 − 96.00
credit note 2026-01-21 of 2026-01-16
  seats   88.00     # 8 × 31.00 × 11/31
  net     88.00
  tax     17.60
  total  105.60
invoice 2026-01-21
  seats   66.00     # 6 × 31.00 × 11/31
  net     66.00
  tax     13.20
  total   79.20
  to-pay   0.00     # 105.60 − 79.20 = 26.40 are left
invoice 2026-02-01
  seats  186.00     # 6 × 31.00
  net    186.00
  tax     37.20
  total  223.20
  to-pay 196.80     # 223.20 − 26.40
