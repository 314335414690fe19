# On 1 February: five seats at midnight, eight at nine, five again at three.
plan team in EUR, every month
charge seats: 10.00 each; subscribed; in advance
customer in Europe/Paris from 2026-01-01
customer has 5 seats
on 2026-02-01T09:00:00+01:00: 8 seats
on 2026-02-01T15:00:00+01:00: 5 seats
until 2026-03-01

invoice 2026-01-01
  seats  50.00
  net    50.00
  tax    10.00
  total  60.00
invoice 2026-02-01
  seats  50.00
  net    50.00
  tax    10.00
  total  60.00
credit note 2026-02-01 of 2026-02-01
  seats  50.00
  net    50.00
  tax    10.00
  total  60.00
invoice 2026-02-01
  seats  80.00
  net    80.00
  tax    16.00
  total  96.00
  to-pay 36.00     # 96.00 − 60.00
credit note 2026-02-01 of 2026-02-01
  seats  80.00
  net    80.00
  tax    16.00
  total  96.00
invoice 2026-02-01
  seats  50.00
  net    50.00
  tax    10.00
  total  60.00
  to-pay  0.00     # 96.00 − 60.00 = 36.00 are left
invoice 2026-03-01
  seats  50.00
  net    50.00
  tax    10.00
  total  60.00
  to-pay 24.00     # 60.00 − 36.00
