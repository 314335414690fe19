# A fee that is never due in part is not due again when a pause is over, and nothing of it goes back.
plan in EUR, every month
charge base: flat 31.00; in advance; never in part
customer in Europe/Paris from 2026-01-01
on 2026-01-10: pause
on 2026-01-20: resume
until 2026-02-01

invoice 2026-01-01
  base   31.00
  net    31.00
  tax     6.20
  total  37.20
invoice 2026-02-01
  base   31.00
  net    31.00
  tax     6.20
  total  37.20
