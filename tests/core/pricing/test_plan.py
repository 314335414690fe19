from decimal import Decimal

import pytest

from abaque.core.fault import Fault
from abaque.core.money import currency
from abaque.core.period import Alignment, Interval, Unit
from abaque.core.pricing import Bill, Charge, Flat, Graduated, PerUnit, Plan, Tier, Volume

ONE = Decimal(1)
FLAT, UNIT = Flat(ONE), PerUnit(ONE)


def plan(*charges, version=1):
    return Plan("pro", version, currency("EUR"), Interval(Unit.MONTH), Alignment.CALENDAR, charges)


@pytest.mark.parametrize("model", [Graduated, Volume])
@pytest.mark.parametrize(
    ("code", "tiers"),
    [
        ("no_tiers", []),
        ("tiers_without_end", [Tier(ONE, ONE)]),
        ("tiers_after_end", [Tier(None, ONE), Tier(None, ONE)]),
        ("tiers_out_of_order", [Tier(Decimal(2), ONE), Tier(ONE, ONE), Tier(None, ONE)]),
        ("tiers_out_of_order", [Tier(ONE, ONE), Tier(ONE, ONE), Tier(None, ONE)]),
        ("tiers_out_of_order", [Tier(Decimal(0), ONE), Tier(None, ONE)]),
        ("tiers_out_of_order", [Tier(Decimal("Infinity"), ONE), Tier(None, ONE)]),
        ("too_many_digits", [Tier(Decimal("1E-13"), ONE), Tier(None, ONE)]),
        ("negative_price", [Tier(None, -ONE)]),
        ("negative_price", [Tier(None, ONE, -ONE)]),
    ],
)
def test_tiers_cover_every_quantity_once(model, code, tiers):
    with pytest.raises(Fault, match=code):
        model(tuple(tiers))


@pytest.mark.parametrize("price", [Flat, PerUnit])
@pytest.mark.parametrize(
    ("code", "amount"),
    [
        ("negative_price", Decimal("-0.01")),
        ("bad_price", Decimal("NaN")),
        ("bad_price", Decimal("Infinity")),
        ("bad_price", 1.5),
        ("too_many_digits", Decimal("0.0000000000001")),
        ("too_many_digits", Decimal(10) ** 12),
    ],
)
def test_a_price_is_a_number_not_below_zero(price, code, amount):
    with pytest.raises(Fault, match=code):
        price(amount)


@pytest.mark.parametrize(
    ("code", "charge"),
    [
        ("flat_with_meter", lambda: Charge("x", FLAT, "docs")),
        ("price_needs_meter", lambda: Charge("x", UNIT)),
        ("usage_in_advance", lambda: Charge("x", UNIT, "docs", Bill.ADVANCE)),
        ("allowance_without_meter", lambda: Charge("x", FLAT, allowance=ONE)),
        ("bad_allowance", lambda: Charge("x", UNIT, "docs", allowance=-ONE)),
        ("too_many_digits", lambda: Charge("x", UNIT, "docs", allowance=Decimal("1E+12"))),
        ("duplicate_charge", lambda: plan(Charge("x", FLAT), Charge("x", FLAT))),
        ("bad_version", lambda: plan(version=0)),
        ("unknown_charge", lambda: plan().charge("x")),
    ],
)
def test_what_cannot_be_sold_is_refused(code, charge):
    with pytest.raises(Fault, match=code):
        charge()


def test_a_plan_finds_its_charges_and_can_be_a_key():
    sold = plan(Charge("base", FLAT, bill=Bill.ADVANCE, names={"en": "Base"}), Charge("docs", UNIT, "docs"))
    assert sold.charge("docs").meter == "docs"
    assert {sold: 1}[sold] == 1
