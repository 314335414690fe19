# The price depends on two things at once; a pair without a price of its own has the other one.
plan in EUR, every month
charge tokens: matrix by model/direction: big/input at 0.03, small/output at 0.001, other at 0.05
customer in UTC from 2026-01-01
used tokens 60 on 2026-01-10 for big/input
used tokens 40 on 2026-01-20 for big/input
used tokens 2500 on 2026-01-15 for small/output
used tokens 10 on 2026-01-15 for big/output
until 2026-02-01

invoice 2026-02-01
  tokens  6.00     # 100 × 0.03 + 2,500 × 0.001 + 10 × 0.05 = 3.00 + 2.50 + 0.50
  net     6.00
  tax     1.20
  total   7.20
