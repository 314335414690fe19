# Paris, 29 March 2026: at two it is three, and March has 743 hours. Then 28 × 24 + 2 = 674 are over, 69 are left.
plan small in EUR, every month
charge server: flat 743.00; in advance; by second
plan large in EUR, every month
charge server: flat 1486.00; in advance; by second
customer in Europe/Paris from 2026-03-01 with small
on 2026-03-29T03:00:00+02:00: change to large
until 2026-04-01

invoice 2026-03-01
  server  743.00
  net     743.00
  tax     148.60
  total   891.60
credit note 2026-03-29 of 2026-03-01
  server   69.00     # 743.00 × 69/743
  net      69.00
  tax      13.80
  total    82.80
invoice 2026-03-29
  server  138.00     # 1486.00 × 69/743
  net     138.00
  tax      27.60
  total   165.60
  to-pay   82.80     # 165.60 − 82.80
invoice 2026-04-01
  server 1486.00
  net    1486.00
  tax     297.20
  total  1783.20
