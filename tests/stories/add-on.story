# More storage from the 11th to the 20th: 21 of 31 days are charged, 11 given back when it is removed on the 21st.
plan studio in EUR, every month
charge base: flat 40.00; in advance
add-on space
charge storage: flat 31.00; in advance
customer in Europe/Paris from 2026-01-01 with studio
on 2026-01-11: add space
on 2026-01-21: remove space
until 2026-02-01

invoice 2026-01-01
  base    40.00
  net     40.00
  tax      8.00
  total   48.00
invoice 2026-01-11
  storage 21.00     # 31.00 × 21/31
  net     21.00
  tax      4.20
  total   25.20
credit note 2026-01-21 of 2026-01-11
  storage 11.00     # 31.00 × 11/31
  net     11.00
  tax      2.20
  total   13.20
invoice 2026-02-01
  base    40.00
  net     40.00
  tax      8.00
  total   48.00
  to-pay  34.80     # 48.00 − 13.20
