# A downgrade that was planned comes all the same when a cancellation is taken back.
plan studio in EUR, every month
charge base: flat 60.00; in advance
plan atelier in EUR, every month
charge base: flat 30.00; in advance
customer in Europe/Paris from 2026-01-01 with studio
on 2026-01-10: change to atelier
on 2026-01-15: cancel
on 2026-01-20: reactivate
until 2026-02-01

invoice 2026-01-01
  base   60.00
  net    60.00
  tax    12.00
  total  72.00
invoice 2026-02-01
  base   30.00
  net    30.00
  tax     6.00
  total  36.00
