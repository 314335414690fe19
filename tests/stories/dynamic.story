# What each event cost, and ten per cent for handling it.
plan in EUR, every month
charge calls: 110% of what events cost
customer in UTC from 2026-01-01
paid calls 12.34 5.66 on 2026-01-15
until 2026-02-01

invoice 2026-02-01
  calls  19.80     # 18.00 × 110 %
  net    19.80
  tax     3.96
  total  23.76
