# Nothing comes to set it off against: the credit note comes by itself, thirty days after it was learnt.
plan studio in EUR, every month
charge base: flat 20.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
last day 2026-01-31
used pages 100 on 2026-01-10
used pages -30 on 2026-01-10, known on 2026-02-10
until 2026-04-01

invoice 2026-01-01
  base  20.00
  net   20.00
  tax    4.00
  total 24.00
invoice 2026-02-01
  pages 10.00     # 100 × 0.10
  net   10.00
  tax    2.00
  total 12.00
credit note 2026-03-12 of 2026-02-01
  pages  3.00     # 30 × 0.10
  net    3.00
  tax    0.60
  total  3.60
