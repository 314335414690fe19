# The launch price of the new plan is not that of what was used before it.
plan atelier in EUR, every month
charge base: flat 10.00; in advance
plan studio in EUR, every month
with 2 periods at 50% off
charge base: flat 20.00; in advance
add-on copies
charge prints: 0.10 each
customer in Europe/Paris from 2026-01-01 with atelier
at the start: add copies
used prints 100 on 2026-01-20
on 2026-03-01T00:00:00+01:00: change to studio
until 2026-03-01

invoice 2026-01-01
  base   10.00
  net    10.00
  tax     2.00
  total  12.00
invoice 2026-02-01
  prints 10.00     # 100 × 0.10
  base   10.00
  net    20.00
  tax     4.00
  total  24.00
invoice 2026-03-01   # whoever changes is as far in the ramp as if he had begun with it: it is over
  base   20.00
  net    20.00
  tax     4.00
  total  24.00
