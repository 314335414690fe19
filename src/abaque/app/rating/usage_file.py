"""Usage written by hand, in YAML: runs as in `examples/*.usage.yaml`, or `meter: quantity` for one period."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import yaml
from yaml.nodes import Node, SequenceNode

from abaque.app.rating.happenings import Happenings
from abaque.app.rating.run import Asked, Refused, Run, choose, is_within
from abaque.catalogue import CatalogueErrors
from abaque.catalogue.sheet import Field, Sheet
from abaque.core.fault import Fault
from abaque.core.metering import Aggregate
from abaque.core.period import check_zone, local_midnight
from abaque.core.pricing import Charge, Matrix, Plan, Usage
from abaque.core.simulating import Happening
from abaque.core.subscription import AddAddOn, ChangePlan, Due, Start, schedule_of

_KEYS = (
    "plan", "zone", "quantities", "usage", "expect", "customer", "promotions", "credits", "events",
)  # fmt: skip
_USED = ("quantity", "amounts", "group", "known")


@dataclass(frozen=True, slots=True)
class Used:
    """What was used on one day: a quantity, perhaps of one group, or the money of each event.

    `known`: the day on which it became known, where that is later.
    """

    on: date
    quantity: Decimal
    amounts: tuple[Decimal, ...] = ()
    group: Mapping[str, str] | None = None
    known: date | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """A file being read, to say where something is wrong."""

    name: str
    sheet: Sheet

    def refuse(self, node: Node, sentence: str) -> Refused:
        mark = node.start_mark
        return Refused(f"{self.name}:{mark.line + 1}:{mark.column + 1}: {sentence}")

    def day(self, node: Node) -> date:
        text = self.sheet.text(node) or ""
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise self.refuse(node, f"`{text}` is no date. Write YYYY-MM-DD.") from None


def runs_of_usage(file: Path, asked: Asked, lang: str) -> list[Run]:
    """Return the runs of the file, in its order."""
    place = _Place(file.name, Sheet())
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Refused(f"{file} is not UTF-8 (byte {error.start}): save it as UTF-8") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        raise Refused(f"{file.name}:{where}: this is not YAML: {error.problem}") from None
    if root is None:
        raise Refused(f"{file.name}: the file says nothing: write `meter: quantity`, or a list of runs")
    if isinstance(root, SequenceNode):
        runs = [_run(place, node, asked, lang) for node in root.value]
    else:
        runs = [_plain(place, root, asked)]
    if place.sheet.errors:
        raise CatalogueErrors(file.name, place.sheet.errors)
    return runs


def _plain(place: _Place, root: Node, asked: Asked) -> Run:
    plan = choose(asked.catalogue, asked.plan)
    if asked.first is None:
        raise Refused("say with --from on which day the period of these quantities begins")
    schedule = schedule_of(plan, asked.first, asked.zone)
    following = schedule.index_of(local_midnight(asked.first, asked.zone)) + 1
    used: dict[str, list[Used]] = {}
    quantities: dict[str, Decimal] = {}
    for name, field in place.sheet.open_mapping(root).items():
        quantity = place.sheet.number(field.value) or Decimal(0)
        if name in {charge.quantity for charge in plan.charges}:
            quantities[name] = quantity
        else:
            used[_charge(place, field, plan, plan.charges).meter or ""] = [Used(asked.first, quantity)]
    usage = _Usage(asked, asked.zone, used)
    after = asked.after or schedule.day(following)
    return Run(plan, asked.first, after, asked.zone, usage, quantities=_in_order(quantities))


def _run(place: _Place, node: Node, asked: Asked, lang: str) -> Run:
    sheet = place.sheet
    fields = sheet.mapping(node, at=node, required=("from", "until"), optional=_KEYS)
    if sheet.errors:
        raise CatalogueErrors(place.name, sheet.errors)
    code = sheet.text(fields["plan"].value) if "plan" in fields else asked.plan
    try:
        plan = choose(asked.catalogue, code)
    except Refused as refused:
        raise place.refuse(fields["plan"].value if "plan" in fields else node, str(refused)) from None
    zone = _zone(place, fields, asked)
    first, after = (place.day(fields[key].value) for key in ("from", "until"))
    quantities = _quantities(place, fields)
    reader = Happenings(sheet, asked.catalogue, plan, zone, place.refuse, lang)
    happened = reader.all(fields, first, Start("", plan, quantities=quantities))
    charges = _charges(plan, happened)
    for name, _ in quantities:
        if name not in {charge.quantity for charge in charges}:
            raise place.refuse(
                fields["quantities"].value, f"plan {plan.code} prices no quantity named {name}"
            )
    used: dict[str, list[Used]] = {}
    for field in sheet.open_mapping(fields["usage"].value).values() if "usage" in fields else ():
        entries = [_used(place, entry) for entry in sheet.items(field.value)]
        used[_charge(place, field, plan, charges).meter or ""] = entries
    late = [one.known for entries in used.values() for one in entries if one.known]
    return Run(
        plan,
        first,
        after,
        zone,
        _Usage(asked, zone, used),
        ends=False,
        customer=sheet.text(fields["customer"].value) if "customer" in fields else None,
        quantities=quantities,
        happened=happened,
        learnt=tuple(local_midnight(day, zone) for day in late),
    )


def _quantities(place: _Place, fields: Mapping[str, Field]) -> tuple[tuple[str, Decimal], ...]:
    named = place.sheet.open_mapping(fields["quantities"].value) if "quantities" in fields else {}
    return _in_order({name: place.sheet.number(field.value) or Decimal(0) for name, field in named.items()})


def _charges(plan: Plan, happened: Iterable[tuple[datetime, Happening]]) -> list[Charge]:
    """Return every charge there is at some time, the plan's first."""
    charges = [*plan.charges]
    for _, what in happened:
        if isinstance(what, ChangePlan):
            charges += what.plan.charges
        elif isinstance(what, AddAddOn):
            charges += what.addon.charges
    return charges


def _in_order(quantities: Mapping[str, Decimal]) -> tuple[tuple[str, Decimal], ...]:
    return tuple(sorted(quantities.items()))


def _zone(place: _Place, fields: Mapping[str, Field], asked: Asked) -> str:
    if "zone" not in fields:
        return asked.zone
    name = place.sheet.text(fields["zone"].value) or asked.zone
    try:
        return check_zone(name)
    except Fault:
        raise place.refuse(
            fields["zone"].value, f"{name} is not a known time zone. Use a name such as Europe/Paris."
        ) from None


def _charge(place: _Place, field: Field, plan: Plan, charges: Sequence[Charge]) -> Charge:
    """Return the charge a key of usage names, by its meter or by its own code."""
    name = field.key.value
    metered = [charge for charge in charges if charge.meter is not None]
    for charge in metered:
        if name in {charge.meter, charge.code}:
            return charge
    known = ", ".join(dict.fromkeys(charge.meter or "" for charge in metered)) or "none"
    raise place.refuse(field.key, f"plan {plan.code} has no meter named {name}: it has {known}")


def _used(place: _Place, node: Node) -> Used:
    sheet = place.sheet
    fields = sheet.mapping(node, at=node, required=("on",), optional=_USED)
    if "on" not in fields or ("quantity" in fields) is ("amounts" in fields):
        raise place.refuse(node, "Write {on: DATE, quantity: …}, or {on: DATE, amounts: […]}.")
    day = place.day(fields["on"].value)
    group = None
    if "group" in fields:
        words = sheet.open_mapping(fields["group"].value)
        group = {name: sheet.text(field.value) or "" for name, field in words.items()}
    known = place.day(fields["known"].value) if "known" in fields else None
    if "quantity" in fields:
        return Used(day, sheet.number(fields["quantity"].value) or Decimal(0), group=group, known=known)
    amounts = tuple(sheet.number(item) or Decimal(0) for item in sheet.items(fields["amounts"].value))
    return Used(day, sum(amounts, Decimal(0)), amounts, group, known)


@dataclass(frozen=True, slots=True)
class _Usage:
    """What was used in the span of a due charge, as it is known at an instant."""

    asked: Asked
    zone: str
    used: Mapping[str, list[Used]]

    def __call__(self, due: Due, at: datetime) -> Usage:
        charge = due.charge
        entries = [
            one
            for one in self.used.get(charge.meter or "", ())
            if is_within(one.on, due, self.zone)
            and (one.known is None or local_midnight(one.known, self.zone) <= at)
        ]
        quantities = [one.quantity for one in entries]
        meter = self.asked.catalogue.meters[charge.meter or ""].meter
        if meter.aggregate is Aggregate.MAX:
            return Usage(max(quantities, default=Decimal(0)), len(entries))
        total = sum(quantities, Decimal(0))
        amounts = tuple(amount for one in entries for amount in one.amounts)
        cells = self._cells(charge.price, entries) if isinstance(charge.price, Matrix) else {}
        return Usage(total, len(amounts) or len(entries), amounts, cells)

    def _cells(self, price: Matrix, entries: list[Used]) -> dict[tuple[str | None, ...], Decimal]:
        cells: dict[tuple[str | None, ...], Decimal] = {}
        for one in entries:
            key = tuple((one.group or {}).get(name) for name in price.by)
            cells[key] = cells.get(key, Decimal(0)) + one.quantity
        return cells
