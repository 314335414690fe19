"""A refusal carries its code, which words are looked up by, and what it met, which they name."""

from datetime import UTC, date, datetime, timedelta

import pytest

from abaque.core.fault import Fault
from abaque.core.period import (
    Cycle,
    Interval,
    ListedDates,
    Span,
    Unit,
    YearlyDates,
    check_zone,
    local_day,
    local_midnight,
    months_in,
    parse_instant,
)

MONTH = Interval(Unit.MONTH)
FIRST, SECOND = date(2026, 1, 1), date(2026, 2, 1)
LISTED = ListedDates((FIRST, SECOND), "UTC")
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
FOREVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
DECEMBER = datetime(9999, 12, 1, tzinfo=UTC)
ZONELESS = datetime(2026, 1, 1)  # noqa: DTZ001 -- what is refused


@pytest.mark.parametrize(
    ("refused", "code", "params"),
    [
        (lambda: Interval(Unit.DAY, 0), "bad_interval", {"count": 0}),
        (
            lambda: Cycle(FIRST, MONTH, "UTC").day(10**6),
            "date_out_of_range",
            {"anchor": FIRST, "period": 10**6},
        ),
        (lambda: Span(ZONELESS, END), "instant_without_zone", {"instant": ZONELESS}),
        (lambda: Span(END, START), "span_reversed", {"start": END, "end": START}),
        (lambda: parse_instant("noon"), "bad_time", {"time": "noon"}),
        (
            lambda: parse_instant("2026-01-01T00:00:00+24:00"),
            "bad_time",
            {"time": "2026-01-01T00:00:00+24:00"},
        ),
        (lambda: parse_instant("2026-02-30T00:00:00Z"), "bad_time", {"time": "2026-02-30T00:00:00Z"}),
        (lambda: YearlyDates(((2, 30),), "UTC"), "bad_dates", {"dates": ((2, 30),)}),
        (lambda: YearlyDates((), "UTC"), "bad_dates", {"dates": ()}),
        (lambda: YearlyDates(((1, 1),), "UTC").day(9000), "date_out_of_range", {"period": 9000}),
        (lambda: ListedDates((FIRST,), "UTC"), "bad_dates", {"dates": (FIRST,)}),
        (lambda: ListedDates((SECOND, FIRST), "UTC"), "bad_dates", {"dates": (SECOND, FIRST)}),
        (lambda: LISTED.day(2), "date_out_of_range", {"period": 2}),
        (lambda: LISTED.index_of(END), "date_out_of_range", {"date": SECOND}),
        (lambda: check_zone("localtime"), "unknown_zone", {"zone": "localtime"}),
        (lambda: check_zone("Mars/Olympus"), "unknown_zone", {"zone": "Mars/Olympus"}),
        (lambda: local_day(FOREVER, "UTC"), "date_out_of_range", {"date": date.max}),
        (
            lambda: months_in(Span(DECEMBER, DECEMBER + timedelta(1)), "UTC"),
            "date_out_of_range",
            {"date": DECEMBER.date()},
        ),
        (lambda: local_midnight(date.min, "Asia/Tokyo"), "date_out_of_range", {"date": date.min}),
    ],
)
def test_a_refusal_says_its_code_and_what_it_met(refused, code, params):
    with pytest.raises(Fault) as caught:
        refused()
    assert (caught.value.code, caught.value.params) == (code, params)
