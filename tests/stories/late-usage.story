# Learnt after January was invoiced: it costs what it would have cost in January, on the next invoice.
plan studio in EUR, every month
charge base: flat 20.00; in advance
charge pages: graduated up to 100 at 0.20, above at 0.10
customer in Europe/Paris from 2026-01-01
used pages 90 on 2026-01-10
used pages 20 on 2026-01-30, known on 2026-02-03
used pages 50 on 2026-02-10
until 2026-03-01

invoice 2026-01-01
  base  20.00
  net   20.00
  tax    4.00
  total 24.00
invoice 2026-02-01
  pages 18.00     # 90 × 0.20
  base  20.00
  net   38.00
  tax    7.60
  total 45.60
invoice 2026-03-01
  pages 13.00     # January: 100 × 0.20 + 10 × 0.10 = 21.00, less 18.00; February: 50 × 0.20 = 10.00
  base  20.00
  net   33.00
  tax    6.60
  total 39.60
