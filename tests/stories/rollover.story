# Unused units stay for one further month, at most 50 of them; the oldest are used first.
plan in EUR, every month, from the first
charge docs: 0.10 each; 100 included; kept for 1, at most 50
customer in Europe/Paris from 2026-01-01
used docs 20 on 2026-01-10
used docs 130 on 2026-02-10
used docs 130 on 2026-03-10
used docs 90 on 2026-04-10
used docs 10 on 2026-05-10
used docs 160 on 2026-06-10
until 2026-07-01

invoice 2026-02-01
  net     0.00     # 80 are left, of which 50 stay
  tax     0.00
  total   0.00
invoice 2026-03-01
  net     0.00     # 50 of January, 80 of February: 20 stay
  tax     0.00
  total   0.00
invoice 2026-04-01
  docs    1.00     # 130 − 20 − 100 = 10 × 0.10
  net     1.00
  tax     0.20
  total   1.20
invoice 2026-05-01
  net     0.00     # 10 stay
  tax     0.00
  total   0.00
invoice 2026-06-01
  net     0.00     # the 10 of April; 100 are left, of which 50 stay
  tax     0.00
  total   0.00
invoice 2026-07-01
  docs    1.00     # 160 − 50 − 100 = 10 × 0.10
  net     1.00
  tax     0.20
  total   1.20
