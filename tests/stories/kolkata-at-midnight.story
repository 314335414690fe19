# At midnight in Kolkata it is 1 February there, and still 31 January in Greenwich.
plan in INR, every month, from the first
charge base: flat 3100.00; in advance
customer in Asia/Kolkata from 2026-01-31T18:30:00Z
tax 18
until 2026-02-01

invoice 2026-02-01
  base  3100.00
  net   3100.00
  tax    558.00
  total 3658.00
