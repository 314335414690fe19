# Paris, 25 October 2026: the day has 25 hours, so October has 31 × 24 + 1 = 745. Days are days all the same.
plan in EUR, every month, from the first
charge hours: flat 745.00; in advance; by second
charge days: flat 31.00; in advance; by day
customer in Europe/Paris from 2026-10-25T00:00:00+02:00
until 2026-10-31

invoice 2026-10-25
  hours 169.00     # 25 hours, then six days of 24: 25 + 144 = 169 of 745 hours, at 1.00
  days    7.00     # the 25th to the 31st: 7 of 31 days, at 1.00
  net   176.00
  tax    35.20
  total 211.20
