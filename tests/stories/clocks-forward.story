# Paris, 29 March 2026: the day has 23 hours, so March has 31 × 24 − 1 = 743. Days are days all the same.
plan in EUR, every month, from the first
charge hours: flat 743.00; in advance; by second
charge days: flat 31.00; in advance; by day
customer in Europe/Paris from 2026-03-29T00:00:00+01:00
until 2026-03-31

invoice 2026-03-29
  hours  71.00     # 28 days of 24 hours are over: 743 − 672 = 71 of 743 hours, at 1.00
  days    3.00     # the 29th, 30th and 31st: 3 of 31 days, at 1.00
  net    74.00
  tax    14.80
  total  88.80
