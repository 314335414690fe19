from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.period import Span

instants = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis adds the zone
spans = st.tuples(instants, instants).map(lambda pair: Span(min(pair), max(pair)))


@given(spans, spans, instants)
def test_an_overlap_holds_exactly_what_both_hold(a, b, instant):
    shared = a.overlap(b)
    assert shared == b.overlap(a)
    assert (shared is not None and shared.contains(instant)) == (a.contains(instant) and b.contains(instant))
    assert shared is None or not shared.empty


@given(spans)
def test_a_span_holds_its_start_but_not_its_end(span):
    assert span.contains(span.start) is not span.empty
    assert not span.contains(span.end)


def test_spans_are_kept_in_utc():
    paris = timezone(timedelta(hours=2))
    span = Span(datetime(2026, 7, 1, 2, tzinfo=paris), datetime(2026, 7, 2, 2, tzinfo=paris))
    assert span == Span(datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 7, 2, tzinfo=UTC))
    assert span.start.tzinfo is UTC


def test_reversed_and_zoneless_spans_are_refused():
    with pytest.raises(Fault, match="span_reversed"):
        Span(datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(Fault, match="instant_without_zone"):
        Span(datetime(2026, 1, 1), datetime(2026, 1, 2))  # noqa: DTZ001 -- the point of the test
