# 31 + 14 = 45 of 90 days of the smaller commitment, 45 of the larger.
plan voice in EUR, every month
with a commitment of 180.00 every 3 months
charge base: flat 28.00; in advance
plan contact in EUR, every month
with a commitment of 360.00 every 3 months
charge base: flat 56.00; in advance
customer in Europe/Paris from 2026-01-01 with voice
on 2026-02-15: change to contact
until 2026-04-01

invoice 2026-01-01
  base     28.00
  net      28.00
  tax       5.60
  total    33.60
invoice 2026-02-01
  base     28.00
  net      28.00
  tax       5.60
  total    33.60
credit note 2026-02-15 of 2026-02-01
  base     14.00     # 28.00 × 14/28
  net      14.00
  tax       2.80
  total    16.80
invoice 2026-02-15
  true-up  48.00     # 180.00 × 45/90 = 90.00, less 28.00 and 14.00
  base     28.00     # 56.00 × 14/28
  net      76.00
  tax      15.20
  total    91.20
  to-pay   74.40     # 91.20 − 16.80
invoice 2026-03-01
  base     56.00
  net      56.00
  tax      11.20
  total    67.20
invoice 2026-04-01
  true-up  96.00     # 360.00 × 45/90 = 180.00, less 28.00 and 56.00
  base     56.00
  net     152.00
  tax      30.40
  total   182.40
