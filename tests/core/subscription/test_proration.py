import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money import Money, add, currency, total
from abaque.core.period import Cycle, Interval, Span, Unit, local_midnight
from abaque.core.pricing import Allowance, Charge, Flat, Graduated, PerUnit, Prorate, Step, Tier
from abaque.core.subscription import Due, Share, prorated_allowance, rate_due, share_of

EUR = currency("EUR")
ZONES = ["UTC", "Europe/Paris", "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Apia"]
amounts = st.decimals(0, 10**6, places=4)


@st.composite
def cut_periods(draw):
    """A period of a local calendar, cut at local midnights."""
    zone = draw(st.sampled_from(ZONES))
    anchor = draw(st.dates(date(2010, 1, 1), date(2013, 1, 1)))
    interval = Interval(draw(st.sampled_from([Unit.MONTH, Unit.YEAR, Unit.WEEK])))
    cycle = Cycle(anchor, interval, zone)
    days = (cycle.day(1) - cycle.day(0)).days
    cuts = sorted(draw(st.sets(st.integers(1, days - 1), max_size=4)))
    edges = [local_midnight(anchor + timedelta(days=cut), zone) for cut in [0, *cuts, days]]
    whole = cycle.period(0)
    return zone, whole, [Span(a, b) for a, b in itertools.pairwise(edges) if a < b]


def of(charge, whole, span):
    return Due(charge, 0, whole, span, span.end)


@given(cut_periods(), amounts, st.sampled_from([Prorate.DAY, Prorate.SECOND]))
def test_parts_of_a_period_sum_to_the_whole(cut, amount, prorate):
    zone, whole, spans = cut
    charge = Charge("base", Flat(amount), prorate=prorate)
    parts = [rate_due(of(charge, whole, span), None, EUR, zone)[1] for span in spans]
    assert total(parts, EUR) == rate_due(of(charge, whole, whole), None, EUR, zone)[1]


@given(cut_periods(), st.integers(0, 10**6).map(Decimal) | st.decimals(0, 10**6, places=6))
def test_allowances_of_the_parts_sum_to_the_whole(cut, allowance):
    zone, whole, spans = cut
    charge = Charge("docs", PerUnit(Decimal(1)), "docs", allowance=Allowance(allowance))
    shares = [share_of(of(charge, whole, span), zone) for span in spans]
    parts = [prorated_allowance(allowance, share) for share in shares]
    assert add(*parts) == allowance
    unit = Fraction(1) if allowance == int(allowance) else Fraction(1, 10**12)
    for part, share in zip(parts, shares, strict=True):
        exact = Fraction(allowance) * (share.end - share.begin) / share.whole
        assert abs(Fraction(part) - exact) <= unit
        assert Fraction(part) % unit == 0


@given(cut_periods(), st.integers(0, 10**5))
def test_steps_still_sum_to_the_line(cut, quantity):
    zone, whole, spans = cut
    tiers = (
        Tier(Decimal(100), Decimal("0.1"), Decimal("7.77")),
        Tier(None, Decimal("0.01"), Decimal("3.33")),
    )
    charge = Charge("docs", Graduated(tiers), "docs", allowance=Allowance(Decimal(50)))
    for span in spans:
        rating, money = rate_due(of(charge, whole, span), Decimal(quantity), EUR, zone)
        assert rating.money(EUR) == money
        assert rating.exact == add(*(step.amount for step in rating.steps))
        assert add(*(step.quantity for step in rating.steps)) == quantity


def january(first, last):
    def day(number):
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number - 1)

    return Span(day(1), day(32)), Span(day(first), day(last + 1))


@pytest.mark.parametrize(
    ("prorate", "first", "last", "cents"),
    [
        (Prorate.DAY, 1, 31, 4900),
        (Prorate.DAY, 1, 10, 1581),
        (Prorate.DAY, 11, 31, 3319),
        (Prorate.SECOND, 1, 10, 1581),
        (Prorate.NONE, 11, 31, 4900),
    ],
)
def test_a_fee_by_hand(prorate, first, last, cents):
    whole, span = january(first, last)
    rating, money = rate_due(
        of(Charge("base", Flat(Decimal(49)), prorate=prorate), whole, span), None, EUR, "UTC"
    )
    assert money == Money(cents, EUR)
    assert rating.money(EUR) == money


def test_a_prorated_fee_says_how_many_days():
    whole, span = january(11, 31)
    rating, _ = rate_due(of(Charge("base", Flat(Decimal(49))), whole, span), None, EUR, "UTC")
    (step,) = rating.steps
    assert (step.kind, step.unit, str(step.amount), step.first, step.last) == ("flat", 49, "33.19", 21, 31)
    rating, _ = rate_due(
        of(Charge("base", Flat(Decimal(49)), prorate=Prorate.SECOND), whole, span), None, EUR, "UTC"
    )
    assert (rating.steps[0].first, rating.steps[0].last) == (21 * 86400, 31 * 86400)


def test_days_with_and_without_summer_time_cost_the_same():
    zone, days = "Europe/Paris", [date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30)]
    whole = Cycle(date(2026, 3, 1), Interval(Unit.MONTH), zone).period(0)
    charge = Charge("base", Flat(Decimal(31)))
    costs = [
        rate_due(
            of(charge, whole, Span(*(local_midnight(d, zone) for d in (day, day + timedelta(days=1))))),
            None,
            EUR,
            zone,
        )[1]
        for day in days
    ]
    assert costs == [Money(100, EUR)] * 3


def test_tier_bounds_stay_whole_while_flat_parts_and_allowance_shrink():
    whole, span = january(1, 10)
    tiers = (Tier(Decimal(100), Decimal(1), Decimal(31)), Tier(None, Decimal("0.5")))
    charge = Charge("docs", Graduated(tiers), "docs", allowance=Allowance(Decimal(310)))
    rating, money = rate_due(of(charge, whole, span), Decimal(300), EUR, "UTC")
    assert [(step.kind, step.quantity, step.amount) for step in rating.steps] == [
        ("included", 100, 0),
        ("tier", 100, 100),
        ("tier_flat", 0, 10),
        ("tier", 100, 50),
    ]
    assert money == Money(16000, EUR)


def test_usage_is_asked_for_exactly_where_it_is_metered():
    whole, span = january(1, 10)
    with pytest.raises(Fault, match="quantity_needed"):
        rate_due(of(Charge("docs", PerUnit(Decimal(1)), "docs"), whole, span), None, EUR, "UTC")
    with pytest.raises(Fault, match="quantity_unwanted"):
        rate_due(of(Charge("base", Flat(Decimal(1))), whole, span), Decimal(1), EUR, "UTC")


def test_steps_of_part_of_a_month_say_what_they_are_made_of():
    april = Span(local_midnight(date(2026, 4, 1), "UTC"), local_midnight(date(2026, 5, 1), "UTC"))
    part = Span(local_midnight(date(2026, 4, 15), "UTC"), april.end)
    # 16 of 30 days: 5.00 − 5.00 × 14/30 (2.33) = 2.67; 20.00 − 9.33 = 10.67. A tier's fee keeps its bounds.
    tiered = Graduated((Tier(Decimal(10), Decimal(1), Decimal(5)), Tier(None, Decimal(1), Decimal(20))))
    docs = Due(Charge("docs", tiered, "docs"), 0, april, part, april.end)
    assert rate_due(docs, Decimal(12), EUR, "UTC")[0].steps == (
        Step("tier", Decimal(10), Decimal(1), Decimal(10), Decimal(0), Decimal(10)),
        Step("tier_flat", Decimal(0), Decimal(5), Decimal("2.67"), Decimal(0), Decimal(10)),
        Step("tier", Decimal(2), Decimal(1), Decimal(2), Decimal(10), None),
        Step("tier_flat", Decimal(0), Decimal(20), Decimal("10.67"), Decimal(10), None),
    )
    seats = Due(Charge("seats", PerUnit(Decimal(3)), quantity="seats"), 0, april, part, april.end)
    assert rate_due(seats, Decimal(10), EUR, "UTC")[0].steps == (
        Step("per_unit", Decimal(10), Decimal(3), Decimal(30)),
        Step("part", Decimal(0), None, Decimal(-14), Decimal(16), Decimal(30)),
    )


def test_a_share_says_what_it_counts():
    april = Span(local_midnight(date(2026, 4, 1), "UTC"), local_midnight(date(2026, 5, 1), "UTC"))
    part = Span(local_midnight(date(2026, 4, 15), "UTC"), april.end)
    shares = [
        share_of(Due(Charge("fee", Flat(Decimal(1)), prorate=prorate), 0, april, part, april.end), "UTC")
        for prorate in Prorate
    ]
    day = 86400 * 10**6
    assert shares == [
        Share(14, 30, 30, Prorate.DAY),
        Share(14 * day, 30 * day, 30 * day, Prorate.SECOND),
        Share(0, 1, 1, Prorate.NONE),
    ]
