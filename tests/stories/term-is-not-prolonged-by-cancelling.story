# Three months were agreed; a cancellation for June, said in March, does not make them longer.
plan in EUR, every month
with a term of 3 months, then it ends
charge base: flat 30.00; in advance
customer in Europe/Paris from 2026-01-01
on 2026-03-10: cancel on 2026-06-15T00:00:00+02:00
until 2026-07-01

invoice 2026-01-01
  base   30.00
  net    30.00
  tax     6.00
  total  36.00
invoice 2026-02-01
  base   30.00
  net    30.00
  tax     6.00
  total  36.00
invoice 2026-03-01
  base   30.00
  net    30.00
  tax     6.00
  total  36.00
