"""The control totals a meter's product promises to state: the file and the canonical form."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from abaque.catalogue.intervals import read_duration
from abaque.catalogue.plain import plain
from abaque.catalogue.sheet import Field, Sheet
from abaque.core.reconciling import Grain, Totals, Whose

DEFAULT_DEADLINE = timedelta(hours=6)
_TOLERANCE_DIGITS = 6  # as statements keep it


def read_totals(sheet: Sheet, entry: Field) -> Totals | None:
    """Read `{grain: day, deadline: 6h, tolerance: "0.5", per: customer, zone: Europe/Paris}`."""
    before = len(sheet.errors)
    fields = sheet.mapping(
        entry.value, at=entry.key, required=("grain",), optional=("deadline", "tolerance", "per", "zone")
    )
    grain = sheet.choice(fields["grain"].value, Grain, "unknown_word") if "grain" in fields else None
    deadline = read_duration(sheet, fields["deadline"].value) if "deadline" in fields else DEFAULT_DEADLINE
    tolerance = _tolerance(sheet, fields["tolerance"]) if "tolerance" in fields else Decimal(0)
    per = sheet.choice_or(fields, "per", Whose.ALL, "unknown_word")
    zone = _zone(sheet, fields["zone"], grain) if "zone" in fields else "UTC"
    if len(sheet.errors) > before or grain is None or deadline is None or tolerance is None:
        return None
    return Totals(grain, deadline, tolerance, per, zone or "UTC")


def _tolerance(sheet: Sheet, entry: Field) -> Decimal | None:
    percent = sheet.percent(entry.value)
    if percent is not None and percent != round(percent, _TOLERANCE_DIGITS):
        sheet.refuse(entry.value, "tolerance_too_fine", given=str(percent), most=_TOLERANCE_DIGITS)
        return None
    return percent


def _zone(sheet: Sheet, entry: Field, grain: Grain | None) -> str | None:
    """Read a zone; hours are UTC everywhere, so that they need none."""
    if grain is Grain.HOUR:
        sheet.refuse(entry.key, "zone_unused")
        return None
    return sheet.zone(entry.value)


def dump_totals(totals: Totals | None) -> dict[str, Any]:
    """Return the canonical form under `totals`, nothing where none are promised: older meters keep theirs."""
    if totals is None:
        return {}
    return {
        "totals": {
            "grain": totals.grain.value,
            "deadline": totals.deadline // timedelta(seconds=1),
            "tolerance": plain(totals.tolerance),
            "per": totals.per.value,
            "zone": totals.zone,
        }
    }


def load_totals(stored: Mapping[str, Any]) -> Totals | None:
    """Return what a meter's canonical form promises."""
    said = stored.get("totals")
    if said is None:
        return None
    return Totals(
        Grain(said["grain"]),
        timedelta(seconds=said["deadline"]),
        Decimal(said["tolerance"]),
        Whose(said["per"]),
        said["zone"],
    )
