# Fees that are paid afterwards: 15 days of one plan on the day of the change, 16 of the other at the end.
plan atelier in EUR, every month
charge base: flat 31.00; in arrears
plan studio in EUR, every month
charge base: flat 62.00; in arrears
customer in Europe/Paris from 2026-01-01 with atelier
on 2026-01-16: change to studio
until 2026-02-01

invoice 2026-01-16
  base  15.00     # 31.00 × 15/31
  net   15.00
  tax    3.00
  total 18.00
invoice 2026-02-01
  base  32.00     # 62.00 × 16/31
  net   32.00
  tax    6.40
  total 38.40
