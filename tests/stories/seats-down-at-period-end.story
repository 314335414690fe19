# Two seats fewer when the month that is paid is over.
plan team in EUR, every month
charge seats: 20.00 each; subscribed; in advance
customer in Europe/Paris from 2026-01-01
customer has 5 seats
on 2026-01-20: 3 seats at period end
until 2026-02-01

invoice 2026-01-01
  seats 100.00     # 5 × 20.00
  net   100.00
  tax    20.00
  total 120.00
invoice 2026-02-01
  seats  60.00     # 3 × 20.00
  net    60.00
  tax    12.00
  total  72.00
