# A fifth off for ever: what is given back is four fifths, and so is what is charged.
plan team in EUR, every month
charge seats: 31.00 each; subscribed; in advance
customer in Europe/Paris from 2026-01-01
customer has 5 seats
at the start: redeem partner: 20% off
on 2026-01-16: 10 seats
until 2026-02-01

invoice 2026-01-01
  seats   155.00     # 5 × 31.00
  partner -31.00     # 155.00 × 20 %
  net     124.00
  tax      24.80
  total   148.80
credit note 2026-01-16 of 2026-01-01
  seats    64.00     # 124.00 × 16/31
  net      64.00
  tax      12.80
  total    76.80
invoice 2026-01-16
  seats   160.00     # 10 × 31.00 × 16/31
  partner -32.00     # 160.00 × 20 %
  net     128.00
  tax      25.60
  total   153.60
  to-pay   76.80     # 153.60 − 76.80
invoice 2026-02-01
  seats   310.00     # 10 × 31.00
  partner -62.00     # 310.00 × 20 %
  net     248.00
  tax      49.60
  total   297.60
