# Never more than 100.00 a month: the fee of 40.00 leaves 60.00 for calls.
plan voice in EUR, every month
with a maximum of 100.00
charge base: flat 40.00; in advance
charge calls: 0.50 each
customer in Europe/Paris from 2026-01-01
used calls 200 on 2026-01-20
used calls 60 on 2026-02-20
until 2026-03-01

invoice 2026-01-01
  base   40.00
  net    40.00
  tax     8.00
  total  48.00
invoice 2026-02-01
  calls  60.00     # 200 × 0.50 = 100.00, cut to 100.00 − 40.00
  base   40.00
  net   100.00
  tax    20.00
  total 120.00
invoice 2026-03-01
  calls  30.00     # 60 × 0.50
  base   40.00
  net    70.00
  tax    14.00
  total  84.00
