# Ended after 31 + 14 = 45 of 90 days: half of what was committed is due.
plan voice in EUR, every month
with a commitment of 180.00 every 3 months
charge base: flat 28.00; in advance
charge calls: 0.50 each
customer in Europe/Paris from 2026-01-01
last day 2026-02-14
used calls 20 on 2026-01-20
used calls 16 on 2026-02-10
until 2026-04-01

invoice 2026-01-01
  base    28.00
  net     28.00
  tax      5.60
  total   33.60
invoice 2026-02-01
  calls   10.00     # 20 × 0.50
  base    14.00     # 28.00 × 14/28
  net     24.00
  tax      4.80
  total   28.80
invoice 2026-02-15
  calls    8.00     # 16 × 0.50
  true-up 30.00     # 180.00 × 45/90 = 90.00, less 28.00, 10.00, 14.00 and 8.00
  net     38.00
  tax      7.60
  total   45.60
