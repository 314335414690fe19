# Samoa had no 30 December 2011: of its 30 days the 29th and the 31st are the larger plan's.
plan atelier in EUR, every month
charge base: flat 30.00; in advance
charge pages: 0.10 each
plan studio in EUR, every month
charge base: flat 60.00; in advance
charge pages: 0.05 each
customer in Pacific/Apia from 2011-12-01 with atelier
on 2011-12-29: change to studio
used pages 100 on 2011-12-28
used pages 30 on 2011-12-29
used pages 20 on 2011-12-31
until 2012-01-01

invoice 2011-12-01
  base   30.00
  net    30.00
  tax     6.00
  total  36.00
credit note 2011-12-29 of 2011-12-01
  base    2.00     # 30.00 × 2/30
  net     2.00
  tax     0.40
  total   2.40
invoice 2011-12-29
  pages  10.00     # 100 × 0.10
  base    4.00     # 60.00 × 2/30
  net    14.00
  tax     2.80
  total  16.80
  to-pay 14.40     # 16.80 − 2.40
invoice 2012-01-01
  pages   2.50     # (30 + 20) × 0.05
  base   60.00
  net    62.50
  tax    12.50
  total  75.00
