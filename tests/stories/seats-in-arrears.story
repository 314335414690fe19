# Seats that are paid afterwards need no credit note: five for 15 days, eight for 16, billed part by part.
plan team in EUR, every month
charge seats: 31.00 each; subscribed; in arrears
customer in Europe/Paris from 2026-01-01
customer has 5 seats
on 2026-01-16: 8 seats
until 2026-02-01

invoice 2026-01-16
  seats  75.00     # 5 × 31.00 × 15/31
  net    75.00
  tax    15.00
  total  90.00
invoice 2026-02-01
  seats 128.00     # 8 × 31.00 × 16/31
  net   128.00
  tax    25.60
  total 153.60
