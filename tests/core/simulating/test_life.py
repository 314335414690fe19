"""Laws of whole lives: whatever happens, the documents add up to what the house says is owed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.simulating.lives import VAT

from abaque.core import subscription as sub
from abaque.core.fault import Fault
from abaque.core.invoicing import Credit, Discount
from abaque.core.money import Money, currency
from abaque.core.period import Alignment, Interval, Unit, local_midnight
from abaque.core.pricing import Allowance, Bill, Charge, Commitment, Flat, PerUnit, Phase, Plan, Trial
from abaque.core.simulating import Life, play

EUR = currency("EUR")
MONTH, QUARTER = Interval(Unit.MONTH), Interval(Unit.MONTH, 3)
EVER = datetime(2010, 1, 1, tzinfo=UTC)
ZONES = ["UTC", "Europe/Paris", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia"]
DOCS = Charge("docs", PerUnit(Decimal("0.10")), "docs")
POOL = Charge("docs", PerUnit(Decimal("0.13")), "docs", allowance=Allowance(Decimal(700), QUARTER))


def fee(amount):
    return Charge("base", Flat(Decimal(amount)), bill=Bill.ADVANCE)


def plan(code, *charges, align=Alignment.ANNIVERSARY, **terms):
    return Plan(code, 1, EUR, MONTH, align, charges, **terms)


PLANS = [
    plan("pro", DOCS, fee(49), align=Alignment.CALENDAR),
    plan("big", POOL, fee(99), align=Alignment.CALENDAR),
    plan("bounded", DOCS, fee(49), minimum=Decimal(60), maximum=Decimal(70)),
    plan("agreed", DOCS, fee(20), commitment=Commitment(Decimal(200), QUARTER)),
    plan("ramped", DOCS, fee(49), minimum=Decimal(30), phases=(Phase(2, Decimal(50)),), trial=Trial(9)),
]
plans = st.sampled_from(PLANS)
events = st.one_of(
    st.builds(sub.ChangePlan, st.just(""), plans, st.none() | st.sampled_from(sub.When)),
    st.builds(sub.Pause, st.just(""), st.booleans()),
    st.builds(sub.Cancel, st.just(""), st.sampled_from(sub.When)),
    st.builds(sub.Migrate, st.just(""), plans),
    *(st.just(kind("")) for kind in (sub.Resume, sub.Reactivate, sub.Convert, sub.Activate)),
)
# A move lengthens or shortens the period that runs, and what was billed of it stands: no sum to compare with.
moves = st.builds(sub.Move, st.just(""), st.sampled_from(ZONES))
gifts = st.one_of(
    st.builds(
        Discount, st.uuids().map(str), st.sampled_from([Decimal("12.5"), Decimal(100)]), times=st.integers(1, 3)
    ),
    st.builds(
        Credit, st.uuids().map(str), st.integers(1, 9999).map(lambda cents: Money(cents, EUR)),
        st.just(EVER), paid=st.booleans(),
    ),
)  # fmt: skip


@st.composite
def lives(draw, happenings):
    """A life that is allowed, and of whose usage more, or less, becomes known in the weeks after a period."""
    zone, late = draw(st.sampled_from(ZONES)), draw(st.integers(-2, 3))
    start = local_midnight(date(2010, 10, 30), zone)
    begin = sub.Start("start", draw(plans))
    state, happened = sub.moved(sub.Subscription(zone), begin, start), [(start, begin)]
    days = st.tuples(st.integers(0, 200 * 24), happenings)
    for number, (hours, what) in enumerate(
        sorted(draw(st.lists(days, max_size=6)), key=lambda each: each[0])
    ):
        at = start + timedelta(hours=hours)
        if isinstance(what, sub.Event):
            try:
                state = sub.moved(state, keyed := replace(what, key=str(number)), at)
            except Fault as refusal:
                if refusal.code not in {"not_in_state", "other_plan"}:
                    raise
                continue
            what = keyed  # noqa: PLW2901 -- the same event, with a key of its own
        happened.append((at, what))

    def usage(due, at):
        weeks = max(0, (at - due.span.end).days // 7)
        return (
            Decimal(300 + late * min(weeks, 4) * 30)
            if due.span.end - due.span.start > timedelta(days=2)
            else Decimal(7)
        )

    return Life(zone, tuple(happened), usage, VAT, (start + timedelta(days=400),)), state


UNTIL = datetime(2011, 12, 31, tzinfo=UTC)


@settings(max_examples=120, deadline=None)
@given(lives(events))
def test_what_was_invoiced_less_what_was_credited_is_what_is_owed(lived):
    life, state = lived
    played = play(life, until=UNTIL)
    notes = [note.totals.net.minor for one in played for _, note in one.credit_notes]
    nets = [one.invoice.totals.net.minor for one in played if one.invoice]
    last = max((one.at for one in played), default=UNTIL)
    owed = sub.rated(state, lambda due: life.usage(due, last), until=last)
    assert sum(nets) - sum(notes) == sum(one.net.minor for one in owed)


@settings(max_examples=120, deadline=None)
@given(lives(events | moves | gifts))
def test_documents_add_up_and_no_more_is_given_back_than_was_invoiced(lived):
    life, _ = lived
    invoices, back, balance = [], {}, 0
    for one in play(life, until=UNTIL):
        for of, note in one.credit_notes:
            back[of] = back.get(of, 0) + note.totals.gross.minor
            assert 0 < back[of] <= invoices[of].totals.gross.minor
            balance += note.totals.gross.minor
        if one.invoice is None:
            continue
        invoices.append(one.invoice)
        balance -= sum(burn.amount.minor for burn in one.invoice.deposits)
        assert balance >= 0
        assert one.invoice.due.minor >= 0
        assert one.invoice.totals.net.minor == sum(line.net.minor for line in one.invoice.lines)
        for owed, line in zip(one.charged, one.invoice.lines, strict=False):
            assert owed.rating.money(EUR) == owed.amount == line.gross


def spent(life, until):
    """Net by the month in which a line's service began, of a life that never changes."""
    found = {}
    for one in play(life, until=until):
        for line in one.invoice.lines if one.invoice else ():
            month = (line.line.span.start + timedelta(hours=12)).month
            found[month] = found.get(month, 0) + line.net.minor
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 3000), min_size=6, max_size=6))
def test_a_period_never_costs_less_than_its_minimum_nor_more_than_its_maximum(used):
    start = local_midnight(date(2011, 1, 1), "UTC")
    life = Life("UTC", ((start, sub.Start("s", PLANS[2])),), lambda due, _: Decimal(used[due.index]), VAT)
    months = spent(life, local_midnight(date(2011, 7, 1), "UTC"))
    assert [months[month + 1] for month in range(6)] == [
        min(max(4900 + units * 10, 6000), 7000) for units in used
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 1500), min_size=6, max_size=6))
def test_a_quarter_comes_to_what_was_committed_or_more(used):
    start = local_midnight(date(2011, 1, 1), "UTC")
    life = Life("UTC", ((start, sub.Start("s", PLANS[3])),), lambda due, _: Decimal(used[due.index]), VAT)
    months = spent(life, local_midnight(date(2011, 7, 1), "UTC"))
    for first in (0, 3):
        usage = sum(2000 + units * 10 for units in used[first : first + 3])
        assert sum(months.get(month + 1, 0) for month in range(first, first + 3)) == max(usage, 20000)
