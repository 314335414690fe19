# A discount makes no invoice negative; what it cannot take off is lost.
plan studio in EUR, every month
charge base: flat 50.00; in advance
customer in Europe/Paris from 2026-01-01
at the start: redeem welcome: 80.00 off, 1 time
until 2026-02-01

invoice 2026-01-01
  base     50.00
  welcome -50.00     # of 80.00
  net       0.00
  tax       0.00
  total     0.00
invoice 2026-02-01
  base     50.00
  net      50.00
  tax      10.00
  total    60.00
