# What is learnt late of a quarter was committed anyway: it is charged, and the true-up gives as much back.
plan voice in EUR, every 3 months
with a commitment of 200.00
charge base: flat 30.00; in advance
charge calls: 0.50 each
customer in Europe/Paris from 2026-01-01
used calls 240 on 2026-02-20
used calls 20 on 2026-03-20, known on 2026-04-10
used calls 400 on 2026-05-20
until 2026-07-01

invoice 2026-01-01
  base     30.00
  net      30.00
  tax       6.00
  total    36.00
invoice 2026-04-01
  calls   120.00     # 240 × 0.50
  true-up  50.00     # 200.00 − 30.00 − 120.00
  base     30.00
  net     200.00
  tax      40.00
  total   240.00
credit note 2026-05-10 of 2026-04-01
  true-up  10.00
  net      10.00
  tax       2.00
  total    12.00
invoice 2026-05-10
  calls    10.00     # 20 × 0.50, thirty days after it was learnt
  net      10.00
  tax       2.00
  total    12.00
  to-pay    0.00     # 12.00 − 12.00
invoice 2026-07-01
  calls   200.00     # 400 × 0.50
  base     30.00
  net     230.00
  tax      46.00
  total   276.00
