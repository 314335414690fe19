# Half off the fee for ever; pages cost what they cost.
plan studio in EUR, every month
charge base: flat 50.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
at the start: redeem founder: 50% off, only base
used pages 100 on 2026-01-20
until 2026-02-01

invoice 2026-01-01
  base     50.00
  founder -25.00     # 50.00 × 50 %
  net      25.00
  tax       5.00
  total    30.00
invoice 2026-02-01
  pages    10.00     # 100 × 0.10
  base     50.00
  founder -25.00
  net      35.00
  tax       7.00
  total    42.00
