# Who pays by the year and wants to pay by the month has had his year first, though months are dearer by the day.
plan yearly in EUR, every year
charge base: flat 292.00; in advance
plan monthly in EUR, every month
charge base: flat 31.00; in advance
customer in Europe/Paris from 2026-01-01 with yearly
on 2026-03-11: change to monthly
until 2027-01-31

invoice 2026-01-01
  base  292.00
  net   292.00
  tax    58.40
  total 350.40
invoice 2027-01-01
  base   31.00
  net    31.00
  tax     6.20
  total  37.20
