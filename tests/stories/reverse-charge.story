# A business elsewhere in the Union pays the tax itself.
plan in EUR, every month
charge base: flat 49.00; in advance
customer in Europe/Berlin from 2026-01-01
tax reverse charge
until 2026-01-01

invoice 2026-01-01
  base   49.00
  net    49.00
  tax     0.00
  total  49.00
