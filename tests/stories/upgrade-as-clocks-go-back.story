# Paris, 25 October 2026: October has 745 hours. At the second half past two 24 × 24 + 3.5 = 579.5 are over.
plan small in EUR, every month
charge server: flat 745.00; in advance; by second
plan large in EUR, every month
charge server: flat 1490.00; in advance; by second
customer in Europe/Paris from 2026-10-01 with small
on 2026-10-25T02:30:00+01:00: change to large
until 2026-11-01

invoice 2026-10-01
  server  745.00
  net     745.00
  tax     149.00
  total   894.00
credit note 2026-10-25 of 2026-10-01
  server  165.50     # 745 − 579.5 = 165.5 hours at 1.00
  net     165.50
  tax      33.10
  total   198.60
invoice 2026-10-25
  server  331.00     # 165.5 hours at 2.00
  net     331.00
  tax      66.20
  total   397.20
  to-pay  198.60     # 397.20 − 198.60
invoice 2026-11-01
  server 1490.00
  net    1490.00
  tax     298.00
  total  1788.00
