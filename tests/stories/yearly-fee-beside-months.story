# A fee for a year, paid when the year begins, beside usage that is billed every month.
plan in EUR, every month
charge licence: flat 1200.00; in advance; every year
charge docs: 0.10 each
customer in Europe/Paris from 2026-01-31
used docs 50 on 2026-02-27
used docs 70 on 2026-02-28
until 2026-03-31

invoice 2026-01-31
  licence 1200.00
  net     1200.00
  tax      240.00
  total   1440.00
invoice 2026-02-28
  docs       5.00  # 31 January to 27 February: 50 × 0.10
  net        5.00
  tax        1.00
  total      6.00
invoice 2026-03-31
  docs       7.00  # 28 February to 30 March: 70 × 0.10
  net        7.00
  tax        1.40
  total      8.40
