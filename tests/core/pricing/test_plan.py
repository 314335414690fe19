from dataclasses import replace
from decimal import Decimal

import pytest

from abaque.core.fault import Fault
from abaque.core.money import currency
from abaque.core.period import Alignment, Interval, Unit
from abaque.core.pricing import (
    Allowance,
    Bill,
    Charge,
    Commitment,
    Dynamic,
    Entitlement,
    Flat,
    Graduated,
    Percentage,
    PerUnit,
    Phase,
    Plan,
    Rollover,
    Tier,
    Trial,
    Volume,
)

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
        ("allowance_without_meter", lambda: Charge("x", FLAT, allowance=Allowance(ONE))),
        ("bad_allowance", lambda: Charge("x", UNIT, "docs", allowance=Allowance(-ONE))),
        ("too_many_digits", lambda: Charge("x", UNIT, "docs", allowance=Allowance(Decimal("1E+12")))),
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


@pytest.mark.parametrize(
    ("code", "make"),
    [
        ("meter_claimed_twice", lambda: plan(Charge("x", UNIT, "docs"), Charge("y", UNIT, "docs"))),
        ("two_quantities", lambda: Charge("x", UNIT, "docs", quantity="seats")),
        ("flat_with_meter", lambda: Charge("x", FLAT, quantity="seats")),
        ("price_needs_meter", lambda: Charge("x", Dynamic(), quantity="seats")),
        ("allowance_unwanted", lambda: Charge("x", Percentage(ONE), "paid", allowance=Allowance(ONE))),
        ("bad_trial", lambda: Trial(0)),
        ("bad_phase", lambda: Phase(0, ONE)),
        ("percent_over_100", lambda: Phase(1, Decimal(101))),
        ("negative_price", lambda: Commitment(-ONE)),
        ("bad_entitlement", lambda: Entitlement("sso", soft=True)),
        ("bad_entitlement", lambda: Entitlement("sso", allowed=False, limit=ONE)),
        ("bad_grace", lambda: Entitlement("sso", limit=ONE, grace_days=-1)),
        (
            "duplicate_entitlement",
            lambda: replace(plan(), entitlements=(Entitlement("sso"), Entitlement("sso"))),
        ),
        ("minimum_over_maximum", lambda: replace(plan(), minimum=Decimal(2), maximum=ONE)),
    ],
)
def test_an_agreement_that_contradicts_itself_is_refused(code, make):
    with pytest.raises(Fault, match=code):
        make()


def test_a_meter_claimed_twice_names_both_charges():
    with pytest.raises(Fault) as refused:
        plan(Charge("x", UNIT, "docs"), Charge("y", UNIT, "docs"))
    assert refused.value.params == {"plan": "pro", "meter": "docs", "charge": "y", "other": "x"}


def test_seats_may_be_billed_in_advance():
    assert Charge("seats", UNIT, bill=Bill.ADVANCE, quantity="seats").meter is None


def test_the_least_an_agreement_may_say_is_accepted():
    assert Trial(1).days == Phase(1, ONE).periods == Rollover(1).periods == plan(version=1).version == 1
    assert Entitlement("projects", limit=ONE, soft=True, grace_days=0).grace_days == 0


def test_a_seasonal_allowance_may_be_monthly_by_name_or_by_its_charge():
    season = ((7, Decimal(2)),)
    for interval in (None, Interval(Unit.MONTH), Interval(Unit.MONTH, 1)):
        assert Allowance(ONE, interval, season).in_month(7) == 2
    for interval in (Interval(Unit.MONTH, 3), Interval(Unit.YEAR)):
        with pytest.raises(Fault, match="seasonal_needs_months"):
            Allowance(ONE, interval, season)


def test_charges_of_different_meters_and_entitlements_of_different_features_stand_side_by_side():
    sold = plan(Charge("docs", UNIT, "docs"), Charge("calls", UNIT, "calls"))
    sold = replace(sold, entitlements=(Entitlement("sso"), Entitlement("audit")))
    assert [charge.meter for charge in sold.charges] == ["docs", "calls"]
    assert [entitlement.feature for entitlement in sold.entitlements] == ["sso", "audit"]
