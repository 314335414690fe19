# Paused at nine, resumed at three: the day is paid once.
plan studio in EUR, every month
charge base: flat 31.00; in advance
customer in Europe/Paris from 2026-01-01
on 2026-01-11T09:00:00+01:00: pause
on 2026-01-11T15:00:00+01:00: resume
until 2026-02-01

invoice 2026-01-01
  base   31.00
  net    31.00
  tax     6.20
  total  37.20
credit note 2026-01-11 of 2026-01-01
  base   20.00     # 31.00 × 20/31: the 12th to the 31st
  net    20.00
  tax     4.00
  total  24.00
invoice 2026-01-11
  base   20.00     # the 12th to the 31st again
  net    20.00
  tax     4.00
  total  24.00
  to-pay  0.00     # 24.00 − 24.00
invoice 2026-02-01
  base   31.00
  net    31.00
  tax     6.20
  total  37.20
