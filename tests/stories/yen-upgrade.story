# Whole yen: what is given back is what was paid less what was used, so both parts sum to 1,000.
plan atelier in JPY, every month
charge base: flat 1000; in advance
plan studio in JPY, every month
charge base: flat 2000; in advance
customer in Asia/Tokyo from 2026-01-01 with atelier
tax 10
on 2026-01-16: change to studio
until 2026-02-01

invoice 2026-01-01
  base    1000
  net     1000
  tax      100
  total   1100
credit note 2026-01-16 of 2026-01-01
  base     516     # 1,000 − 1,000 × 15/31 = 1,000 − 484 (483.87)
  net      516
  tax       52     # 51.6
  total    568
invoice 2026-01-16
  base    1032     # 2,000 − 2,000 × 15/31 = 2,000 − 968 (967.74)
  net     1032
  tax      103     # 103.2
  total   1135
  to-pay   567     # 1,135 − 568
invoice 2026-02-01
  base    2000
  net     2000
  tax      200
  total   2200
