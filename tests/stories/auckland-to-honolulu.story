# From Auckland to Honolulu, 23 hours behind: March lasts until April begins there; no day is lost or billed twice.
plan in EUR, every month, from the first
charge docs: 0.10 each
charge base: flat 30.00; in advance
customer in Pacific/Auckland from 2026-02-01
on 2026-03-20: move to Pacific/Honolulu
used docs 10 on 2026-02-28
used docs 100 on 2026-03-10
used docs 50 on 2026-04-01     # the 31 March of Honolulu: it is 1 April in Auckland until 23:00 there
used docs 20 on 2026-04-10
until 2026-05-01

invoice 2026-02-01
  base   30.00
  net    30.00
  tax     6.00
  total  36.00
invoice 2026-03-01
  docs    1.00
  base   30.00
  net    31.00
  tax     6.20
  total  37.20
invoice 2026-04-01   # not at Auckland's midnight, but at Honolulu's
  docs   15.00     # 150 × 0.10
  base   30.00
  net    45.00
  tax     9.00
  total  54.00
invoice 2026-05-01
  docs    2.00
  base   30.00
  net    32.00
  tax     6.40
  total  38.40
