from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.invoicing import Burn, Credit, Line, credits_left, draft, expired
from abaque.core.money import Money, currency
from abaque.core.tax import Rate

EUR = currency("EUR")
STANDARD = Rate("S", Decimal(20))
NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def line(charge, minor):
    return Line(charge, Decimal(1), None, Money(minor, EUR), STANDARD)


def credit(code, minor, *, since=10, until=None, **said):
    expires = None if until is None else NOW + until * DAY
    return Credit(code, Money(minor, EUR), NOW - since * DAY, expires, **said)


held = st.lists(
    st.builds(
        lambda minor, since, until, priority, scope, paid: (minor, since, until, priority, scope, paid),
        st.integers(0, 50000),
        st.integers(0, 30),
        st.none() | st.integers(1, 60),
        st.integers(0, 3),
        st.sampled_from([None, ("docs",), ("docs", "base")]),
        st.booleans(),
    ),
    max_size=5,
).map(
    lambda rows: [
        credit(f"c{n}", minor, since=since, until=until, priority=priority, charges=scope, paid=paid)
        for n, (minor, since, until, priority, scope, paid) in enumerate(rows)
    ]
)


@given(
    st.lists(
        st.tuples(st.sampled_from(["docs", "base"]), st.integers(-20000, 50000)), min_size=1, max_size=5
    ),
    held,
)
def test_a_burn_exceeds_neither_the_credit_nor_the_invoice(rows, credits_held):
    lines = [line(charge, minor) for charge, minor in rows]
    plain, found = draft(lines, at=NOW), draft(lines, at=NOW, held=credits_held)
    had = {item.code: item.left for item in credits_held}
    burns = (*found.given, *found.paid)
    assert all(0 < burn.amount.minor <= had[burn.code].minor for burn in burns)
    assert sum(burn.amount.minor for burn in found.given) <= max(0, sum(net for _, net in rows))
    assert (
        sum(burn.amount.minor for burn in found.paid) <= found.totals.gross.minor <= plain.totals.gross.minor
    )
    left = credits_left(credits_held, burns)
    assert sum(item.left.minor for item in left) == sum(x.minor for x in had.values()) - sum(
        burn.amount.minor for burn in burns
    )


@given(held, st.integers(0, 70))
def test_what_burns_and_what_expires_is_never_the_same(credits_held, days):
    at = NOW + days * DAY
    assert not {burn.code for burn in expired(credits_held, at)} & {
        x.code for x in credits_held if x.alive(at)
    }


@pytest.mark.parametrize(
    ("credits_held", "burns"),
    [
        # By priority before anything else.
        (
            [credit("late", 6000, priority=2, until=1), credit("first", 6000, priority=1)],
            "first:6000 late:4000",
        ),
        # Then by expiry; what never expires comes last.
        (
            [credit("never", 6000), credit("soon", 6000, until=2), credit("later", 1000, until=9)],
            "soon:6000 later:1000 never:3000",
        ),
        # Then the oldest.
        ([credit("new", 6000, since=1), credit("old", 6000, since=9)], "old:6000 new:4000"),
        # Expired at this very instant; granted at this very instant; not yet granted.
        ([credit("gone", 6000, until=0)], ""),
        ([credit("now", 6000, since=0)], "now:6000"),
        ([credit("soon", 6000, since=-1)], ""),
        # Only for charges the invoice has not, or has for less.
        ([credit("seats", 6000, charges=("seats",))], ""),
        ([credit("base", 6000, since=20, charges=("base",)), credit("all", 99999)], "base:2000 all:8000"),
    ],
)
def test_the_order_of_burning_by_hand(credits_held, burns):
    # 20.00 of base and 80.00 of docs.
    found = draft([line("base", 2000), line("docs", 8000)], at=NOW, held=credits_held)
    assert " ".join(f"{burn.code}:{burn.amount.minor}" for burn in found.given) == burns


def test_a_given_credit_reduces_the_net_and_a_bought_one_settles_the_gross():
    # 100.00 net. 30.00 given: 70.00 net, 14.00 tax, 84.00 gross. 30.00 bought: 120.00 gross, 90.00 due.
    given_one = draft([line("docs", 10000)], at=NOW, held=[credit("a", 3000)])
    bought = draft([line("docs", 10000)], at=NOW, held=[credit("a", 3000, paid=True)])
    assert (given_one.totals.tax.minor, given_one.totals.gross.minor, given_one.due.minor) == (
        1400,
        8400,
        8400,
    )
    assert (bought.totals.tax.minor, bought.totals.gross.minor, bought.due.minor) == (2000, 12000, 9000)
    assert given_one.lines[0].reductions[0].amount.minor == 3000


def test_a_bought_credit_for_one_charge_pays_that_charge_with_its_tax():
    found = draft(
        [line("base", 2000), line("docs", 8000)],
        at=NOW,
        held=[credit("a", 99999, paid=True, charges=("base",))],
    )
    assert found.paid == (Burn("a", Money(2400, EUR)),)
    assert found.due.minor == 9600


def test_what_expires_is_what_is_left():
    had = [
        credit("gone", 6000, until=0),
        credit("empty", 0, until=0),
        credit("stays", 100, until=1),
        credit("never", 5),
    ]
    assert expired(had, NOW) == (Burn("gone", Money(6000, EUR)),)


def test_credits_that_mean_nothing_are_refused():
    with pytest.raises(Fault, match="negative_credit"):
        credit("a", -1)
    with pytest.raises(Fault, match="credit_never_valid"):
        credit("a", 1, since=0, until=0)
    with pytest.raises(Fault, match="negative_credit"):
        credits_left([credit("a", 1)], [Burn("a", Money(2, EUR))])


def test_a_credit_of_another_currency_or_of_a_code_that_is_taken_is_refused():
    yen = Credit("a", Money(100, currency("JPY")), NOW)
    with pytest.raises(Fault, match="currencies_meet"):
        draft([line("docs", 100)], at=NOW, held=[yen])
    with pytest.raises(Fault, match="duplicate_credit"):
        draft([line("docs", 100)], at=NOW, held=[credit("a", 1), credit("a", 2)])
    with pytest.raises(Fault, match="duplicate_credit"):
        credits_left([credit("a", 1), credit("a", 2)], [])
