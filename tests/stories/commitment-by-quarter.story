# At least 200.00 a quarter: 50.00 are missing of the first, the second reaches it.
plan voice in EUR, every month
with a commitment of 200.00 every 3 months
charge base: flat 10.00; in advance
charge calls: 0.50 each
customer in Europe/Paris from 2026-01-01
used calls 60 on 2026-01-20
used calls 80 on 2026-02-20
used calls 100 on 2026-03-20
used calls 400 on 2026-04-20
until 2026-07-01

invoice 2026-01-01
  base     10.00
  net      10.00
  tax       2.00
  total    12.00
invoice 2026-02-01
  calls    30.00     # 60 × 0.50
  base     10.00
  net      40.00
  tax       8.00
  total    48.00
invoice 2026-03-01
  calls    40.00     # 80 × 0.50
  base     10.00
  net      50.00
  tax      10.00
  total    60.00
invoice 2026-04-01
  calls    50.00     # 100 × 0.50
  true-up  50.00     # 200.00 − 3 × 10.00 − 30.00 − 40.00 − 50.00
  base     10.00
  net     110.00
  tax      22.00
  total   132.00
invoice 2026-05-01
  calls   200.00     # 400 × 0.50
  base     10.00
  net     210.00
  tax      42.00
  total   252.00
invoice 2026-06-01
  base     10.00
  net      10.00
  tax       2.00
  total    12.00
invoice 2026-07-01
  base     10.00     # 3 × 10.00 + 200.00 are more than 200.00
  net      10.00
  tax       2.00
  total    12.00
