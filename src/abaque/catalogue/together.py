"""What the parts of a file say of each other: plans and charges they name, add-ons that do not go with a plan."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import combinations

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from abaque.catalogue.sheet import Field, Sheet, nearest
from abaque.catalogue.values import AddOnEntry, Catalogue
from abaque.core.pricing import Charge

#: The fields of each part of the file, by code.
Parts = Mapping[str, Mapping[str, Field]]


def check_together(
    sheet: Sheet, parts: Parts, found: Catalogue, *, plans: Collection[str], charges: Collection[str]
) -> None:
    """Refuse, each at its place, what only goes wrong together. What could not be read is left out.

    `plans` and `charges` are defined elsewhere. A file that defines none itself may name any.
    """
    if parts["plans"]:
        _check_names(sheet, parts, ("addons", "promotions"), "plans", {*parts["plans"], *plans})
    owners = [*found.plans.values(), *found.addons.values()]
    # A charge of a plan that could not be read is not missing.
    if owners and len(owners) == len(parts["plans"]) + len(parts["addons"]):
        own = {charge.code for charges_of in _charges(found) for charge in charges_of}
        _check_names(sheet, parts, ("credits", "promotions"), "charges", {*own, *charges})
    for addon in found.addons.values():
        _check_addon(sheet, parts["addons"][addon.addon.code], addon, found)
    for one, other in combinations(found.addons.values(), 2):
        if one.meets(other):
            fields = parts["addons"][other.addon.code]
            _check_charges(sheet, fields, other, one.addon.code, one.addon.charges)


def _charges(found: Catalogue) -> Iterator[tuple[Charge, ...]]:
    yield from (entry.plan.charges for entry in found.plans.values())
    yield from (entry.addon.charges for entry in found.addons.values())


def _check_names(sheet: Sheet, parts: Parts, where: Iterable[str], key: str, known: Collection[str]) -> None:
    """Refuse each member of the lists under `key` that is not known."""
    code = {"plans": "unknown_plan", "charges": "unknown_charge"}[key]
    for part in where:
        for entry in parts[part].values():
            for member, given in _members(entry, key):
                if given not in known:
                    sheet.refuse(member, code, given=given, **nearest(given, known))


def _check_addon(sheet: Sheet, entry: Field, addon: AddOnEntry, found: Catalogue) -> None:
    """Refuse what an add-on and a plan of the file cannot both be, where it may be added to the plan."""
    for member, code in _members(entry, "plans"):
        plan = found.plans[code].plan if code in found.plans else None
        if plan is not None and plan.currency != addon.currency:
            ours, theirs = addon.currency.code, plan.currency.code
            sheet.refuse(member, "addon_currency", currency=ours, plan=code, other=theirs)
    for owner in found.plans.values():
        if addon.fits(owner.plan):
            _check_charges(sheet, entry, addon, owner.plan.code, owner.plan.charges)


def _check_charges(
    sheet: Sheet, entry: Field, addon: AddOnEntry, owner: str, theirs: Iterable[Charge]
) -> None:
    """Refuse charges of an add-on that have the code or the meter of a charge beside them.

    A unit is claimed once, and a line of an invoice has one charge.
    """
    taken = {charge.code for charge in theirs}
    claims = {charge.meter: charge.code for charge in theirs if charge.meter is not None}
    for charge in addon.addon.charges:
        said = {"addon": addon.addon.code, "charge": charge.code, "owner": owner}
        field = _field(_field(entry, "charges"), charge.code)
        if charge.code in taken:
            sheet.refuse(field.key, "addon_charge_taken", **said)
        if charge.meter in claims:
            at = _field(field, "meter").value
            sheet.refuse(at, "addon_meter_claimed", **said, meter=charge.meter, other=claims[charge.meter])


def _members(entry: Field, key: str) -> Iterator[tuple[Node, str]]:
    """Yield the texts of a list under a key, or the single text, each with its place; nothing if it is wrong."""
    for name, value in _pairs(entry):
        if name.value == key:
            members = value.value if isinstance(value, SequenceNode) else [value]
            yield from ((member, member.value) for member in members if isinstance(member, ScalarNode))


def _field(entry: Field, key: str) -> Field:
    """Return a field inside another, which was read without an error."""
    return next(Field(name, value) for name, value in _pairs(entry) if name.value == key)


def _pairs(entry: Field) -> Iterator[tuple[ScalarNode, Node]]:
    if isinstance(entry.value, MappingNode):
        yield from ((name, value) for name, value in entry.value.value if isinstance(name, ScalarNode))
