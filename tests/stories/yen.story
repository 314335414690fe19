# A yen has no smaller coin: lines and tax are whole yen.
plan in JPY, every month, from the first
charge base: flat 1000; in advance
charge docs: 0.5 each
customer in Asia/Tokyo from 2026-01-10
tax 10
used docs 333 on 2026-01-31
until 2026-02-01

invoice 2026-01-10
  base    710      # 1,000 − 1,000 × 9/31 = 1,000 − 290.32…, rounded to 290
  net     710
  tax      71
  total   781
invoice 2026-02-01
  docs    167      # 333 × 0.5 = 166.5
  base   1000
  net    1167
  tax     117      # 116.7
  total  1284
