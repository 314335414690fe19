"""The `plans:` part of a catalogue file."""

from collections.abc import Collection, Mapping
from typing import Any

from abaque.catalogue.amounts import read_currency
from abaque.catalogue.charges import read_charges
from abaque.catalogue.entitlements import read_benefits, read_entitlements
from abaque.catalogue.intervals import read_dates, read_interval
from abaque.catalogue.sheet import Field, Sheet
from abaque.catalogue.terms import read_commitment, read_phases, read_term, read_trial
from abaque.catalogue.values import PlanEntry
from abaque.core.fault import Fault
from abaque.core.period import Alignment, Interval, Unit
from abaque.core.pricing import Plan

_VERSION_MAX = 1_000_000
_OPTIONAL = (
    "name",
    "interval",
    "dates",
    "align",
    "minimum",
    "maximum",
    "commitment",
    "trial",
    "term",
    "phases",
    "entitlements",
    "benefits",
)


def read_plan(sheet: Sheet, entry: Field, meters: Collection[str]) -> PlanEntry | None:
    """Return the plan a field of `plans:` defines, or None if anything in it is wrong.

    `meters` are the codes a charge may name.
    """
    before = len(sheet.errors)
    code = entry.key.value
    sheet.code(entry.key)
    fields = sheet.mapping(
        entry.value, at=entry.key, required=("version", "currency", "charges"), optional=_OPTIONAL
    )
    names = sheet.names(fields.get("name"), {"en": code, "fr": code})
    version = (
        sheet.whole(fields["version"].value, least=1, most=_VERSION_MAX) if "version" in fields else None
    )
    money = read_currency(sheet, fields["currency"].value) if "currency" in fields else None
    interval = read_interval(sheet, fields["interval"]) if "interval" in fields else Interval(Unit.MONTH)
    alignment = sheet.choice_or(fields, "align", Alignment.ANNIVERSARY, "unknown_alignment")
    charges = read_charges(sheet, fields["charges"], meters) if "charges" in fields else ()
    further = _further(sheet, fields, meters)
    if len(sheet.errors) > before or version is None or money is None or interval is None:
        return None
    try:
        plan = Plan(code, version, money, interval, alignment, charges, names, **further)
    except Fault as fault:
        sheet.refuse(entry.key, "refused", code=fault.code, what=code)
        return None
    return PlanEntry(plan, entry.key.start_mark.line + 1)


def _further(sheet: Sheet, fields: Mapping[str, Field], meters: Collection[str]) -> dict[str, Any]:
    """Read what most plans do not say; what is left out keeps the core's default."""
    if "dates" in fields and "interval" in fields:
        sheet.refuse(fields["dates"].key, "dates_and_interval")
    minimum, maximum = sheet.bounds(fields)
    found: dict[str, Any] = {"minimum": minimum, "maximum": maximum}
    readers = {"commitment": read_commitment, "trial": read_trial, "term": read_term, "phases": read_phases}
    for key, read in readers.items():
        if key in fields:
            found[key] = read(sheet, fields[key])
    if "entitlements" in fields:
        found["entitlements"] = read_entitlements(sheet, fields["entitlements"], meters)
    if "benefits" in fields:
        found["benefits"] = read_benefits(sheet, fields["benefits"])
    if "dates" in fields:
        found["dates"] = read_dates(sheet, fields["dates"].value)
    return found
