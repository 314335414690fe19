# Whose trial began more than 14 days ago pays from the first day.
plan studio in EUR, every month
with a trial of 14 days
charge base: flat 40.00; in advance
customer in Europe/Paris from 2026-01-01
customer's first trial began on 2025-12-01
until 2026-01-31

invoice 2026-01-01
  base  40.00
  net   40.00
  tax    8.00
  total 48.00
