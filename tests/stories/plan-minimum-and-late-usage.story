# A minimum was missed and paid; late usage of that month counts to it: it is charged, the minimum given back.
plan voice in EUR, every month
with a minimum of 60.00
charge base: flat 20.00; in advance
charge calls: 0.50 each
customer in Europe/Paris from 2026-01-01
used calls 20 on 2026-01-20
used calls 30 on 2026-01-30, known on 2026-02-10
used calls 100 on 2026-02-20
until 2026-03-01

invoice 2026-01-01
  base     20.00
  net      20.00
  tax       4.00
  total    24.00
invoice 2026-02-01
  calls    10.00     # 20 × 0.50
  base     20.00
  minimum  30.00     # 60.00 − 20.00 − 10.00
  net      60.00
  tax      12.00
  total    72.00
credit note 2026-03-01 of 2026-02-01
  minimum  15.00     # 60.00 − 20.00 − 25.00 = 15.00 are still missing of 30.00
  net      15.00
  tax       3.00
  total    18.00
invoice 2026-03-01
  calls    65.00     # 30 × 0.50 of January, 100 × 0.50 of February
  base     20.00
  net      85.00
  tax      17.00
  total   102.00
  to-pay   84.00     # 102.00 − 18.00
