# What is learnt a day before has no invoice of its own: April's follows within thirty days.
plan in EUR, every month
charge pages: 0.10 each
charge base: flat 20.00; in advance
customer in Europe/Paris from 2026-01-01
used pages 100 on 2026-01-10
used pages -30 on 2026-01-10, known on 2026-02-10
used pages 30 on 2026-01-10, known on 2026-03-10
until 2026-04-01

invoice 2026-01-01
  base   20.00
  net    20.00
  tax     4.00
  total  24.00
invoice 2026-02-01
  pages  10.00
  base   20.00
  net    30.00
  tax     6.00
  total  36.00
credit note 2026-03-01 of 2026-02-01
  pages   3.00     # 30 × 0.10
  net     3.00
  tax     0.60
  total   3.60
invoice 2026-03-01
  base   20.00
  net    20.00
  tax     4.00
  total  24.00
  to-pay 20.40     # less the 3.60
invoice 2026-04-01
  pages   3.00
  base   20.00
  net    23.00
  tax     4.60
  total  27.60
