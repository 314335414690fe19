# A fee that is never due in part is due once a month: more seats owe the difference, fewer owe nothing.
plan in EUR, every month
charge seats: 10.00 each; subscribed; in advance; never in part
customer in Europe/Paris from 2026-01-01
customer has 5 seats
on 2026-01-10: 6 seats
on 2026-01-20: 4 seats
until 2026-02-01

invoice 2026-01-01
  seats  50.00
  net    50.00
  tax    10.00
  total  60.00
invoice 2026-01-10
  seats  10.00     # 60.00 − 50.00
  net    10.00
  tax     2.00
  total  12.00
invoice 2026-02-01
  seats  40.00
  net    40.00
  tax     8.00
  total  48.00
