# Late calls are charged up to the maximum of their own month; those that come even later are free.
plan voice in EUR, every month
with a maximum of 100.00
charge base: flat 40.00; in advance
charge calls: 0.50 each
customer in Europe/Paris from 2026-01-01
used calls 100 on 2026-01-20
used calls 60 on 2026-01-30, known on 2026-02-10
used calls 10 on 2026-01-31, known on 2026-03-10
used calls 20 on 2026-02-20
until 2026-04-01

invoice 2026-01-01
  base   40.00
  net    40.00
  tax     8.00
  total  48.00
invoice 2026-02-01
  calls  50.00     # 100 × 0.50
  base   40.00
  net    90.00
  tax    18.00
  total 108.00
invoice 2026-03-01
  calls  20.00     # January: 160 × 0.50 = 80.00, cut to 60.00, less 50.00; February: 20 × 0.50 = 10.00
  base   40.00
  net    60.00
  tax    12.00
  total  72.00
invoice 2026-04-01
  base   40.00
  net    40.00
  tax     8.00
  total  48.00
