from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.period import parse_instant

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=zones))  # noqa: DTZ001 -- hypothesis adds the zone
def test_what_python_writes_is_read_back(instant):
    found = parse_instant(instant.isoformat())
    assert found == instant
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-03-01T00:00:00Z", "2026-03-01T00:00:00+00:00"),
        ("2026-03-01t00:00:00z", "2026-03-01T00:00:00+00:00"),
        ("2026-03-01T00:00:00.999999999Z", "2026-03-01T00:00:00.999999+00:00"),
        ("2026-03-01T00:00:00.5+02:00", "2026-02-28T22:00:00.500000+00:00"),
        ("2026-03-01T00:00:00-05:30", "2026-03-01T05:30:00+00:00"),
        ("2026-03-01T00:00:00+23:59", "2026-02-28T00:01:00+00:00"),
        ("2026-03-01T00:00:00-00:00", "2026-03-01T00:00:00+00:00"),
    ],
)
def test_rfc_3339(text, iso):
    assert parse_instant(text).isoformat() == iso


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "",
        "2026-03-01",
        "2026-03-01T00:00:00",
        "2026-03-01 00:00:00Z",
        "2026-03-01T00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-03-01T24:00:00Z",
        "2016-12-31T23:59:60Z",
        "2026-03-01T00:00:00+24:00",
        "2026-03-01T00:00:00+01:60",
        "2026-03-01T00:00:00+0100",
        "2026-03-01T00:00:00.Z",
        "2026-03-01T00:00:00Z\n",
        "٢٠٢٦-03-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
    ],
)
def test_everything_else_is_refused(text):
    with pytest.raises(Fault, match="bad_time"):
        parse_instant(text)
