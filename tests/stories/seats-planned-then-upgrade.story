# Three seats from February are planned, then the plan changes on the 25th: the plan of seats stays.
plan atelier in EUR, every month
charge seats: 31.00 each; subscribed; in advance
plan studio in EUR, every month
charge seats: 62.00 each; subscribed; in advance
customer in Europe/Paris from 2026-01-01 with atelier
customer has 5 seats
on 2026-01-20: 3 seats at period end
on 2026-01-25: change to studio
until 2026-02-01

invoice 2026-01-01
  seats  155.00     # 5 × 31.00
  net    155.00
  tax     31.00
  total  186.00
credit note 2026-01-25 of 2026-01-01
  seats   35.00     # 5 × 31.00 × 7/31
  net     35.00
  tax      7.00
  total   42.00
invoice 2026-01-25
  seats   70.00     # 5 × 62.00 × 7/31
  net     70.00
  tax     14.00
  total   84.00
  to-pay  42.00     # 84.00 − 42.00
invoice 2026-02-01
  seats  186.00     # 3 × 62.00
  net    186.00
  tax     37.20
  total  223.20
