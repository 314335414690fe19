"""A meter read from its canonical form is the meter it was written from."""

from datetime import timedelta
from decimal import Decimal

import pytest

from abaque.catalogue import Level, MeterEntry
from abaque.catalogue.stored import dump_meter
from abaque.core.metering import (
    Aggregate,
    AllOf,
    AnyOf,
    Change,
    Comparison,
    Condition,
    Empty,
    Exists,
    IsNot,
    LevelAtStart,
    Meter,
    Not,
    Per,
    Prefix,
    Rounding,
    RoundingMode,
    ValueIs,
    meter_of,
)

FILTERS = (
    Condition("a", ("x", Decimal("1.50"), True)),
    IsNot("b.c", ("y",)),
    Comparison("n", above=Decimal(0), up_to=Decimal("12.5")),
    AnyOf((Prefix("p", "eu-"), Not(Exists("q")))),
    AllOf(()),
)
METERS = [
    Meter("plain", ("doc",), Aggregate.COUNT, where=(Condition("a", ("x",)),), operation="key", outcome=None),
    Meter("filtered", ("doc", "page"), Aggregate.SUM, "n", filters=FILTERS, group_by=("model", "region")),
    Meter("moving", ("seat",), Aggregate.UNIQUE, "who", change=Change("verb"), prorate_days=True),
    Meter("held", ("disk",), Aggregate.TIME_WEIGHTED, "gb", level_at_start=LevelAtStart.CARRY, per=Per.MONTH),
    Meter("low", ("temp",), Aggregate.MIN, "t", value_is=ValueIs.CHANGE, empty=Empty.NONE),
    Meter("fine", ("x",), Aggregate.AVERAGE, "n", rounding=Rounding.places(2, RoundingMode.DOWN)),
    Meter("coarse", ("x",), Aggregate.SUM, "n", rounding=Rounding(Decimal(1000), RoundingMode.UP)),
]


@pytest.mark.parametrize("meter", METERS, ids=lambda meter: meter.code)
def test_what_was_written_is_read(meter: Meter) -> None:
    entry = MeterEntry(meter, {"en": meter.code}, {}, timedelta(hours=24), Level.CONSISTENT)
    assert meter_of(dump_meter(entry)) == meter
