# An add-on counts for the minimum of the plan that ran: a change of plan in March changes nothing of February.
plan voice in EUR, every month
with a minimum of 60.00
charge base: flat 20.00; in advance
plan contact in EUR, every month
charge base: flat 50.00; in advance
add-on space
charge storage: flat 40.00; in advance
customer in Europe/Paris from 2026-01-01 with voice
at the start: add space
on 2026-03-01T00:00:00+01:00: change to contact
until 2026-03-01

invoice 2026-01-01
  base    20.00
  storage 40.00
  net     60.00
  tax     12.00
  total   72.00
invoice 2026-02-01   # 60.00 in January: the minimum is reached
  base    20.00
  storage 40.00
  net     60.00
  tax     12.00
  total   72.00
invoice 2026-03-01   # February reached it too
  base    50.00
  storage 40.00
  net     90.00
  tax     18.00
  total  108.00
