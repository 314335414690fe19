"""The language of stories: `README.md` beside this file says it in full."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.money import currency
from abaque.core.period import Alignment, Interval, Unit, local_day, local_midnight, parse_instant
from abaque.core.pricing import (
    Allowance,
    Bill,
    Cell,
    Charge,
    Dynamic,
    Flat,
    Graduated,
    GraduatedPercentage,
    Matrix,
    Package,
    Percentage,
    PercentTier,
    PerUnit,
    Plan,
    Price,
    Prorate,
    Rollover,
    Tier,
    Usage,
    Volume,
)
from abaque.core.simulating import play
from abaque.core.subscription import Due, Terms, schedule_of
from abaque.core.tax import Rate, Treatment, decide

_DAY = timedelta(days=1)
_NUMBER = r"\d+(?:\.\d+)?"
_DATE = r"\d{4}-\d\d-\d\d"
_CODE = r"[a-z][a-z0-9-]*"
_EVERY = r"every (?:(\d+) )?(day|week|month|year)s?"
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NAME = f"(?:{'|'.join(_MONTHS)})"
_MONTH = Interval(Unit.MONTH)
_STANDARD = Rate("S", Decimal(20))
_FIGURES = ("net", "tax", "total")


class StoryError(Exception):
    """What a line of a story says cannot be understood."""


@dataclass
class Invoice:
    """What the story's hand worked out for one due date."""

    due: date
    line: int
    lines: dict[str, Decimal] = field(default_factory=dict)
    figures: dict[str, Decimal] = field(default_factory=dict)


@dataclass
class Used:
    """What was used on one day."""

    charge: str
    on: date
    quantities: tuple[Decimal, ...]
    money: bool
    cell: tuple[str, ...] = ()


@dataclass
class Story:
    """A customer's months as told: what was sold, what was used, what the invoices must say."""

    currency: str | None = None
    interval: Interval = _MONTH
    alignment: Alignment = Alignment.ANNIVERSARY
    dates: tuple[tuple[int, int], ...] = ()
    charges: dict[str, Charge] = field(default_factory=dict)
    zone: str = "UTC"
    start: datetime | None = None
    last: date | None = None
    tax: Rate = _STANDARD
    until: date | None = None
    used: list[Used] = field(default_factory=list)
    subscribed: dict[str, Decimal] = field(default_factory=dict)
    invoices: list[Invoice] = field(default_factory=list)

    def plan(self) -> Plan:
        assert self.currency is not None
        money = currency(self.currency)
        charges = tuple(self.charges.values())
        return Plan("story", 1, money, self.interval, self.alignment, charges, dates=self.dates)

    def played(self) -> list[tuple[date, dict[str, Decimal], dict[str, Decimal]]]:
        """Return what the code under test invoices: day, lines that are not zero, net, tax and total."""
        assert self.start is not None
        assert self.until is not None
        end = None if self.last is None else local_midnight(self.last + _DAY, self.zone)
        anchor = local_day(self.start, self.zone)
        terms = Terms(self.start, end, schedule_of(self.plan(), anchor, self.zone))
        until = local_midnight(self.until + _DAY, self.zone) - timedelta(microseconds=1)
        found = []
        for one in play(self.plan(), terms, self._usage, self.tax, until=until):
            totals = one.totals
            figures = (totals.net.decimal(), totals.tax.decimal(), totals.gross.decimal())
            lines: dict[str, Decimal] = {}
            for line in one.lines:
                lines[line.charge] = lines.get(line.charge, Decimal(0)) + line.net.decimal()
            lines = {code: net for code, net in lines.items() if net}
            found.append((local_day(one.at, self.zone), lines, dict(zip(_FIGURES, figures, strict=True))))
        return found

    def _usage(self, due: Due) -> Usage:
        if due.charge.quantity is not None:
            return Usage(self.subscribed[due.charge.code])
        parts = [
            one
            for one in self.used
            if one.charge == due.charge.code and due.span.contains(local_midnight(one.on, self.zone))
        ]
        amounts = tuple(amount for one in parts for amount in one.quantities)
        cells: dict[tuple[str | None, ...], Decimal] = {}
        for one in parts:
            if one.cell:
                cells[one.cell] = cells.get(one.cell, Decimal(0)) + sum(one.quantities)
        money = any(one.money for one in parts)
        return Usage(sum(amounts, Decimal(0)), len(amounts), amounts if money else (), cells)


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
    for what, said in (("plan", story.currency), ("customer", story.start), ("until", story.until)):
        if said is None:
            raise StoryError(f"{name}:{number}: the story says no `{what}`")
    for code, charge in story.charges.items():
        if charge.quantity is not None and code not in story.subscribed:
            raise StoryError(f"{name}:{number}: the story says not how many {code} the customer has")
    for invoice in story.invoices:
        missing = [figure for figure in _FIGURES if figure not in invoice.figures]
        if missing:
            raise StoryError(f"{name}:{invoice.line}: the invoice says no {' and no '.join(missing)}")
    return story


def _understand(story: Story, line: str, number: int) -> None:
    if story.invoices and not line.startswith("invoice "):
        _figure(story.invoices[-1], line, story)
        return
    for pattern, act in _SENTENCES.items():
        found = re.fullmatch(pattern, line)
        if found:
            act(story, *found.groups())
            return
    found = re.fullmatch(rf"invoice ({_DATE})", line)
    if found is None:
        raise StoryError(f"cannot understand: {line}")
    story.invoices.append(Invoice(date.fromisoformat(found[1]), number))


def _figure(invoice: Invoice, line: str, story: Story) -> None:
    found = re.fullmatch(rf"({_CODE}) +(-?{_NUMBER})", line)
    if found is None:
        raise StoryError(f"an invoice has lines such as `base 49.00`: {line}")
    name, amount = found[1], Decimal(found[2])
    if name not in _FIGURES and name not in story.charges:
        raise StoryError(f"there is no charge named {name}")
    into = invoice.figures if name in _FIGURES else invoice.lines
    if name in into:
        raise StoryError(f"{name} stands twice in this invoice")
    into[name] = amount


def _plan(story: Story, code: str, count: str | None, unit: str, aligned: str | None) -> None:
    story.currency = currency(code).code
    story.interval = Interval(Unit(unit), int(count or 1))
    story.alignment = Alignment.CALENDAR if aligned else Alignment.ANNIVERSARY


def _dates(story: Story, code: str, days: str) -> None:
    story.currency = currency(code).code
    said = (day.split(" ") for day in days.split(", "))
    story.dates = tuple((_MONTHS.index(name) + 1, int(day)) for day, name in said)


def _charge(story: Story, code: str, said: str) -> None:
    if code in story.charges or code in _FIGURES:
        raise StoryError(f"a charge cannot be named {code} here: choose another name")
    words, *notes = said.split("; ")
    price = _price(words)
    meter, quantity = None if isinstance(price, Flat) else code, None
    bill, prorate, allowance, interval = Bill.ARREARS, Prorate.DAY, None, None
    for note in notes:
        if note in {"in advance", "in arrears"}:
            bill = Bill(note.removeprefix("in "))
        elif note.startswith("by "):
            prorate = Prorate(note.removeprefix("by "))
        elif note == "subscribed":
            meter, quantity = None, code
        elif note == "never in part":
            prorate = Prorate.NONE
        elif found := re.fullmatch(_EVERY, note):
            interval = Interval(Unit(found[2]), int(found[1] or 1))
        else:
            allowance = _allowance(allowance, note)
    story.charges[code] = Charge(
        code, price, meter, bill, prorate, allowance, quantity=quantity, interval=interval
    )


def _allowance(before: Allowance | None, note: str) -> Allowance:
    """Return the allowance a note says, or what it adds to the one said before."""
    if found := re.fullmatch(rf"({_NUMBER}) included(?: {_EVERY})?", note):
        return Allowance(
            Decimal(found[1]), Interval(Unit(found[3]), int(found[2] or 1)) if found[3] else None
        )
    if before is not None and (found := re.fullmatch(rf"({_NUMBER}) in ({_NAME}(?:, {_NAME})*)", note)):
        months = [_MONTHS.index(name) + 1 for name in found[2].split(", ")]
        return replace(before, by_month=tuple((month, Decimal(found[1])) for month in months))
    if before is not None and (found := re.fullmatch(rf"kept for (\d+)(?:, at most ({_NUMBER}))?", note)):
        return replace(before, rollover=Rollover(int(found[1]), Decimal(found[2]) if found[2] else None))
    raise StoryError(f"cannot understand: {note}")


def _price(said: str) -> Price:
    for pattern, make in _PRICES.items():
        found = re.fullmatch(pattern, said)
        if found:
            return make(*found.groups())
    raise StoryError(f"cannot understand the price: {said}")


def _tiers(said: str) -> tuple[Tier, ...]:
    found = []
    for part in said.split(", "):
        match = re.fullmatch(rf"(?:up to ({_NUMBER})|above) at ({_NUMBER})(?: plus ({_NUMBER}))?", part)
        if match is None:
            raise StoryError(f"a tier is `up to 100 at 0.10` or `above at 0.05`: {part}")
        bound = None if match[1] is None else Decimal(match[1])
        found.append(Tier(bound, Decimal(match[2]), Decimal(match[3] or 0)))
    return tuple(found)


def _percent_tiers(said: str) -> GraduatedPercentage:
    return GraduatedPercentage(tuple(PercentTier(t.up_to, t.unit, t.flat) for t in _tiers(said)))


def _matrix(by: str, said: str) -> Matrix:
    default, cells = None, []
    for part in said.split(", "):
        name, amount = part.split(" at ")
        if name == "other":
            default = PerUnit(Decimal(amount))
        else:
            cells.append(Cell(tuple(name.split("/")), PerUnit(Decimal(amount))))
    return Matrix(tuple(by.split("/")), tuple(cells), default)


def _customer(story: Story, zone: str, said: str) -> None:
    story.zone = zone
    whole = re.fullmatch(_DATE, said)
    story.start = local_midnight(date.fromisoformat(said), zone) if whole else parse_instant(said)


def _last(story: Story, day: str) -> None:
    story.last = date.fromisoformat(day)


def _until(story: Story, day: str) -> None:
    story.until = date.fromisoformat(day)


def _tax(story: Story, said: str) -> None:
    treatments = {"reverse charge": Treatment.REVERSE_CHARGE, "exempt": Treatment.NONE}
    if said in treatments:
        story.tax = decide(treatments[said], Decimal(20), untaxed="E")
    else:
        story.tax = decide(Treatment.STANDARD, Decimal(said))


def _has(story: Story, number: str, code: str) -> None:
    if code not in story.charges or story.charges[code].quantity is None:
        raise StoryError(f"there is no subscribed charge named {code}")
    story.subscribed[code] = Decimal(number)


def _used(story: Story, *words: str) -> None:
    kind, code, said, day, cell = words
    if code not in story.charges or story.charges[code].meter is None:
        raise StoryError(f"there is no charge on usage named {code}")
    quantities = tuple(Decimal(part) for part in said.split())
    group = tuple(cell.split("/")) if cell else ()
    story.used.append(Used(code, date.fromisoformat(day), quantities, kind == "paid", group))


_SENTENCES: dict[str, Callable[..., None]] = {
    rf"plan in ([A-Z]{{3}}), {_EVERY}(, from the first)?": _plan,
    rf"plan in ([A-Z]{{3}}), on (\d+ {_NAME}(?:, \d+ {_NAME})*)": _dates,
    rf"charge ({_CODE}): (.+)": _charge,
    r"customer in (\S+) from (\S+)": _customer,
    rf"customer has ({_NUMBER}) ({_CODE})": _has,
    rf"last day ({_DATE})": _last,
    rf"until ({_DATE})": _until,
    rf"tax ({_NUMBER}|reverse charge|exempt)": _tax,
    rf"(used|paid) ({_CODE}) ((?:{_NUMBER} ?)+) on ({_DATE})(?: for (\S+))?": _used,
}
_PRICES: dict[str, Callable[..., Price]] = {
    rf"flat ({_NUMBER})": lambda amount: Flat(Decimal(amount)),
    rf"({_NUMBER}) each": lambda unit: PerUnit(Decimal(unit)),
    r"graduated (.+)": lambda said: Graduated(_tiers(said)),
    r"volume (.+)": lambda said: Volume(_tiers(said)),
    rf"({_NUMBER}) per package of ({_NUMBER})": lambda amount, size: Package(Decimal(size), Decimal(amount)),
    rf"({_NUMBER})% of payments(?: plus ({_NUMBER}) each)?": (
        lambda percent, fixed: Percentage(Decimal(percent), Decimal(fixed or 0))
    ),
    r"percent (.+)": _percent_tiers,
    rf"({_NUMBER})% of what events cost": lambda percent: Dynamic(Decimal(percent)),
    r"matrix by (\S+): (.+)": _matrix,
}
