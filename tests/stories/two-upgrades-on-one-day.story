# At nine the second plan, at three the third: the day is the third's, and the second is given back whole.
plan atelier in EUR, every month
charge base: flat 31.00; in advance
charge pages: 0.30 each
plan studio in EUR, every month
charge base: flat 62.00; in advance
charge pages: 0.20 each
plan agency in EUR, every month
charge base: flat 124.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01 with atelier
on 2026-01-16T09:00:00+01:00: change to studio
on 2026-01-16T15:00:00+01:00: change to agency
used pages 100 on 2026-01-15
used pages 100 on 2026-01-16
until 2026-02-01

invoice 2026-01-01
  base    31.00
  net     31.00
  tax      6.20
  total   37.20
credit note 2026-01-16 of 2026-01-01
  base    16.00     # 31.00 × 16/31
  net     16.00
  tax      3.20
  total   19.20
invoice 2026-01-16
  pages   30.00     # 100 × 0.30
  base    32.00     # 62.00 × 16/31
  net     62.00
  tax     12.40
  total   74.40
  to-pay  55.20     # 74.40 − 19.20
credit note 2026-01-16 of 2026-01-16
  base    32.00
  net     32.00
  tax      6.40
  total   38.40
invoice 2026-01-16
  base    64.00     # 124.00 × 16/31
  net     64.00
  tax     12.80
  total   76.80
  to-pay  38.40     # 76.80 − 38.40
invoice 2026-02-01
  pages   10.00     # 100 × 0.10
  base   124.00
  net    134.00
  tax     26.80
  total  160.80
