# Years count from 1 January, as the months did: on 11 March 31 + 28 + 10 = 69 of 365 days are over.
plan monthly in EUR, every month
charge base: flat 31.00; in advance
plan yearly in EUR, every year
charge base: flat 292.00; in advance
customer in Europe/Paris from 2026-01-01 with monthly
on 2026-03-11: change to yearly now
until 2027-01-01

invoice 2026-01-01
  base    31.00
  net     31.00
  tax      6.20
  total   37.20
invoice 2026-02-01
  base    31.00
  net     31.00
  tax      6.20
  total   37.20
invoice 2026-03-01
  base    31.00
  net     31.00
  tax      6.20
  total   37.20
credit note 2026-03-11 of 2026-03-01
  base    21.00     # 31.00 × 21/31
  net     21.00
  tax      4.20
  total   25.20
invoice 2026-03-11
  base   236.80     # 292.00 × 296/365 = 0.80 × 296
  net    236.80
  tax     47.36
  total  284.16
  to-pay 258.96     # 284.16 − 25.20
invoice 2027-01-01
  base   292.00
  net    292.00
  tax     58.40
  total  350.40
