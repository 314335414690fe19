# Up and back within an hour: the tiers of the month are not cut.
plan atelier in EUR, every month
charge docs: graduated up to 100 at 0.10, above at 0.01
plan studio in EUR, every month
charge base: flat 62.00
charge docs: graduated up to 100 at 0.20, above at 0.02
customer in Europe/Paris from 2026-01-01 with atelier
on 2026-01-15T12:00:00+01:00: change to studio now
on 2026-01-15T13:00:00+01:00: change to atelier now
used docs 150 on 2026-01-10
used docs 160 on 2026-01-20
until 2026-02-01

invoice 2026-01-15   # atelier ended
  docs   10.50     # 100 × 0.10 + 50 × 0.01
  net    10.50
  tax     2.10
  total  12.60
credit note 2026-01-15 of 2026-01-15   # it goes on as if nothing had been
  docs   10.50
  net    10.50
  tax     2.10
  total  12.60
invoice 2026-02-01
  docs   12.10     # 100 × 0.10 + 210 × 0.01, not cut in two
  net    12.10
  tax     2.42
  total  14.52
  to-pay  1.92     # 14.52 − 12.60
