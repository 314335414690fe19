from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money import add, currency
from abaque.core.pricing import Percentage, Usage, rate

EUR = currency("EUR")
percents = st.decimals(0, 100, places=3)
fees = st.decimals(0, 10, places=2)
amounts = st.lists(st.decimals(0, 10**4, places=2), max_size=12).map(tuple)


def usage(*amounts):
    figures = tuple(Decimal(amount) for amount in amounts)
    return Usage(sum(figures, Decimal(0)), len(figures), figures)


@given(percents, fees, st.none() | fees, st.none() | fees, amounts)
def test_the_line_is_the_sum_of_the_fees_of_its_events(percent, fixed, low, room, amounts):
    high = None if room is None else (low or Decimal(0)) + room
    expected = Decimal(0)
    for amount in amounts:
        fee = amount * percent / 100 + fixed
        fee = max(fee, low) if low is not None else fee
        expected += min(fee, high) if high is not None else fee
    assert rate(Percentage(percent, fixed, None, None, low, high), usage(*amounts)).exact == expected


@given(percents, fees, st.integers(0, 5), st.decimals(0, 10**4, places=2), amounts)
def test_nothing_is_charged_twice_and_steps_cover_all_the_money(percent, fixed, events, amount, amounts):
    price = Percentage(percent, fixed, events, amount)
    rating = rate(price, usage(*amounts))
    money = [step.quantity for step in rating.steps if step.kind in {"free", "percent"}]
    assert add(*money) == rating.quantity
    assert Decimal(0) <= rating.exact <= rate(Percentage(percent, fixed), usage(*amounts)).exact
    free = add(*(step.quantity for step in rating.steps if step.kind == "free"))
    assert free <= amount
    assert free <= sum(amounts[:events], Decimal(0))


# 1.4 % + 0.25 € of a payment of 100 €: 1.40 + 0.25.
@pytest.mark.parametrize(
    ("price", "amounts", "cents"),
    [
        (Percentage(Decimal("1.4"), Decimal("0.25")), ["100"], 165),
        (Percentage(Decimal("1.4"), Decimal("0.25")), ["100", "50"], 260),  # 2.10 + 2 × 0.25
        (Percentage(Decimal("1.4"), Decimal("0.25")), [], 0),
        # 5 € of 10 € at 1.4 % + 0.25 = 0.39, raised to 0.50; 1,000 € at 1.4 % + 0.25 = 14.25, cut to 10.00.
        (
            Percentage(Decimal("1.4"), Decimal("0.25"), minimum=Decimal("0.50"), maximum=Decimal(10)),
            ["10", "1000"],
            1050,
        ),
        # The first two of three are free: 1 % of 300 € + 0.10.
        (Percentage(Decimal(1), Decimal("0.10"), free_events=2), ["100", "200", "300"], 310),
        # The first 250 € are free: the first event wholly, the second for 150 of its 200 €; 1 % of 350 + 2 × 0.10.
        (
            Percentage(Decimal(1), Decimal("0.10"), free_amount=Decimal(250)),
            ["100", "200", "300"],
            370,
        ),
        # Two events, or 250 €, whichever is used up first: the same, since 250 € end within the second event.
        (
            Percentage(Decimal(1), Decimal("0.10"), free_events=2, free_amount=Decimal(250)),
            ["100", "200", "300"],
            370,
        ),
        # One event only: 1 % of 500 + 2 × 0.10.
        (
            Percentage(Decimal(1), Decimal("0.10"), free_events=1, free_amount=Decimal(250)),
            ["100", "200", "300"],
            520,
        ),
        # The first uses the free amount up: the empty event pays its 0.10, the last 0.50 + 0.10.
        (Percentage(Decimal(1), Decimal("0.10"), free_amount=Decimal(100)), ["100", "0", "50"], 70),
        # No fixed fee: sums suffice. 2 % of (1,000 − 400).
        (Percentage(Decimal(2), free_amount=Decimal(400)), ["600", "400"], 1200),
    ],
)
def test_a_percentage_of_payments(price, amounts, cents):
    assert rate(price, usage(*amounts)).money(EUR).minor == cents


@given(percents, fees, fees, fees, amounts)
def test_the_line_lies_between_the_bounds_of_all_its_events(percent, fixed, low, room, amounts):
    price = Percentage(percent, fixed, minimum=low, maximum=low + room)
    assert low * len(amounts) <= rate(price, usage(*amounts)).exact <= (low + room) * len(amounts)


def test_steps_say_what_was_free_raised_and_cut():
    price = Percentage(Decimal("1.4"), Decimal("0.25"), 1, None, Decimal("0.50"), Decimal(10))
    steps = rate(price, usage("20", "10", "1000")).steps
    assert [(step.kind, step.quantity, str(step.amount)) for step in steps] == [
        ("free", 20, "0"),
        ("percent", 1010, "14.140"),
        ("per_event", 2, "0.50"),
        ("event_minimum", 1, "0.110"),
        ("event_maximum", 1, "-4.250"),
    ]


@pytest.mark.parametrize(
    ("code", "make"),
    [
        ("percent_over_100", lambda: Percentage(Decimal("100.1"))),
        ("negative_price", lambda: Percentage(Decimal(-1))),
        ("negative_price", lambda: Percentage(Decimal(1), free_amount=Decimal(-1))),
        ("bad_free_events", lambda: Percentage(Decimal(1), free_events=-1)),
        ("minimum_over_maximum", lambda: Percentage(Decimal(1), minimum=Decimal(2), maximum=Decimal(1))),
    ],
)
def test_what_is_no_percentage_is_refused(code, make):
    with pytest.raises(Fault, match=code):
        make()


def test_a_price_that_looks_at_every_event_wants_every_event():
    with pytest.raises(Fault, match="events_needed"):
        rate(Percentage(Decimal(1), Decimal("0.10")), Decimal(100))
    with pytest.raises(Fault, match="events_needed"):
        rate(Percentage(Decimal(1), minimum=Decimal(1)), Usage(Decimal(100), 2, (Decimal(60),)))
    assert rate(Percentage(Decimal(1)), Decimal(100)).exact == 1
