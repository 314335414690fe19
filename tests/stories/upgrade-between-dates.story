# Billed on 1 March and 1 September, 184 days: on 1 June 31 + 30 + 31 = 92 are over, 92 are left.
plan club in EUR, on 1 March, 1 September
charge base: flat 184.00; in advance
plan club-plus in EUR, on 1 March, 1 September
charge base: flat 368.00; in advance
customer in Europe/Paris from 2026-03-01 with club
on 2026-06-01: change to club-plus
until 2026-09-01

invoice 2026-03-01
  base   184.00
  net    184.00
  tax     36.80
  total  220.80
credit note 2026-06-01 of 2026-03-01
  base    92.00     # 184.00 × 92/184
  net     92.00
  tax     18.40
  total  110.40
invoice 2026-06-01
  base   184.00     # 368.00 × 92/184
  net    184.00
  tax     36.80
  total  220.80
  to-pay 110.40     # 220.80 − 110.40
invoice 2026-09-01
  base   368.00
  net    368.00
  tax     73.60
  total  441.60
