# The month was invoiced at midnight and is given back whole at noon: the day of the change is the new plan's.
plan atelier in EUR, every month
charge base: flat 30.00; in advance
charge pages: 0.20 each
plan studio in EUR, every month
charge base: flat 60.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01 with atelier
on 2026-02-01: change to studio
used pages 100 on 2026-01-31
used pages 100 on 2026-02-01
until 2026-03-01

invoice 2026-01-01
  base   30.00
  net    30.00
  tax     6.00
  total  36.00
invoice 2026-02-01
  pages  20.00     # 100 × 0.20
  base   30.00
  net    50.00
  tax    10.00
  total  60.00
credit note 2026-02-01 of 2026-02-01
  base   30.00
  net    30.00
  tax     6.00
  total  36.00
invoice 2026-02-01
  base   60.00
  net    60.00
  tax    12.00
  total  72.00
  to-pay 36.00     # 72.00 − 36.00
invoice 2026-03-01
  pages  10.00     # 100 × 0.10
  base   60.00
  net    70.00
  tax    14.00
  total  84.00
