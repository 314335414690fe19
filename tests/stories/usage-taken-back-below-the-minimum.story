# Calls taken back bring January below its minimum: what is given back of them is partly owed as minimum.
plan voice in EUR, every month
with a minimum of 60.00
charge base: flat 20.00; in advance
charge calls: 0.50 each
customer in Europe/Paris from 2026-01-01
used calls 100 on 2026-01-20
used calls -40 on 2026-01-20, known on 2026-02-10
used calls 100 on 2026-02-20
until 2026-03-01

invoice 2026-01-01
  base    20.00
  net     20.00
  tax      4.00
  total   24.00
invoice 2026-02-01
  calls   50.00     # 100 × 0.50
  base    20.00
  net     70.00
  tax     14.00
  total   84.00
credit note 2026-03-01 of 2026-02-01
  calls   20.00     # 40 × 0.50
  net     20.00
  tax      4.00
  total   24.00
invoice 2026-03-01
  calls   50.00     # 100 × 0.50
  minimum 10.00     # of January: 60.00 − 20.00 − 30.00
  base    20.00
  net     80.00
  tax     16.00
  total   96.00
  to-pay  72.00     # 96.00 − 24.00
