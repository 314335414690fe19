"""What each price says of a line, step by step: a customer must be able to add it up from the steps alone."""

from decimal import Decimal

import pytest

from abaque.core.money import Money, currency
from abaque.core.pricing import (
    Cell,
    Dynamic,
    Flat,
    Graduated,
    GraduatedPercentage,
    Matrix,
    Package,
    Percentage,
    PercentTier,
    PerUnit,
    Step,
    Tier,
    Usage,
    Volume,
    bounded,
    further,
    rate,
)

EUR = currency("EUR")
ZERO, ONE = Decimal(0), Decimal(1)


def d(figure):
    return Decimal(figure)


def tiers():
    return (Tier(d(100), d("0.10"), d(3)), Tier(d(500), d("0.05")), Tier(None, d("0.02"), d(7)))


def money_tiers():
    return (PercentTier(d(1000), d(2), d(4)), PercentTier(None, d("0.5"), d(9)))


def each(*amounts):
    figures = tuple(Decimal(amount) for amount in amounts)
    return Usage(sum(figures, ZERO), len(figures), figures)


@pytest.mark.parametrize(
    ("price", "usage", "steps"),
    [
        (lambda: Flat(d(9)), ZERO, [Step("flat", ONE, d(9), d(9))]),
        (lambda: PerUnit(d("0.25")), d(6), [Step("per_unit", d(6), d("0.25"), d("1.5"))]),
        (
            # 2,001 units in thousands: three packages.
            lambda: Package(d(1000), d(5)),
            d(2001),
            [Step("package", d(3), d(5), d(15), d(2001), d(1000))],
        ),
        # What a supplier charged, and 20 % on it: 10 × 120 %.
        (lambda: Dynamic(d(120)), d(10), [Step("dynamic", d(10), d(120), d(12))]),
        (
            # 100 × 0.10 + 3, then 400 × 0.05, then 2 × 0.02 + 7.
            lambda: Graduated(tiers()),
            d(502),
            [
                Step("tier", d(100), d("0.10"), d(10), ZERO, d(100)),
                Step("tier_flat", ZERO, d(3), d(3), ZERO, d(100)),
                Step("tier", d(400), d("0.05"), d(20), d(100), d(500)),
                Step("tier", d(2), d("0.02"), d("0.04"), d(500)),
                Step("tier_flat", ZERO, d(7), d(7), d(500)),
            ],
        ),
        (
            # All 502 at 0.02, and the fee of the tier above 500.
            lambda: Volume(tiers()),
            d(502),
            [
                Step("volume", d(502), d("0.02"), d("10.04"), d(500)),
                Step("tier_flat", ZERO, d(7), d(7), d(500)),
            ],
        ),
        (
            lambda: Volume(tiers()),
            ZERO,
            [
                Step("volume", ZERO, d("0.10"), ZERO, ZERO, d(100)),
                Step("tier_flat", ZERO, d(3), d(3), ZERO, d(100)),
            ],
        ),
        (
            # 2 % of 1,000 and 4; 0.5 % of 200 and 9.
            lambda: GraduatedPercentage(money_tiers()),
            d(1200),
            [
                Step("percent_tier", d(1000), d(2), d(20), ZERO, d(1000)),
                Step("tier_flat", ZERO, d(4), d(4), ZERO, d(1000)),
                Step("percent_tier", d(200), d("0.5"), ONE, d(1000)),
                Step("tier_flat", ZERO, d(9), d(9), d(1000)),
            ],
        ),
        (
            # The first tier's fee is due where no money came in.
            lambda: GraduatedPercentage(money_tiers()),
            ZERO,
            [
                Step("percent_tier", ZERO, d(2), ZERO, ZERO, d(1000)),
                Step("tier_flat", ZERO, d(4), d(4), ZERO, d(1000)),
            ],
        ),
        (
            # Sums suffice: 400 of 1,000 are free, 2 % of the rest.
            lambda: Percentage(d(2), free_amount=d(400)),
            d(1000),
            [Step("free", d(400), ZERO, ZERO), Step("percent", d(600), d(2), d(12))],
        ),
        # No fixed fee, so no step of one; none either where there was no event.
        (lambda: Percentage(d(2)), Usage(d(50), 3), [Step("percent", d(50), d(2), ONE)]),
        (lambda: Percentage(d(2), ONE), Usage(ZERO), [Step("percent", ZERO, d(2), ZERO)]),
        (
            # 1 % of 20, 100, 1,000 and 5,000, at least 1 and at most 10 each: 0.80 is added to the first, 40 taken
            # off the last; the fees of 1 and of 10 are within the bounds.
            lambda: Percentage(ONE, minimum=ONE, maximum=d(10)),
            each(20, 100, 1000, 5000),
            [
                Step("percent", d(6120), ONE, d("61.2")),
                Step("event_minimum", ONE, ONE, d("0.8")),
                Step("event_maximum", ONE, d(10), d(-40)),
            ],
        ),
        (
            lambda: Percentage(ONE, d("0.10"), free_events=1),
            each(30, 200, 100),
            [
                Step("free", d(30), ZERO, ZERO),
                Step("percent", d(300), ONE, d(3)),
                Step("per_event", d(2), d("0.10"), d("0.20")),
            ],
        ),
        (
            lambda: Matrix(("model",), (Cell(("large",), PerUnit(d(2))),), PerUnit(d(3))),
            Usage(d(5), cells={("large",): d(4), ("small",): ONE}),
            [
                Step("per_unit", d(4), d(2), d(8), cell=("large",)),
                Step("per_unit", ONE, d(3), d(3), cell=()),
            ],
        ),
    ],
)
def test_a_line_says_what_it_is_made_of(price, usage, steps):
    assert list(rate(price(), usage).steps) == steps


@pytest.mark.parametrize(
    ("change", "step"),
    [
        # 40 × 0.10 = 4.00, raised to 5, cut to 3, or with 1.50 billed before.
        (lambda rating: bounded(rating, d(5), None), Step("minimum", ZERO, d(5), ONE)),
        (lambda rating: bounded(rating, None, d(3)), Step("maximum", ZERO, d(3), d(-1))),
        (lambda rating: further(rating, Money(150, EUR)), Step("billed_before", ZERO, None, d("-1.50"))),
    ],
)
def test_what_is_done_to_a_line_is_its_last_step(change, step):
    plain = rate(PerUnit(d("0.10")), d(40))
    assert change(plain).steps == (*plain.steps, step)


def test_an_allowance_is_the_first_step():
    # 30 of 40 are included; 10 × 0.10.
    assert rate(PerUnit(d("0.10")), d(40), allowance=d(30)).steps == (
        Step("included", d(30), ZERO, ZERO, ZERO, d(30)),
        Step("per_unit", d(10), d("0.10"), ONE),
    )


def test_a_line_at_its_bound_is_not_touched():
    plain = rate(PerUnit(d("0.10")), d(40))
    assert bounded(plain, d(4), d(4)) == plain
