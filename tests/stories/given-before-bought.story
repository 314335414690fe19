# First the discount, then the gift, both before tax; what was bought pays the rest, tax included.
plan studio in EUR, every month
charge base: flat 50.00; in advance
customer in Europe/Paris from 2026-01-01
at the start: buy pack: 60.00 of credit
at the start: give gift: 10.00 of credit
at the start: redeem spring: 20% off, 1 time
until 2026-02-01

invoice 2026-01-01
  base    50.00
  spring -10.00     # 50.00 × 20 %
  gift   -10.00
  net     30.00
  tax      6.00
  total   36.00
  to-pay   0.00     # 60.00 − 36.00 = 24.00 are left
invoice 2026-02-01
  base    50.00
  net     50.00
  tax     10.00
  total   60.00
  to-pay  36.00     # 60.00 − 24.00
