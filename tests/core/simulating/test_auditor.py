"""An auditor: what a life must have been billed, worked out day by day in fractions, without the code it checks.

It knows the rules, not the program: the last plan of a day owns it, the first and the last day are used, fees rest on
days that were paused from midnight to midnight, the usage of a day is rated once, in the segment that owns the day,
and parts of a fee or an allowance are differences of rounded running totals. From these it predicts every amount
by charge and period, and the instant and kind of every document.
"""

import itertools
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.simulating.lives import VAT

from abaque.core import subscription as sub
from abaque.core.money import currency
from abaque.core.period import Alignment, Interval, Unit
from abaque.core.pricing import Allowance, Bill, Charge, Flat, Graduated, PerUnit, Plan, Tier
from abaque.core.simulating import Life, play

DAY, QUARTER_HOUR = timedelta(days=1), timedelta(minutes=15)
HORIZON = 460
# Summer time begins and ends, midnights that are skipped or repeated, a day that was never lived.
PLACES = [
    ("UTC", date(2027, 11, 29)),
    ("Europe/Paris", date(2026, 1, 31)),
    ("Asia/Kolkata", date(2026, 2, 10)),
    ("America/Sao_Paulo", date(2017, 8, 1)),
    ("Pacific/Apia", date(2011, 10, 1)),
    ("Pacific/Apia", date(2011, 11, 30)),
]


@dataclass(frozen=True)
class Offer:
    """What a plan says, in cents: a fee and seats in advance, docs beyond an allowance, calls in tiers."""

    code: str
    fee: int
    seat: int
    doc: Fraction
    free: int
    tiers: tuple[tuple[int | None, int, int], ...]
    calendar: bool


OFFERS = [
    Offer("a", 4900, 1000, Fraction(13, 10), 100, ((50, 20, 500), (None, 7, 0)), calendar=True),
    Offer("b", 9999, 1000, Fraction(10), 333, ((20, 30, 0), (90, 11, 700), (None, 3, 0)), calendar=True),
    Offer("c", 3100, 777, Fraction(7, 2), 0, ((None, 9, 0),), calendar=False),
    Offer("d", 20001, 0, Fraction(1, 10), 1001, ((10, 0, 333), (None, 25, 100)), calendar=False),
]
SUPPORT_FEE = 2999


def euros(cents):
    return Decimal(cents.numerator) / Decimal(cents.denominator) / 100


def plan_of(offer):
    """The plan under test that says the same."""
    tiers = tuple(
        Tier(None if bound is None else Decimal(bound), euros(unit), euros(flat))
        for bound, unit, flat in offer.tiers
    )
    charges = (
        Charge(f"fee-{offer.code}", Flat(euros(offer.fee)), bill=Bill.ADVANCE),
        Charge(f"seat-{offer.code}", PerUnit(euros(offer.seat)), quantity="seats", bill=Bill.ADVANCE),
        Charge(
            f"doc-{offer.code}", PerUnit(euros(offer.doc)), "docs", allowance=Allowance(Decimal(offer.free))
        ),
        Charge(f"call-{offer.code}", Graduated(tiers), "calls"),
    )
    align = Alignment.CALENDAR if offer.calendar else Alignment.ANNIVERSARY
    return Plan(offer.code, 1, currency("EUR"), Interval(Unit.MONTH), align, charges)


PLANS = {offer.code: plan_of(offer) for offer in OFFERS}
SUPPORT = sub.AddOn("support", (Charge("support", Flat(euros(SUPPORT_FEE)), bill=Bill.ADVANCE),))


# --- Days, months and cents, counted by hand.


@lru_cache(maxsize=100_000)
def midnight(day, zone):
    """The first instant of a local day: walk through the hours until the date is there."""
    instant = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=40)
    while instant.astimezone(ZoneInfo(zone)).date() < day:
        instant += QUARTER_HOUR
    return instant


@lru_cache(maxsize=100)
def days_lived(first, zone):
    """All days from a month before on that last any time, and their midnights."""
    every = (first + DAY * n for n in range(-40, HORIZON))
    days = [day for day in every if midnight(day, zone) < midnight(day + DAY, zone)]
    return days, [midnight(day, zone) for day in days]


def months_on(anchor, count):
    """The same day some months later, or the last of a shorter month."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + count, 12)
    ahead = date(year + month // 11, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + DAY * (anchor.day - 1), ahead - DAY)


def month_around(day, anchor, *, calendar):
    """First day of the billing month a day lies in, and of the next one."""
    anchor = anchor.replace(day=1) if calendar else anchor
    count = (day.year - anchor.year) * 12 + day.month - anchor.month
    while months_on(anchor, count) > day:
        count -= 1
    return months_on(anchor, count), months_on(anchor, count + 1)


def cents(exact):
    """Half away from zero; nothing here is below zero."""
    return int(exact + Fraction(1, 2))


def part(amount, begin, end, whole):
    return cents(Fraction(amount * end, whole)) - cents(Fraction(amount * begin, whole))


# --- What was agreed, instant by instant.


@dataclass
class Agreed:
    """Each thing agreed as a list of (instant, value); the customer's stays as [begin, end or None]."""

    zone: str
    first: date
    plan: list = field(default_factory=list)
    seats: list = field(default_factory=list)
    support: list = field(default_factory=list)
    paused: list = field(default_factory=list)
    anchor: list = field(default_factory=list)
    stays: list = field(default_factory=list)
    planned: tuple = ()

    @property
    def tracks(self):
        return self.plan, self.seats, self.support, self.paused, self.anchor

    def day(self, instant):
        days, midnights = days_lived(self.first, self.zone)
        return days[bisect_right(midnights, instant) - 1]

    def begin(self, at, offer, seats, *, support=False):
        self.stays.append([at, None])
        for track, value in zip(self.tracks, (offer, seats, support, False, self.day(at)), strict=True):
            track.append((at, value))

    def period_end(self, now):
        offer, anchor = value_at(self.plan, now), value_at(self.anchor, now)
        ahead = month_around(self.day(now), anchor, calendar=offer.calendar)[1]
        return midnight(ahead, self.zone)

    def say(self, track, at, value):
        """From an instant on, whatever was planned for later."""
        track[:] = [entry for entry in track if entry[0] < at] + [(at, value)]

    def restore(self):
        """What was agreed before the customer wanted to leave."""
        for track, planned in zip(self.tracks, self.planned, strict=True):
            track[:] = planned

    def standing(self, now):
        end = self.stays[-1][1]
        if end is None:
            return "paused" if value_at(self.paused, now) else "running"
        return "ended" if end <= now else "leaving"

    def daily(self, offer, now):
        """What a plan's fees cost per day, of the month that runs."""
        month = month_around(self.day(now), value_at(self.anchor, now), calendar=offer.calendar)
        days, _ = days_lived(self.first, self.zone)
        length = bisect_left(days, month[1]) - bisect_left(days, month[0])
        return Fraction(offer.fee + offer.seat * value_at(self.seats, now), length)


def value_at(track, instant):
    return [value for at, value in track if at <= instant][-1]


# --- What may happen, to the agreement and to the program.


def happen(agreed, now, move):
    """Apply a move; return the event to give the program, None where there is none.

    Who paused goes on with the next pause; who is leaving or gone comes back with any move but two.
    """
    standing = agreed.standing(now)
    if move[0] == "cancel" and standing != "ended":
        return cancel(agreed, now, *move[1:])
    if standing in {"leaving", "ended"}:
        return reactivate(agreed, now, standing) if move[0] != "seats" else None
    return change(agreed, now, standing, move)


def cancel(agreed, now, arg, late):
    """At once, at the period's end, or some hours ahead. What was planned for later comes if it is taken back."""
    at = agreed.period_end(now) if late else now
    ahead = now + timedelta(hours=arg * 17) if arg > 3 else None
    agreed.stays[-1][1] = ahead or at
    agreed.planned = agreed.planned or tuple(list(track) for track in agreed.tracks)
    agreed.restore()
    for track in agreed.tracks:
        track[:] = [entry for entry in track if entry[0] < (ahead or at)]
    return sub.Cancel("", ahead or when_of(late))


def reactivate(agreed, now, standing):
    """Stay after all, or come back with what was had last, on an anchor of its own."""
    if standing == "leaving":
        agreed.stays[-1][1] = None
        agreed.restore()
    else:
        plan, seats, support = (track[-1][1] for track in (agreed.plan, agreed.seats, agreed.support))
        agreed.begin(now, plan, seats, support=support)
    agreed.planned = ()
    return sub.Reactivate("")


def change(agreed, now, standing, move):
    """Have something else, or rest."""
    what, arg, late = move
    when, at = when_of(late), agreed.period_end(now) if late else now
    match what:
        case "plan":
            agreed.say(agreed.plan, at, OFFERS[arg % 4])
            return sub.ChangePlan("", PLANS[OFFERS[arg % 4].code], when)
        case "plan as usual":
            offer = OFFERS[arg % 4]
            up = agreed.daily(offer, now) >= agreed.daily(value_at(agreed.plan, now), now)
            agreed.say(agreed.plan, now if up else agreed.period_end(now), offer)
            return sub.ChangePlan("", PLANS[offer.code])
        case "seats":
            agreed.say(agreed.seats, at, arg)
            return sub.ChangeQuantity("", "seats", Decimal(arg), when)
        case "support":
            agreed.say(agreed.support, at, bool(arg % 2))
            return sub.AddAddOn("", SUPPORT, when) if arg % 2 else sub.RemoveAddOn("", "support", when)
        case "pause" if standing == "running":
            agreed.say(agreed.paused, at, value=True)
            return sub.Pause("", credit=not late)
        case "pause":
            agreed.say(agreed.paused, now, value=False)
            return sub.Resume("")


def when_of(late):
    return sub.When.PERIOD_END if late else sub.When.NOW


# --- What it costs.


def stretches(agreed, wanted):
    """Return (begin, end, value) while what is wanted of the agreement stays the same, without interruption."""
    said = {at for track in agreed.tracks for at, _ in track}
    marks = sorted(said | {at for stay in agreed.stays for at in stay if at})
    marks.append(midnight(agreed.first + DAY * (HORIZON - 1), agreed.zone))
    found = []
    for begin, end in itertools.pairwise(marks):
        if not any(stay[0] <= begin and (stay[1] is None or end <= stay[1]) for stay in agreed.stays):
            continue
        value = wanted(*(value_at(track, begin) for track in agreed.tracks))
        if value is None:
            continue
        if found and found[-1][1:] == (begin, value):
            found[-1] = (found[-1][0], end, value)
        else:
            found.append((begin, end, value))
    return found


def owned(agreed, wanted):
    """Yield (value, month, first place, last place + 1, days of the month, first day, day after the last)."""
    days, midnights = days_lived(agreed.first, agreed.zone)
    owner = {}
    for number, (begin, end, _) in enumerate(found := stretches(agreed, wanted)):
        for place in range(bisect_right(midnights, begin) - 1, bisect_left(midnights, end)):
            owner[place] = number
    for place in sorted(owner):  # what was changed and changed back within a day was never changed
        before = owner.get(place - 1)
        if before is not None and found[before][2] == found[owner[place]][2]:
            owner[place] = before
    runs = defaultdict(list)
    for place, number in sorted(owner.items()):
        (offer, anchor, *_) = found[number][2]
        calendar = offer if isinstance(offer, bool) else offer.calendar
        runs[number, month_around(days[place], anchor, calendar=calendar)].append(place)
    for (number, month), places in runs.items():
        start, end = bisect_left(days, month[0]), bisect_left(days, month[1])
        yield (
            found[number][2], month, places[0] - start, places[-1] + 1 - start, end - start,
            midnights[places[0]], midnights[places[-1] + 1],
        )  # fmt: skip


def fees(agreed):
    """Yield (key, due at, cents) of all that is billed in advance."""
    for (offer, _), month, a, b, whole, first, _ in owned(
        agreed, lambda plan, _s, _o, paused, anchor: None if paused else (plan, anchor)
    ):
        yield (f"fee-{offer.code}", month, first), first, part(offer.fee, a, b, whole)
    for (offer, _, seats), month, a, b, whole, first, _ in owned(
        agreed, lambda plan, seats, _o, paused, anchor: None if paused else (plan, anchor, seats)
    ):
        yield (f"seat-{offer.code}", month, first, seats), first, part(offer.seat * seats, a, b, whole)
    for (_, _, on), month, a, b, whole, first, _ in owned(
        agreed, lambda plan, _s, on, paused, anchor: None if paused else (plan.calendar, anchor, on)
    ):
        if on:
            yield ("support", month, first), first, part(SUPPORT_FEE, a, b, whole)


def usages(agreed, used):
    """Yield (key, due at, cents) of usage, each day's in the segment that owns it, paused or not."""
    days, midnights = days_lived(agreed.first, agreed.zone)
    for (offer, _), month, a, b, whole, first, last in owned(
        agreed, lambda plan, _s, _o, _p, anchor: (plan, anchor)
    ):
        span = days[bisect_left(midnights, first) : bisect_left(midnights, last)]
        docs, calls = (sum(used(meter, day) for day in span) for meter in ("docs", "calls"))
        paid = max(0, docs - part(offer.free, a, b, whole))
        yield (f"doc-{offer.code}", month, first), last, cents(paid * offer.doc)
        price, floor = 0, 0
        for bound, unit, flat in offer.tiers:
            if floor == 0 or calls > floor:
                price += part(flat, a, b, whole)
                price += unit * max(0, (calls if bound is None else min(calls, bound)) - floor)
            floor = bound
        yield (f"call-{offer.code}", month, first), last, price


@dataclass
class Audit:
    """What must be billed so far, and the documents that must have been written: (instant, invoice?, notes?)."""

    zone: str
    billed: dict = field(default_factory=dict)
    documents: list = field(default_factory=list)

    def until(self, instant, wanted, *, inclusive):
        """Bill what falls due before an instant, each due day by itself, and at the instant."""
        due = sorted({at for _, at, _ in wanted if at < instant or (inclusive and at == instant)})
        last = self.documents[-1][0] if self.documents else None
        for at in [at for at in due if last is None or at > last]:
            self.bill(at, wanted)

    def bill(self, at, wanted):
        now = {key: amount for key, due, amount in wanted if due <= at}
        more = any(self.asks_for_an_invoice(key, amount, at) for key, amount in now.items())
        less = any(amount > now.get(key, 0) for key, amount in self.billed.items())
        self.billed = now
        if more or less:
            self.documents.append((at, more, less))

    def asks_for_an_invoice(self, key, amount, at):
        """What costs more than was billed; and what is new, unless it is zero in the middle of a month."""
        start, end = (midnight(day, self.zone) for day in key[1])
        if key in self.billed:
            return amount > self.billed[key]
        return bool(amount) or not start < at < end


moves = st.tuples(
    st.sampled_from(["plan", "plan as usual", "seats", "support", "pause", "cancel"]),
    st.integers(0, 7), st.booleans(),
)  # fmt: skip
gaps = st.one_of(st.integers(0, 12), st.integers(0, 40 * 24))
lives = st.lists(st.tuples(gaps, moves), max_size=8)


@st.composite
def audited(draw):
    """A life, until when it is looked at, and what an auditor finds it must have brought."""
    zone, first = draw(st.sampled_from(PLACES))
    offer, seats, rate = draw(st.sampled_from(OFFERS)), draw(st.integers(0, 4)), draw(st.integers(0, 9))
    days, midnights = days_lived(first, zone)

    def used(meter, day):
        return (day.toordinal() * (7 if meter == "docs" else 5) + rate) % 11 * rate

    def usage(due, _):
        span = days[bisect_left(midnights, due.span.start) : bisect_left(midnights, due.span.end)]
        return Decimal(sum(used(due.charge.meter, day) for day in span))

    agreed, audit = Agreed(zone, first), Audit(zone)
    now = midnight(first, zone) + timedelta(hours=draw(st.integers(0, 40 * 24)))
    addons = draw(st.sampled_from([(), (SUPPORT,)]))
    agreed.begin(now, offer, seats, support=bool(addons))
    happened = [(now, sub.Start("", PLANS[offer.code], None, (("seats", Decimal(seats)),), addons))]
    for gap, move in draw(lives):
        ahead = now + timedelta(hours=gap + (len(happened) == 1))
        before = [*fees(agreed), *usages(agreed, used)]
        event = happen(agreed, ahead, move)
        if event is None:
            continue
        if ahead > now:
            audit.bill(now, before)
            audit.until(ahead, before, inclusive=False)
        now = ahead
        happened.append((now, event))
    after, until = [*fees(agreed), *usages(agreed, used)], now + timedelta(days=75)
    audit.bill(now, after)
    audit.until(until, after, inclusive=True)
    return Life(zone, tuple(happened), usage, VAT), until, audit


def net_of(played):
    """Net by charge and period: what was invoiced, less what was credited."""
    net, charged = defaultdict(int), []
    for one in played:
        for of, note in one.credit_notes:
            for index, amount in note.parts:
                owed = charged[of][index]
                net[owed.charge.code, owed.whole.start, owed.whole.end] -= amount.minor
        if one.invoice is not None:
            charged.append(one.charged)
            for owed, line in zip(one.charged, one.invoice.lines, strict=True):
                net[owed.charge.code, owed.whole.start, owed.whole.end] += line.net.minor
    return {key: value for key, value in net.items() if value}


@settings(max_examples=100, deadline=None)
@given(audited())
def test_every_amount_and_every_document_is_what_an_auditor_works_out(found):
    life, until, audit = found
    played = play(life, until=until)
    assert [(one.at, one.invoice is not None, bool(one.credit_notes)) for one in played] == audit.documents
    expected = defaultdict(int)
    for (code, month, *_), amount in audit.billed.items():
        expected[code, *(midnight(day, life.zone) for day in month)] += amount
    assert net_of(played) == {key: value for key, value in expected.items() if value}
