# Each plan has its own days, and its own maximum for them.
plan voice in EUR, every month
with a maximum of 62.00
charge base: flat 31.00; in advance
charge calls: 0.50 each
plan contact in EUR, every month
with a maximum of 124.00
charge base: flat 62.00; in advance
charge calls: 0.50 each
customer in Europe/Paris from 2026-01-01 with voice
on 2026-01-16: change to contact
used calls 100 on 2026-01-10
used calls 100 on 2026-01-20
until 2026-02-01

invoice 2026-01-01
  base    31.00
  net     31.00
  tax      6.20
  total   37.20
credit note 2026-01-16 of 2026-01-01
  base    16.00     # 31.00 × 16/31
  net     16.00
  tax      3.20
  total   19.20
invoice 2026-01-16
  calls   15.00     # 100 × 0.50 = 50.00, cut to 62.00 × 15/31 = 30.00 less 15.00 of the fee
  base    32.00     # 62.00 × 16/31
  net     47.00
  tax      9.40
  total   56.40
  to-pay  37.20     # 56.40 − 19.20
invoice 2026-02-01
  calls   32.00     # 100 × 0.50 = 50.00, cut to 124.00 × 16/31 = 64.00 less 32.00 of the fee
  base    62.00
  net     94.00
  tax     18.80
  total  112.80
