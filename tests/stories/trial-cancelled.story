# Cancelled in its trial: it ends with the trial, and nothing is ever invoiced.
plan studio in EUR, every month
with a trial of 14 days
charge base: flat 40.00; in advance
charge pages: 0.10 each
customer in Europe/Paris from 2026-01-01
on 2026-01-10: cancel
used pages 500 on 2026-01-14
until 2026-03-31
