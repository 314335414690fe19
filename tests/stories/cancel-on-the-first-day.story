# Begun and ended on one day: that day is paid.
plan studio in EUR, every month
charge base: flat 31.00; in advance
customer in Europe/Paris from 2026-01-01
on 2026-01-01: cancel now
until 2026-03-31

invoice 2026-01-01
  base  31.00
  net   31.00
  tax    6.20
  total 37.20
credit note 2026-01-01 of 2026-01-01
  base  30.00     # 31.00 × 30/31
  net   30.00
  tax    6.00
  total 36.00
