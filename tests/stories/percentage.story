# A share of each payment and a fixed fee for it; only the line is rounded.
plan in EUR, every month
charge payments: 1.4% of payments plus 0.25 each
customer in UTC from 2026-01-01
paid payments 19.90 250.00 on 2026-01-15
until 2026-02-01

invoice 2026-02-01
  payments 4.28    # 269.90 × 1.4 % = 3.7786; 2 × 0.25 = 0.50; together 4.2786
  net      4.28
  tax      0.86    # 0.856
  total    5.14
