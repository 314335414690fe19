# Seats planned for the end of the trial are there when it ends early.
plan in EUR, every month
with a trial of 14 days
charge seats: 10.00 each; subscribed; in advance
customer in Europe/Paris from 2026-01-01
customer has 3 seats
on 2026-01-05: 10 seats at period end
on 2026-01-10: convert the trial
until 2026-01-31

invoice 2026-01-10
  seats 100.00     # 10 × 10.00
  net   100.00
  tax    20.00
  total 120.00
