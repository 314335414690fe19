# Ended at nine, begun anew at three: the day is the new beginning's, so the old one gives one day more back.
plan studio in EUR, every month
charge base: flat 31.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
on 2026-01-10T09:00:00+01:00: cancel now
on 2026-01-10T15:00:00+01:00: reactivate
used pages 50 on 2026-01-09
used pages 20 on 2026-01-10
until 2026-02-10

invoice 2026-01-01
  base   31.00
  net    31.00
  tax     6.20
  total  37.20
credit note 2026-01-10 of 2026-01-01
  base   21.00     # 31.00 × 21/31: the 11th to the 31st
  net    21.00
  tax     4.20
  total  25.20
credit note 2026-01-10 of 2026-01-01
  base    1.00     # 31.00 × 1/31: the 10th
  net     1.00
  tax     0.20
  total   1.20
invoice 2026-01-10
  pages   5.00     # 50 × 0.10
  base   31.00
  net    36.00
  tax     7.20
  total  43.20
  to-pay 16.80     # 43.20 − 25.20 − 1.20
invoice 2026-02-10
  pages   2.00     # 20 × 0.10
  base   31.00
  net    33.00
  tax     6.60
  total  39.60
