# A year begun on 29 February is renewed on the 28th, and on the 29th again in the next leap year.
plan in EUR, every year
charge base: flat 120.00; in advance
customer in Europe/Paris from 2024-02-29
until 2028-02-29

invoice 2024-02-29
  base  120.00
  net   120.00
  tax    24.00
  total 144.00
invoice 2025-02-28
  base  120.00
  net   120.00
  tax    24.00
  total 144.00
invoice 2026-02-28
  base  120.00
  net   120.00
  tax    24.00
  total 144.00
invoice 2027-02-28
  base  120.00
  net   120.00
  tax    24.00
  total 144.00
invoice 2028-02-29
  base  120.00
  net   120.00
  tax    24.00
  total 144.00
