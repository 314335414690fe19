# Three months were agreed; on the larger plan they end when they would have.
plan atelier in EUR, every month
with a term of 3 months, then it ends
charge base: flat 30.00; in advance
plan studio in EUR, every month
with a term of 3 months, then it ends
charge base: flat 60.00; in advance
customer in Europe/Paris from 2026-01-01 with atelier
on 2026-02-01T00:00:00+01:00: change to studio
until 2026-06-01

invoice 2026-01-01
  base  30.00
  net   30.00
  tax    6.00
  total 36.00
invoice 2026-02-01
  base  60.00
  net   60.00
  tax   12.00
  total 72.00
invoice 2026-03-01
  base  60.00
  net   60.00
  tax   12.00
  total 72.00
