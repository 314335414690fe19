# The month is used up, the year is not: 334 of 365 days are given back.
plan studio in EUR, every month
charge base: flat 20.00; in advance
charge licence: flat 365.00; in advance; every year
customer in Europe/Paris from 2026-01-01
on 2026-01-31: cancel now
until 2026-12-31

invoice 2026-01-01
  base     20.00
  licence 365.00
  net     385.00
  tax      77.00
  total   462.00
credit note 2026-01-31 of 2026-01-01
  licence 334.00     # 365.00 × 334/365
  net     334.00
  tax      66.80
  total   400.80
