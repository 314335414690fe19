"""How a meter counts beyond its aggregate: levels, weights of time, rounding. The file and the canonical form."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from yaml.nodes import MappingNode

from abaque.catalogue.plain import plain
from abaque.catalogue.sheet import Field, Sheet
from abaque.core.metering import Empty, LevelAtStart, Meter, Per, Rounding, RoundingMode, ValueIs
from abaque.core.money import scaled

KEYS = ("level_at_start", "per", "prorate_days", "rounding", "empty", "value_is")
_PLACES_MAX = 12


def read_counting(sheet: Sheet, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return what the file says of it, by the meter's fields."""
    return {
        "level_at_start": sheet.choice_or(fields, "level_at_start", LevelAtStart.RESET, "unknown_word"),
        "per": sheet.choice_or(fields, "per", Per.HOUR, "unknown_word"),
        "prorate_days": bool(sheet.yes(fields["prorate_days"].value)) if "prorate_days" in fields else False,
        "rounding": _rounding(sheet, fields["rounding"]) if "rounding" in fields else None,
        "empty": sheet.choice_or(fields, "empty", Empty.ZERO, "unknown_word"),
        "value_is": sheet.choice_or(fields, "value_is", ValueIs.LEVEL, "unknown_word"),
    }


def _rounding(sheet: Sheet, entry: Field) -> Rounding | None:
    """Read `up`, `{places: 2, mode: down}` or `{to: 1000, mode: up}`."""
    if not isinstance(entry.value, MappingNode):
        mode = sheet.choice(entry.value, RoundingMode, "unknown_word")
        return None if mode is None else Rounding(mode=mode)
    fields = sheet.mapping(entry.value, at=entry.key, optional=("places", "to", "mode"))
    if "places" in fields and "to" in fields:
        sheet.refuse(fields["to"].key, "places_and_to")
    step = sheet.above_zero(fields["to"].value) if "to" in fields else None
    places = sheet.whole(fields["places"].value, least=0, most=_PLACES_MAX) if "places" in fields else 0
    mode = sheet.choice_or(fields, "mode", RoundingMode.NEAREST, "unknown_word")
    if "to" in fields:
        return None if step is None else Rounding(step, mode)
    return None if places is None else Rounding.places(places, mode)


def dump_counting(meter: Meter) -> dict[str, Any]:
    """Return the canonical form of what differs from the default: older meters keep their fingerprint."""
    rounding = meter.rounding
    plain = Meter(meter.code, meter.event_types, meter.aggregate, meter.value)
    form = {
        "level_at_start": meter.level_at_start.value,
        "per": meter.per.value,
        "prorate_days": meter.prorate_days,
        "rounding": rounding and {**_step(rounding.step), "mode": rounding.mode.value},
        "empty": meter.empty.value,
        "value_is": meter.value_is.value,
    }
    return {key: value for key, value in form.items() if getattr(meter, key) != getattr(plain, key)}


def _step(step: Decimal) -> dict[str, Any]:
    """Say a step by its fractional digits where it has only those: steps came later than places."""
    for places in range(_PLACES_MAX + 1):
        if step == scaled(1, -places):
            return {"places": places}
    return {"to": plain(step)}
