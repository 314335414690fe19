from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from abaque.core.period import Span, local_day, local_midnight, months_in

ZONES = [
    "Pacific/Apia",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Africa/Cairo",
    "Asia/Beirut",
    "Pacific/Auckland",
]
instants = st.datetimes(datetime(2005, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis adds the zone
MOMENT = timedelta(microseconds=1)


@given(instants, st.timedeltas(timedelta(0), timedelta(days=800)), st.sampled_from(ZONES))
def test_months_tile_the_span(start, length, zone):
    span, at = Span(start, start + length), start
    for year, month, part in months_in(span, zone):
        assert part.start == at < part.end
        first, last = local_day(part.start, zone), local_day(part.end - MOMENT, zone)
        assert (first.year, first.month) == (last.year, last.month) == (year, month)
        at = part.end
    assert at == span.end


def test_a_span_over_the_new_year_by_hand():
    zone = "Europe/Paris"
    start, end = datetime(2025, 12, 31, 22, 30, tzinfo=UTC), datetime(2026, 2, 3, tzinfo=UTC)
    january, february = local_midnight(date(2026, 1, 1), zone), local_midnight(date(2026, 2, 1), zone)
    assert months_in(Span(start, end), zone) == (
        (2025, 12, Span(start, january)),
        (2026, 1, Span(january, february)),
        (2026, 2, Span(february, end)),
    )
    assert months_in(Span(start, start), zone) == ()


def test_the_december_that_lacks_a_day_ends_with_the_year():
    whole = Span(datetime(2011, 12, 30, 9, tzinfo=UTC), datetime(2011, 12, 31, 10, tzinfo=UTC))
    assert months_in(whole, "Pacific/Apia") == ((2011, 12, whole),)
