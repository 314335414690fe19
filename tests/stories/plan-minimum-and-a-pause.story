# The days of a pause commit to nothing: 11 days before and 11 after it. Its usage counts.
plan voice in EUR, every month
with a minimum of 62.00
charge base: flat 31.00; in advance
charge calls: 0.50 each
customer in Europe/Paris from 2026-01-01
on 2026-01-11: pause
on 2026-01-21: resume
used calls 10 on 2026-01-15
until 2026-02-01

invoice 2026-01-01
  base    31.00
  net     31.00
  tax      6.20
  total   37.20
credit note 2026-01-11 of 2026-01-01
  base    20.00     # 31.00 × 20/31
  net     20.00
  tax      4.00
  total   24.00
invoice 2026-01-21
  base    11.00     # 31.00 × 11/31
  net     11.00
  tax      2.20
  total   13.20
  to-pay   0.00     # 24.00 − 13.20 = 10.80 are left
invoice 2026-02-01
  calls    5.00     # 10 × 0.50
  minimum 17.00     # 62.00 × 22/31 = 44.00, less 11.00, 11.00 and 5.00
  base    31.00
  net     53.00
  tax     10.60
  total   63.60
  to-pay  52.80     # 63.60 − 10.80
