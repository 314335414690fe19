"""The `addons:` part of a catalogue file."""

from collections.abc import Collection

from abaque.catalogue.amounts import read_currency
from abaque.catalogue.charges import read_charges
from abaque.catalogue.sheet import Field, Sheet
from abaque.catalogue.values import AddOnEntry
from abaque.core.subscription import AddOn


def read_addon(sheet: Sheet, entry: Field, meters: Collection[str]) -> AddOnEntry | None:
    """Return the add-on a field of `addons:` defines, or None if anything in it is wrong.

    `meters` are the codes a charge may name.
    """
    before = len(sheet.errors)
    code = entry.key.value
    sheet.code(entry.key)
    fields = sheet.mapping(
        entry.value, at=entry.key, required=("currency", "charges"), optional=("name", "plans")
    )
    names = sheet.names(fields.get("name"), {"en": code, "fr": code})
    money = read_currency(sheet, fields["currency"].value) if "currency" in fields else None
    plans = sheet.texts(fields["plans"].value) if "plans" in fields else None
    charges = read_charges(sheet, fields["charges"], meters) if "charges" in fields else ()
    if len(sheet.errors) > before or money is None:
        return None
    return AddOnEntry(AddOn(code, charges), names, money, plans, entry.key.start_mark.line + 1)
