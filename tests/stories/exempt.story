# An issuer under the small-business scheme charges no tax.
plan in EUR, every month
charge base: flat 49.00; in advance
customer in Europe/Paris from 2026-01-01
tax exempt
until 2026-01-01

invoice 2026-01-01
  base   49.00
  net    49.00
  tax     0.00
  total  49.00
