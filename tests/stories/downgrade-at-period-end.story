# A smaller plan waits for the end of the month that is paid.
plan studio in EUR, every month
charge base: flat 60.00; in advance
charge pages: 0.10 each
plan atelier in EUR, every month
charge base: flat 30.00; in advance
charge pages: 0.20 each
customer in Europe/Paris from 2026-01-01 with studio
on 2026-01-15: change to atelier
used pages 100 on 2026-01-31
used pages 100 on 2026-02-01
until 2026-03-01

invoice 2026-01-01
  base  60.00
  net   60.00
  tax   12.00
  total 72.00
invoice 2026-02-01
  pages 10.00     # 100 × 0.10
  base  30.00
  net   40.00
  tax    8.00
  total 48.00
invoice 2026-03-01
  pages 20.00     # 100 × 0.20
  base  30.00
  net   50.00
  tax   10.00
  total 60.00
