# What was planned for after the trial stays when the trial is extended.
plan studio in EUR, every month
with a trial of 14 days
charge base: flat 62.00; in advance
plan atelier in EUR, every month
with a trial of 14 days
charge base: flat 31.00; in advance
customer in Europe/Paris from 2026-01-01 with studio
on 2026-01-05: change to atelier
on 2026-01-10: extend the trial by 7 days
until 2026-01-31

invoice 2026-01-22   # the 14th would have been the last day; seven more
  base   31.00
  net    31.00
  tax     6.20
  total  37.20
