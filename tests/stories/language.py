"""The language of stories: `README.md` beside this file says it in full."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.stories.happenings import World
from tests.stories.prices import EVERY, MONTH_NAME, MONTHS, NUMBER, StoryError, charge, interval, terms

from abaque.core.fault import Fault
from abaque.core.invoicing import CreditNote, Invoice
from abaque.core.money import currency
from abaque.core.period import Alignment, Interval, Unit, local_day, local_midnight, parse_instant
from abaque.core.pricing import Charge, Plan, Usage
from abaque.core.simulating import Life, play
from abaque.core.subscription import AddOn, Due, Start
from abaque.core.tax import Rate, Totals, Treatment, decide

_NOON = timedelta(hours=12)
_DATE = r"\d{4}-\d\d-\d\d"
_CODE = r"[a-z][a-z0-9-]*"
_MONTH = Interval(Unit.MONTH)
_STANDARD = Rate("S", Decimal(20))
_FIGURES = ("net", "tax", "total")
_TO_PAY = "to-pay"


@dataclass
class Document:
    """What the story's hand worked out for one invoice, or for one credit note `of` an invoice's day."""

    due: date
    line: int
    of: date | None = None
    lines: dict[str, Decimal] = field(default_factory=dict)
    figures: dict[str, Decimal] = field(default_factory=dict)

    def told(self) -> tuple[date, date | None, dict[str, Decimal], dict[str, Decimal]]:
        """Return it as `Story.played` does: lines that are not zero; without a word, all of the total is to pay."""
        lines = {code: net for code, net in self.lines.items() if net}
        figures = dict(self.figures)
        if self.of is None:
            figures.setdefault(_TO_PAY, figures["total"])
        return self.due, self.of, lines, figures


@dataclass
class Used:
    """What was used on one day, and when it became known if that was later."""

    charge: str
    on: date
    quantities: tuple[Decimal, ...]
    money: bool
    cell: tuple[str, ...] = ()
    known: date | None = None


@dataclass
class Offer:
    """A plan as it is told, sentence by sentence, or an add-on, which has no currency."""

    version: int = 1
    currency: str | None = None
    interval: Interval = _MONTH
    alignment: Alignment = Alignment.ANNIVERSARY
    dates: tuple[tuple[int, int], ...] = ()
    charges: dict[str, Charge] = field(default_factory=dict)
    terms: dict[str, object] = field(default_factory=dict)

    def plan(self, name: str) -> Plan:
        assert self.currency is not None
        own = name.removesuffix(f"-{self.version}")
        charges, money = tuple(self.charges.values()), currency(self.currency)
        return Plan(
            own, self.version, money, self.interval, self.alignment, charges, dates=self.dates, **self.terms
        )


@dataclass
class Story:
    """A customer's months as told: what was sold, what happened, what was used, what the documents must say."""

    offers: dict[str, Offer] = field(default_factory=dict)
    begins_with: str | None = None
    zone: str = "UTC"
    start: datetime | None = None
    trial_from: date | None = None
    last: date | None = None
    tax: Rate = _STANDARD
    until: date | None = None
    used: list[Used] = field(default_factory=list)
    subscribed: dict[str, Decimal] = field(default_factory=dict)
    happened: list[tuple[str, str]] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)

    def codes(self) -> set[str]:
        return {code for offer in self.offers.values() for code in offer.charges}

    def charge(self, code: str) -> Charge | None:
        found = (offer.charges[code] for offer in self.offers.values() if code in offer.charges)
        return next(found, None)

    def life(self) -> Life:
        assert self.start is not None
        plans = {name: offer.plan(name) for name, offer in self.offers.items() if offer.currency}
        addons = {
            name: AddOn(name, tuple(offer.charges.values()))
            for name, offer in self.offers.items()
            if not offer.currency
        }
        first = plans[self.begins_with or next(iter(plans))]
        world = World(plans, addons, first.currency, self.instant)
        start = Start(
            "", first, quantities=tuple(sorted(self.subscribed.items())), trial_from=self.trial_from
        )
        happened = [(self.start, start)]
        for day, said in self.happened:
            at = self.start if day == "start" else self.instant(day)
            happened.append((at, world.happening(said, at)))
        if self.last is not None:
            end = local_midnight(self.last + timedelta(days=1), self.zone)
            happened.insert(1, (self.start, world.happening(f"cancel on {end.isoformat()}", self.start)))
        learnt = tuple(local_midnight(one.known, self.zone) for one in self.used if one.known)
        return Life(self.zone, tuple(happened), self._usage, self.tax, learnt)

    def instant(self, said: str) -> datetime:
        """Return the instant a story names: of a bare day, its noon."""
        if re.fullmatch(_DATE, said):
            return local_midnight(date.fromisoformat(said), self.zone) + _NOON
        return parse_instant(said)

    def played(self) -> list[tuple[date, date | None, dict[str, Decimal], dict[str, Decimal]]]:
        """Return what the code under test writes: day, day of the invoice credited, lines not zero, figures."""
        assert self.until is not None
        until = local_midnight(self.until + timedelta(days=1), self.zone) - timedelta(microseconds=1)
        found = []
        invoiced: list[tuple[date, Invoice]] = []
        for one in play(self.life(), until=until):
            day = local_day(one.at, self.zone)
            found += [
                (day, invoiced[of][0], *_credited(note, invoiced[of][1])) for of, note in one.credit_notes
            ]
            if one.invoice is not None:
                invoiced.append((day, one.invoice))
                found.append((day, None, *_invoiced(one.invoice)))
        return found

    def _usage(self, due: Due, at: datetime) -> Usage:
        parts = [
            one
            for one in self.used
            if one.charge == due.charge.code
            and due.span.contains(local_midnight(one.on, self.zone))
            and (one.known is None or local_midnight(one.known, self.zone) <= at)
        ]
        amounts = tuple(amount for one in parts for amount in one.quantities)
        cells: dict[tuple[str | None, ...], Decimal] = {}
        for one in parts:
            if one.cell:
                cells[one.cell] = cells.get(one.cell, Decimal(0)) + sum(one.quantities)
        money = any(one.money for one in parts)
        return Usage(sum(amounts, Decimal(0)), len(amounts), amounts if money else (), cells)


def _figures(totals: Totals) -> dict[str, Decimal]:
    return dict(
        zip(_FIGURES, (totals.net.decimal(), totals.tax.decimal(), totals.gross.decimal()), strict=True)
    )


def _invoiced(invoice: Invoice) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Return each charge as it was rated, then what each discount and given credit took off, below zero."""
    lines: dict[str, Decimal] = {}
    for line in invoice.lines:
        code = line.line.charge
        lines[code] = lines.get(code, Decimal(0)) + line.gross.decimal()
        for reduction in line.reductions:
            lines[reduction.code] = lines.get(reduction.code, Decimal(0)) - reduction.amount.decimal()
    lines = {code: net for code, net in lines.items() if net}
    return lines, {**_figures(invoice.totals), _TO_PAY: invoice.due.decimal()}


def _credited(note: CreditNote, invoice: Invoice) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    lines: dict[str, Decimal] = {}
    for index, amount in note.parts:
        code = invoice.lines[index].line.charge
        lines[code] = lines.get(code, Decimal(0)) + amount.decimal()
    return lines, _figures(note.totals)


def read(text: str, name: str) -> Story:
    """Return the story a text tells. Raises `StoryError` with the name, the line and what was expected."""
    story = Story()
    number = 0
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.split("#")[0].strip()
        if line:
            try:
                _understand(story, line, number)
            except (StoryError, Fault, ValueError) as error:
                raise StoryError(f"{name}:{number}: {error}") from None
    _check(story, f"{name}:{number}")
    for document in story.documents:
        missing = [figure for figure in _FIGURES if figure not in document.figures]
        if missing:
            raise StoryError(f"{name}:{document.line}: the document says no {' and no '.join(missing)}")
    return story


def _check(story: Story, where: str) -> None:
    for what, said in (("plan", story.offers), ("customer", story.start), ("until", story.until)):
        if not said:
            raise StoryError(f"{where}: the story says no `{what}`")
    for code in story.codes():
        found = story.charge(code)
        if found is not None and found.quantity is not None and code not in story.subscribed:
            raise StoryError(f"{where}: the story says not how many {code} the customer has")
    try:
        story.life()
    except (StoryError, Fault) as error:
        raise StoryError(f"{where}: {error}") from None


def _understand(story: Story, line: str, number: int) -> None:
    if found := re.fullmatch(rf"invoice ({_DATE})", line):
        story.documents.append(Document(date.fromisoformat(found[1]), number))
    elif found := re.fullmatch(rf"credit note ({_DATE}) of ({_DATE})", line):
        day, of = (date.fromisoformat(each) for each in found.groups())
        story.documents.append(Document(day, number, of))
    elif story.documents:
        _figure(story.documents[-1], line, story)
    else:
        for pattern, act in _SENTENCES.items():
            if found := re.fullmatch(pattern, line):
                act(story, *found.groups())
                return
        raise StoryError(f"cannot understand: {line}")


def _figure(document: Document, line: str, story: Story) -> None:
    found = re.fullmatch(rf"({_CODE}) +(-?{NUMBER})", line)
    if found is None:
        raise StoryError(f"a document has lines such as `base 49.00`: {line}")
    name, amount = found[1], Decimal(found[2])
    figures = (*_FIGURES, _TO_PAY)
    taken_off = [said.split(":")[0].split(" ")[-1] for _, said in story.happened if ":" in said]
    if name not in {*figures, *story.codes(), *taken_off, "minimum", "true_up", "true-up", "carried"}:
        raise StoryError(f"there is no charge named {name}")
    into = document.figures if name in figures else document.lines
    name = "true_up" if name == "true-up" else name
    if name in into:
        raise StoryError(f"{name} stands twice in this document")
    into[name] = amount


def _plan(story: Story, name: str | None, code: str, *every: str | None) -> None:
    count, unit, aligned = every
    offer = _offer(story, name or "story")
    offer.currency, offer.interval = currency(code).code, interval(count, unit)
    offer.alignment = Alignment.CALENDAR if aligned else Alignment.ANNIVERSARY


def _dates(story: Story, name: str | None, code: str, days: str) -> None:
    offer = _offer(story, name or "story")
    offer.currency = currency(code).code
    said = (day.split(" ") for day in days.split(", "))
    offer.dates = tuple((MONTHS.index(month) + 1, int(day)) for day, month in said)


def _offer(story: Story, name: str) -> Offer:
    if name in story.offers:
        raise StoryError(f"{name} stands twice")
    version = re.fullmatch(r".+-(\d+)", name)
    return story.offers.setdefault(name, Offer(int(version[1]) if version else 1))


def _latest(story: Story) -> Offer:
    if not story.offers:
        raise StoryError("a plan comes first")
    return list(story.offers.values())[-1]


def _charge(story: Story, code: str, said: str) -> None:
    offer = _latest(story)
    if code in offer.charges or code in {*_FIGURES, _TO_PAY}:
        raise StoryError(f"a charge cannot be named {code} here: choose another name")
    offer.charges[code] = charge(code, said)


def _with(story: Story, said: str) -> None:
    offer, more = _latest(story), terms(said)
    phases = (*offer.terms.get("phases", ()), *more.get("phases", ()))
    offer.terms |= more | ({"phases": phases} if phases else {})


def _customer(story: Story, zone: str, said: str, plan: str | None) -> None:
    story.zone, story.begins_with = zone, plan
    if plan is not None and plan not in story.offers:
        raise StoryError(f"there is no plan named {plan}")
    whole = re.fullmatch(_DATE, said)
    story.start = local_midnight(date.fromisoformat(said), zone) if whole else parse_instant(said)


def _day(field_: str) -> Callable[[Story, str], None]:
    return lambda story, day: setattr(story, field_, date.fromisoformat(day))


def _tax(story: Story, said: str) -> None:
    treatments = {"reverse charge": Treatment.REVERSE_CHARGE, "exempt": Treatment.NONE}
    if said in treatments:
        story.tax = decide(treatments[said], Decimal(20), untaxed="E")
    else:
        story.tax = decide(Treatment.STANDARD, Decimal(said))


def _has(story: Story, number: str, code: str) -> None:
    found = story.charge(code)
    if found is None or found.quantity is None:
        raise StoryError(f"there is no subscribed charge named {code}")
    story.subscribed[code] = Decimal(number)


def _used(story: Story, *words: str) -> None:
    kind, code, said, day, cell, known = words
    found = story.charge(code)
    if found is None or found.meter is None:
        raise StoryError(f"there is no charge on usage named {code}")
    quantities = tuple(Decimal(part) for part in said.split())
    group = tuple(cell.split("/")) if cell else ()
    later = date.fromisoformat(known) if known else None
    story.used.append(Used(code, date.fromisoformat(day), quantities, kind == "paid", group, later))


_PLAN = rf"plan(?: ({_CODE}))? in ([A-Z]{{3}})"
_SENTENCES: dict[str, Callable[..., None]] = {
    rf"{_PLAN}, {EVERY}(, from the first)?": _plan,
    rf"{_PLAN}, on (\d+ {MONTH_NAME}(?:, \d+ {MONTH_NAME})*)": _dates,
    rf"add-on ({_CODE})": _offer,
    r"with (.+)": _with,
    rf"charge ({_CODE}): (.+)": _charge,
    rf"customer in (\S+) from (\S+)(?: with ({_CODE}))?": _customer,
    rf"customer has ({NUMBER}) ({_CODE})": _has,
    rf"customer's first trial began on ({_DATE})": _day("trial_from"),
    rf"last day ({_DATE})": _day("last"),
    rf"until ({_DATE})": _day("until"),
    rf"tax ({NUMBER}|reverse charge|exempt)": _tax,
    rf"(used|paid) ({_CODE}) ((?:-?{NUMBER} ?)+) on ({_DATE})(?: for (\S+))?(?:, known on ({_DATE}))?": _used,
    r"on (\S+): (.+)": lambda story, day, said: story.happened.append((day, said)),
    r"at the start: (.+)": lambda story, said: story.happened.append(("start", said)),
}
