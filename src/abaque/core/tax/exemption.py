"""Why no tax is charged, as the code lists of electronic invoices say it.

Law: every rate that needs a reason has one and no other has: S and Z have none (BR-S-10, BR-Z-10).

Source: CEF code list VATEX, version of 2024; EN 16931 BT-121 for AE, K, G, O and E.
"""

from .rate import Rate

_BY_CATEGORY = {
    "AE": "VATEX-EU-AE",
    "K": "VATEX-EU-IC",
    "G": "VATEX-EU-G",
    "O": "VATEX-EU-O",
}
# Exemptions differ by their legal ground; those the mentions know. Others are said in words alone (BT-120).
_BY_MENTION = {"franchise": "VATEX-FR-FRANCHISE"}


def vatex(rate: Rate) -> str | None:
    """Return the VATEX code of the reason no tax is charged, None where there is none or only words say it."""
    if rate.category == "E":
        return _BY_MENTION.get(rate.mention or "")
    return _BY_CATEGORY.get(rate.category)
