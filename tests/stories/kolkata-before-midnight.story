# One second before midnight in Kolkata (18:30 UTC) it is still 31 January: that day is paid.
plan in INR, every month, from the first
charge base: flat 3100.00; in advance
customer in Asia/Kolkata from 2026-01-31T18:29:59Z
tax 18
until 2026-02-01

invoice 2026-01-31
  base   100.00    # 3,100.00 − 3,100.00 × 30/31
  net    100.00
  tax     18.00
  total  118.00
invoice 2026-02-01
  base  3100.00
  net   3100.00
  tax    558.00
  total 3658.00
