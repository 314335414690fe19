# Two per cent of the first thousand, one per cent of what goes beyond.
plan in EUR, every month
charge sales: percent up to 1000 at 2, above at 1
customer in UTC from 2026-01-01
paid sales 600.00 900.00 on 2026-01-15
until 2026-02-01

invoice 2026-02-01
  sales  25.00     # 1,000 × 2 % + 500 × 1 % = 20 + 5
  net    25.00
  tax     5.00
  total  30.00
