from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.tax import DatedRate, RateTable

TABLE = RateTable(
    (
        DatedRate("FR", Decimal("19.6"), date(2000, 4, 1), date(2013, 12, 31)),
        DatedRate("FR", Decimal(20), date(2014, 1, 1)),
        DatedRate("FR", Decimal("5.5"), date(2014, 1, 1), kind="reduced"),
        DatedRate("DE", Decimal(19), date(2007, 1, 1), date(2020, 6, 30)),
        DatedRate("DE", Decimal(16), date(2020, 7, 1), date(2020, 12, 31)),
        DatedRate("DE", Decimal(19), date(2021, 1, 1)),
    )
)


@pytest.mark.parametrize(
    ("country", "day", "kind", "percent"),
    [
        ("FR", date(2013, 12, 31), "standard", "19.6"),
        ("FR", date(2014, 1, 1), "standard", "20"),
        ("FR", date(2026, 11, 24), "reduced", "5.5"),
        ("DE", date(2020, 6, 30), "standard", "19"),
        ("DE", date(2020, 7, 1), "standard", "16"),
        ("DE", date(2021, 1, 1), "standard", "19"),
    ],
)
def test_a_rate_holds_on_its_first_and_its_last_day(country, day, kind, percent):
    assert TABLE.percent(country, day, kind) == Decimal(percent)


@given(st.integers(0, 20000))
def test_on_any_day_one_row_holds_at_most(days):
    day = date(1990, 1, 1) + timedelta(days=days)
    for country in ("FR", "DE"):
        assert (
            sum(row.holds(day) for row in TABLE.rows if (row.country, row.kind) == (country, "standard")) <= 1
        )


@pytest.mark.parametrize(
    ("country", "day", "kind"),
    [
        ("IT", date(2026, 1, 1), "standard"),
        ("FR", date(1999, 1, 1), "standard"),
        ("DE", date(2026, 1, 1), "reduced"),
    ],
)
def test_a_rate_that_is_not_known_is_named(country, day, kind):
    with pytest.raises(Fault, match="no_rate") as caught:
        TABLE.percent(country, day, kind)
    assert caught.value.params == {"country": country, "rate": kind, "day": day}


def test_two_rates_on_one_day_are_refused():
    with pytest.raises(Fault, match="rates_overlap"):
        RateTable((*TABLE.rows, DatedRate("DE", Decimal(18), date(2020, 12, 31), date(2020, 12, 31))))


def test_rates_of_other_countries_other_kinds_and_other_days_stand_beside_each_other():
    new_year, eve = date(2026, 1, 1), date(2025, 12, 31)
    rows = (
        DatedRate("LU", Decimal(17), date(2024, 1, 1), eve),
        DatedRate("LU", Decimal(16), new_year),
        DatedRate("LU", Decimal(8), new_year, kind="reduced"),
        DatedRate("BE", Decimal(21), new_year),
    )
    assert [RateTable(rows).percent("LU", day) for day in (eve, new_year)] == [17, 16]
    for order in (rows, rows[::-1]):
        with pytest.raises(Fault, match="rates_overlap"):
            RateTable((*order, DatedRate("LU", Decimal(15), eve)))
