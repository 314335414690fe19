# Never in part, billed at the end: six seats of the month are owed once, though five were had first.
plan in EUR, every month
with a minimum of 70.00
charge seats: 10.00 each; subscribed; never in part
customer in Europe/Paris from 2026-01-01
customer has 5 seats
on 2026-01-10: 6 seats
until 2026-02-01

invoice 2026-01-10
  seats  50.00
  net    50.00
  tax    10.00
  total  60.00
invoice 2026-02-01
  seats   10.00    # 60.00 − 50.00
  minimum 10.00    # 70.00 − 60.00
  net     20.00
  tax      4.00
  total   24.00
