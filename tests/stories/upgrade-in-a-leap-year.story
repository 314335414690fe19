# 2028 has 366 days: on 1 March 31 + 29 = 60 are over, 306 are left.
plan atelier in EUR, every year
charge base: flat 366.00; in advance
plan studio in EUR, every year
charge base: flat 732.00; in advance
customer in Europe/Paris from 2028-01-01 with atelier
on 2028-03-01: change to studio
until 2029-01-01

invoice 2028-01-01
  base   366.00
  net    366.00
  tax     73.20
  total  439.20
credit note 2028-03-01 of 2028-01-01
  base   306.00     # 366.00 × 306/366
  net    306.00
  tax     61.20
  total  367.20
invoice 2028-03-01
  base   612.00     # 732.00 × 306/366
  net    612.00
  tax    122.40
  total  734.40
  to-pay 367.20     # 734.40 − 367.20
invoice 2029-01-01
  base   732.00
  net    732.00
  tax    146.40
  total  878.40
