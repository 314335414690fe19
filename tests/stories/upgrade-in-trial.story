# The trial goes on with the larger plan: it ends when it would have ended.
plan atelier in EUR, every month
with a trial of 14 days
charge base: flat 31.00; in advance
plan studio in EUR, every month
with a trial of 14 days
charge base: flat 62.00; in advance
customer in Europe/Paris from 2026-01-01 with atelier
on 2026-01-10: change to studio
until 2026-01-31

invoice 2026-01-15
  base  62.00
  net   62.00
  tax   12.40
  total 74.40
