"""What a plan allows (`entitlements:`) and what it says for itself (`benefits:`)."""

from collections.abc import Collection

from yaml.nodes import MappingNode, ScalarNode

from abaque.catalogue.intervals import read_days
from abaque.catalogue.sheet import Field, Sheet, nearest
from abaque.catalogue.values import LANGUAGES
from abaque.core.pricing import Entitlement

_WORDS = ("yes", "no", "true", "false")
_GRACE_DAYS = 14


def read_entitlements(sheet: Sheet, entry: Field, meters: Collection[str]) -> tuple[Entitlement, ...]:
    """Return the entitlements in the order of the file; those that are wrong are noted and left out."""
    found = (_entitlement(sheet, field, meters) for field in sheet.open_mapping(entry.value).values())
    return tuple(entitlement for entitlement in found if entitlement is not None)


def _entitlement(sheet: Sheet, entry: Field, meters: Collection[str]) -> Entitlement | None:
    """Read `yes`, `no`, a number, or `{limit: 500, meter: pages, soft: yes, grace: 14d}`."""
    feature = entry.key.value
    if not sheet.code(entry.key):
        return None
    if isinstance(entry.value, MappingNode):
        return _limit(sheet, entry, meters)
    if isinstance(entry.value, ScalarNode) and entry.value.value in _WORDS:
        return Entitlement(feature, allowed=bool(sheet.yes(entry.value)))
    if isinstance(entry.value, ScalarNode) and entry.value.value[:1].isalpha():
        sheet.refuse(entry.value, "not_yes_no_number", given=entry.value.value)
        return None
    limit = sheet.amount(entry.value, "negative_limit")
    return None if limit is None else Entitlement(feature, limit=limit)


def _limit(sheet: Sheet, entry: Field, meters: Collection[str]) -> Entitlement | None:
    fields = sheet.mapping(
        entry.value, at=entry.key, required=("limit",), optional=("meter", "soft", "grace")
    )
    if "limit" not in fields:
        return None
    limit = sheet.amount(fields["limit"].value, "negative_limit")
    meter = sheet.text(fields["meter"].value) if "meter" in fields else None
    if meter is not None and meter not in meters:
        sheet.refuse(fields["meter"].value, "unknown_meter", given=meter, **nearest(meter, meters))
    soft = sheet.yes(fields["soft"].value) if "soft" in fields else False
    grace = read_days(sheet, fields["grace"].value) if "grace" in fields else _GRACE_DAYS
    if "grace" in fields and soft is False:
        sheet.refuse(fields["grace"].key, "grace_without_soft")
    if limit is None or soft is None or grace is None:
        return None
    return Entitlement(entry.key.value, limit=limit, meter=meter, soft=soft, grace_days=grace)


def read_benefits(sheet: Sheet, entry: Field) -> dict[str, tuple[str, ...]]:
    """Return the sentences a price page shows, by language."""
    fields = sheet.mapping(entry.value, at=entry.key, required=LANGUAGES)
    return {language: sheet.texts(field.value) for language, field in fields.items()}
