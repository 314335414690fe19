# On its last day an add-on still counts what is used: nobody else does.
plan in EUR, every month, from the first
charge base: flat 31.00; in advance
add-on copies
charge prints: 0.10 each
customer in Europe/Paris from 2026-01-01
on 2026-01-11: add copies
on 2026-01-21: remove copies
used prints 100 on 2026-01-11
used prints 50 on 2026-01-21
used prints 70 on 2026-01-22   # nothing counts them
until 2026-01-31

invoice 2026-01-01
  base   31.00
  net    31.00
  tax     6.20
  total  37.20
invoice 2026-01-22
  prints 15.00     # 150 × 0.10
  net    15.00
  tax     3.00
  total  18.00
