# At least 60.00 a month, fee and usage together: 14 of 28 days at first, then missed in March, reached in April.
plan voice in EUR, every month, from the first
with a minimum of 60.00
charge base: flat 20.00; in advance
charge calls: 0.50 each
customer in Europe/Paris from 2026-02-15
used calls 10 on 2026-02-20
used calls 20 on 2026-03-20
used calls 100 on 2026-04-20
until 2026-05-01

invoice 2026-02-15
  base    10.00     # 20.00 × 14/28
  net     10.00
  tax      2.00
  total   12.00
invoice 2026-03-01
  calls    5.00     # 10 × 0.50
  base    20.00
  minimum 15.00     # 60.00 × 14/28 = 30.00, less 10.00 and 5.00
  net     40.00
  tax      8.00
  total   48.00
invoice 2026-04-01
  calls   10.00     # 20 × 0.50
  base    20.00
  minimum 30.00     # 60.00 − 20.00 − 10.00
  net     60.00
  tax     12.00
  total   72.00
invoice 2026-05-01
  calls   50.00     # 100 × 0.50; 20.00 + 50.00 are more than 60.00
  base    20.00
  net     70.00
  tax     14.00
  total   84.00
