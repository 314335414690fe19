# 15.50 were a gift: what is given back is a part of the other 15.50.
plan studio in EUR, every month
charge base: flat 31.00; in advance
customer in Europe/Paris from 2026-01-01
at the start: give gift: 15.50 of credit
on 2026-01-10: cancel now
until 2026-03-31

invoice 2026-01-01
  base   31.00
  gift  -15.50
  net    15.50
  tax     3.10
  total  18.60
credit note 2026-01-10 of 2026-01-01
  base   10.50     # 15.50 × 21/31
  net    10.50
  tax     2.10
  total  12.60
