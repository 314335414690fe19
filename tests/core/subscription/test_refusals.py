"""What the life of a subscription refuses, by its exact code and what it names."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from abaque.core import subscription as sub
from abaque.core.fault import Fault
from abaque.core.invoicing import Deposit
from abaque.core.invoicing.deposit import use_deposits
from abaque.core.money import Money, currency
from abaque.core.period import Alignment, Interval, Span, Unit
from abaque.core.pricing import (
    Bill,
    Charge,
    Entitlement,
    Flat,
    PerUnit,
    Plan,
    Trial,
    clauses,
    sentences_needed,
)

EUR = currency("EUR")
MONTH = Interval(Unit.MONTH)
START = datetime(2026, 1, 1, tzinfo=UTC)
FEE = Charge("base", Flat(Decimal(31)), bill=Bill.ADVANCE)
SEATS = Charge("seats", PerUnit(Decimal(1)), quantity="seats")


def plan(*charges, code="pro", version=1, **terms):
    return Plan(code, version, EUR, MONTH, Alignment.ANNIVERSARY, charges, **terms)


def begun(what=None, **more):
    return sub.step(sub.Subscription("UTC"), sub.Start("s", what or plan(FEE), **more), START).subscription


NOW, BEFORE = sub.When.NOW, START - timedelta(days=1)
TRIED = plan(FEE, trial=Trial(14), entitlements=(Entitlement("projects", limit=Decimal(3)),))
REFUSED = [
    (begun, sub.ChangeQuantity("c", "seats", Decimal(-1)), "negative_quantity", {"quantity": Decimal(-1)}),
    (begun, sub.ChangePlan("c", plan(SEATS), NOW), "missing_quantity", {"charge": "seats", "quantity": "seats"}),
    (begun, sub.Migrate("m", plan(code="other")), "other_plan", {"plan": "other", "running": "pro"}),
    (begun, sub.Cancel("c", BEFORE), "ends_before_now", {"at": BEFORE, "now": START}),
    (begun, sub.Resume("r"), "not_in_state", {"state": sub.State.ACTIVE, "event": "Resume"}),
    (begun, sub.Renew("r"), "no_term", {"plan": "pro"}),
    (lambda: begun(TRIED), sub.ExtendTrial("x", 0), "bad_trial", {"days": 0}),
    (lambda: sub.Subscription("UTC"), sub.Cancel("c"), "not_in_state", {"state": sub.State.PENDING, "event": "Cancel"}),
]  # fmt: skip


@pytest.mark.parametrize(("state", "event", "code", "params"), REFUSED)
def test_a_refusal_says_its_code_and_what_it_met(state, event, code, params):
    with pytest.raises(Fault) as caught:
        sub.step(state(), event, START)
    assert (caught.value.code, caught.value.params) == (code, params)


def test_what_happens_comes_in_order_and_once():
    later = sub.step(begun(), sub.Advance("a"), START + timedelta(days=2)).subscription
    assert sub.moved(later, sub.Pause("a"), START) == later  # the key was seen
    with pytest.raises(Fault, match="out_of_order") as caught:
        sub.step(later, sub.Advance("b"), START)
    assert caught.value.params["latest"] == START + timedelta(days=2)


def test_nothing_is_at_an_instant_of_what_was_never_begun():
    with pytest.raises(Fault, match="not_started"):
        sub.Subscription("UTC").at(START)


def test_one_that_is_to_begin_later_can_be_given_up():
    pending = begun(at=START + timedelta(days=9))
    assert sub.step(pending, sub.Cancel("c"), START).subscription.history == ()


@pytest.mark.parametrize(("cents", "code"), [(3101, "over_listed"), (-1, "over_listed")])
def test_no_more_is_noted_as_invoiced_than_the_price_list_says(cents, code):
    state = begun()
    with pytest.raises(Fault, match=code):
        sub.noted(state, state.invoiced[0], Money(cents, EUR))
    with pytest.raises(Fault, match="unknown_invoiced"):
        sub.noted(sub.Subscription("UTC"), state.invoiced[0], Money(1, EUR))


def test_an_allowance_is_asked_of_charges_that_have_one():
    terms = sub.Terms(START, None, sub.schedule_of(plan(FEE), date(2026, 1, 1), "UTC"))
    item = sub.Due(
        FEE, 0, Span(START, START + timedelta(days=31)), Span(START, START + timedelta(days=31)), START
    )
    with pytest.raises(Fault, match="no_allowance"):
        sub.grants(item, terms)


@pytest.mark.parametrize(
    ("event", "at", "reason"),
    [
        (None, START - timedelta(days=1), sub.Reason.NOT_RUNNING),  # not begun
        (None, START + timedelta(days=3), sub.Reason.WITHIN_LIMIT),  # a trial has all of its plan
        (sub.Cancel("c"), START + timedelta(days=3), sub.Reason.WITHIN_LIMIT),  # until the end
        (sub.Cancel("c"), START + timedelta(days=20), sub.Reason.NOT_RUNNING),
    ],
)
def test_what_runs_may_use_its_plan(event, at, reason):
    state = begun(TRIED)
    if event is not None:
        state = sub.step(state, event, START).subscription
    assert sub.may(state, "projects", Decimal(1), at).reason is reason


def test_what_is_paused_may_use_nothing():
    paused = sub.step(begun(plan(FEE, entitlements=TRIED.entitlements)), sub.Pause("p"), START).subscription
    assert sub.may(paused, "projects", Decimal(0), START).reason is sub.Reason.NOT_RUNNING


def test_a_plan_is_said_in_a_sentence_for_each_charge_and_clause():
    assert clauses(TRIED) == ("trial", "limits")
    assert sentences_needed(TRIED) == 3


@pytest.mark.parametrize("event", [sub.ChangePlan, sub.Migrate])
def test_a_plan_in_another_currency_is_begun_anew(event):
    dollars = Plan("pro", 2, currency("USD"), MONTH, Alignment.ANNIVERSARY, (FEE,))
    with pytest.raises(Fault) as caught:
        sub.step(begun(), event("c", dollars), START)
    assert (caught.value.code, caught.value.params) == (
        "other_currency",
        {"plan": "pro", "ours": "EUR", "theirs": "USD"},
    )


@pytest.mark.parametrize(
    ("quantity", "code"), [(Decimal(-3), "negative_quantity"), (Decimal("NaN"), "bad_quantity")]
)
def test_nobody_has_fewer_seats_than_none(quantity, code):
    with pytest.raises(Fault, match=code):
        begun(plan(SEATS), quantities=(("seats", quantity),))
    had = begun(plan(SEATS), quantities=(("seats", Decimal(1)),))
    with pytest.raises(Fault, match=code):
        sub.step(had, sub.ChangeQuantity("c", "seats", quantity), START)


LISTED = replace(plan(FEE, code="fairs"), dates=(date(2026, 2, 1), date(2026, 5, 1), date(2026, 8, 1)))


def test_a_list_of_dates_begins_and_ends_a_subscription():
    with pytest.raises(Fault, match="date_out_of_range"):
        begun(LISTED)
    state = begun(LISTED, at=datetime(2026, 3, 1, tzinfo=UTC))
    assert state.state(datetime(2026, 7, 31, tzinfo=UTC)) is sub.State.ACTIVE
    assert state.state(datetime(2026, 8, 1, tzinfo=UTC)) is sub.State.ENDED
    with pytest.raises(Fault, match="date_out_of_range"):
        sub.step(begun(), sub.ChangePlan("c", LISTED, NOW), datetime(2026, 9, 1, tzinfo=UTC))


def test_who_leaves_a_list_of_dates_is_not_ended_by_it():
    state = begun(LISTED, at=datetime(2026, 3, 1, tzinfo=UTC))
    state = sub.step(
        state, sub.ChangePlan("c", plan(FEE), NOW), datetime(2026, 4, 1, tzinfo=UTC)
    ).subscription
    assert state.state(datetime(2027, 1, 1, tzinfo=UTC)) is sub.State.ACTIVE
    state = sub.step(state, sub.ChangePlan("d", LISTED, NOW), datetime(2026, 6, 1, tzinfo=UTC)).subscription
    assert state.state(datetime(2026, 8, 1, tzinfo=UTC)) is sub.State.ENDED


def test_a_deposit_is_entered_once():
    with pytest.raises(Fault, match="duplicate_deposit"):
        use_deposits(Money(9, EUR), [Deposit("D", Money(1, EUR)), Deposit("D", Money(1, EUR))])
