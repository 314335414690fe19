# 1,200 units a year, drawn by monthly invoices: they last until March, and the next year has its own.
plan in EUR, every month
charge docs: 0.10 each; 1200 included every year
customer in Europe/Paris from 2026-01-15
used docs 500 on 2026-01-20
used docs 600 on 2026-02-20
used docs 250 on 2026-03-20
used docs 40 on 2026-04-20
used docs 300 on 2027-01-14
used docs 300 on 2027-01-15
until 2027-02-15

invoice 2026-02-15
  net     0.00     # 700 are left
  tax     0.00
  total   0.00
invoice 2026-03-15
  net     0.00     # 100 are left
  tax     0.00
  total   0.00
invoice 2026-04-15
  docs   15.00     # 250 − 100 = 150 × 0.10
  net    15.00
  tax     3.00
  total  18.00
invoice 2026-05-15
  docs    4.00     # 40 × 0.10: nothing is left
  net     4.00
  tax     0.80
  total   4.80
invoice 2026-06-15
  net     0.00
  tax     0.00
  total   0.00
invoice 2026-07-15
  net     0.00
  tax     0.00
  total   0.00
invoice 2026-08-15
  net     0.00
  tax     0.00
  total   0.00
invoice 2026-09-15
  net     0.00
  tax     0.00
  total   0.00
invoice 2026-10-15
  net     0.00
  tax     0.00
  total   0.00
invoice 2026-11-15
  net     0.00
  tax     0.00
  total   0.00
invoice 2026-12-15
  net     0.00
  tax     0.00
  total   0.00
invoice 2027-01-15
  docs   30.00     # 300 × 0.10: 14 January is the last day of the first year
  net    30.00
  tax     6.00
  total  36.00
invoice 2027-02-15
  net     0.00     # 300 of the new 1,200
  tax     0.00
  total   0.00
