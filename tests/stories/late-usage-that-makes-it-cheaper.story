# All pages cost the price of the tier they reach: twenty more make January cheaper, and the difference is given back.
plan studio in EUR, every month
charge pages: volume up to 100 at 0.20, above at 0.10
charge base: flat 20.00; in advance
customer in Europe/Paris from 2026-01-01
used pages 90 on 2026-01-10
used pages 20 on 2026-01-30, known on 2026-02-10
until 2026-03-01

invoice 2026-01-01
  base   20.00
  net    20.00
  tax     4.00
  total  24.00
invoice 2026-02-01
  pages  18.00     # 90 × 0.20
  base   20.00
  net    38.00
  tax     7.60
  total  45.60
credit note 2026-03-01 of 2026-02-01
  pages   7.00     # 18.00 − 110 × 0.10
  net     7.00
  tax     1.40
  total   8.40
invoice 2026-03-01
  base   20.00
  net    20.00
  tax     4.00
  total  24.00
  to-pay 15.60     # 24.00 − 8.40
