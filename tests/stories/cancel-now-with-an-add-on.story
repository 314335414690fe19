# Two invoices are concerned: each gets a credit note of its own.
plan studio in EUR, every month
charge base: flat 31.00; in advance
add-on space
charge storage: flat 62.00; in advance
customer in Europe/Paris from 2026-01-01 with studio
on 2026-01-11: add space
on 2026-01-21: cancel now
until 2026-03-31

invoice 2026-01-01
  base    31.00
  net     31.00
  tax      6.20
  total   37.20
invoice 2026-01-11
  storage 42.00     # 62.00 × 21/31
  net     42.00
  tax      8.40
  total   50.40
credit note 2026-01-21 of 2026-01-01
  base    10.00     # 31.00 × 10/31
  net     10.00
  tax      2.00
  total   12.00
credit note 2026-01-21 of 2026-01-11
  storage 20.00     # 62.00 × 10/31
  net     20.00
  tax      4.00
  total   24.00
