# A trial is counted from the first subscription: of 14 days, begun anew on the 12th, three are left.
plan in EUR, every month
with a trial of 14 days
charge base: flat 31.00; in advance
customer in Europe/Paris from 2026-01-01
on 2026-01-10: cancel now
on 2026-01-12: reactivate
until 2026-01-31

invoice 2026-01-15
  base   31.00
  net    31.00
  tax     6.20
  total  37.20
