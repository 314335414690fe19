# A commitment counts the add-on of the months in which its plan ran.
plan voice in EUR, every month
with a commitment of 180.00 every 3 months
charge base: flat 28.00; in advance
plan contact in EUR, every month
charge base: flat 56.00; in advance
add-on space
charge storage: flat 14.00; in advance
customer in Europe/Paris from 2026-01-01 with voice
at the start: add space
on 2026-03-01T00:00:00+01:00: change to contact
until 2026-03-01

invoice 2026-01-01
  base    28.00
  storage 14.00
  net     42.00
  tax      8.40
  total   50.40
invoice 2026-02-01
  base    28.00
  storage 14.00
  net     42.00
  tax      8.40
  total   50.40
invoice 2026-03-01
  true-up 34.00    # 59 of 90 days: 118.00; 2 × 28.00 + 2 × 14.00 = 84.00 were spent
  base    56.00
  storage 14.00
  net    104.00
  tax     20.80
  total  124.80
