# The fixed fee of a tier shrinks with the month; its bound and the price of a unit stay.
plan in EUR, every month, from the first
charge docs: graduated up to 100 at 0.10 plus 6.20, above at 0.05
customer in UTC from 2026-01-11
used docs 50 on 2026-01-20
until 2026-02-01

invoice 2026-02-01
  docs    9.20     # 50 × 0.10 = 5.00, and 6.20 − 6.20 × 10/31 = 6.20 − 2.00 = 4.20
  net     9.20
  tax     1.84
  total  11.04
