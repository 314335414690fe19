"""An invoice as plain values: everything the paper says, already decided, nothing to look up.

Amounts are integers of the currency's ISO 4217 minor units. Days are the issuer's and the buyer's
local days as printed; spans of days include their last. Sentences arrive in the document's language.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from abaque.core.fault import Fault
from abaque.core.money import Money, currency
from abaque.core.tax import Rate, total_up

SPECIMEN_SERIES = "TEST-"
# The tax of a credit note is a difference of rounded shares of its invoice's rounded tax: so far it may lie from the
# rounded tax on its base, in minor units (EN 16931 allows BR-CO-17 a tolerance).
_SHARES = 2


class Kind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Who invoices. address: lines without the country; country: ISO 3166-1 alpha-2."""

    legal_name: str
    address: tuple[str, ...]
    country: str
    company_number: str = ""
    vat_number: str = ""
    legal_form: str = ""
    capital: str = ""
    register: str = ""
    email: str = ""
    iban: str = ""
    bic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who is invoiced. address: lines without the country; country: ISO 3166-1 alpha-2."""

    legal_name: str
    address: tuple[str, ...]
    country: str
    company_number: str = ""
    vat_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days served, the first and the last both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line. quantity and unit_price are texts, since they carry units and exact decimals."""

    description: str
    net: int
    details: tuple[str, ...] = ()
    quantity: str = ""
    unit_price: str = ""
    tax_category: str = "S"
    tax_percent: Decimal = Decimal(0)
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """One row of the VAT table. category: the EN 16931 code (S, AE, O, E); mention: why no VAT is charged."""

    category: str
    percent: Decimal
    base: int
    tax: int
    mention: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An earlier document that this one corrects or completes."""

    number: str
    issue_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDocument:
    """An invoice, a credit note, or, without a number, the draft of one.

    rendered_at is written into the file as its date, so equal documents are equal bytes.
    chain_head: the hash of the newest sealed hour, in hexadecimal. explain: an address or a command
    by which the reader comes from a line to its events.
    """

    lang: str
    currency: str
    issuer: Issuer
    buyer: Buyer
    lines: tuple[Line, ...]
    taxes: tuple[Tax, ...]
    net: int
    tax: int
    gross: int
    rendered_at: datetime
    kind: Kind = Kind.INVOICE
    number: str | None = None
    specimen: bool = False
    issue_date: date | None = None
    due_date: date | None = None
    periods: tuple[Period, ...] = ()
    corrects: tuple[Reference, ...] = ()
    mentions: tuple[str, ...] = ()
    purchase_order: str = ""
    invoice_id: str = ""
    chain_head: str = ""
    explain: str = ""

    def check(self) -> None:
        """Refuse what must never be printed.

        Faults: document_does_not_add_up (EN 16931 BR-CO-10, -13, -14, -15, -17), issue_date_missing,
        specimen_series (a specimen is numbered in series TEST-, and nothing else is),
        instant_without_zone, nothing_corrected (a credit note names what it corrects: directive
        2006/112 art. 219), and those of a rate and a currency.
        """
        if not self._adds_up():
            raise Fault("document_does_not_add_up", net=self.net, tax=self.tax, gross=self.gross)
        if self.rendered_at.tzinfo is None:
            raise Fault("instant_without_zone", instant=self.rendered_at)
        if self.number is None:
            return
        if self.issue_date is None:
            raise Fault("issue_date_missing", number=self.number)
        if self.specimen != self.number.startswith(SPECIMEN_SERIES):
            raise Fault("specimen_series", number=self.number, series=SPECIMEN_SERIES)
        if self.kind is Kind.CREDIT_NOTE and not self.corrects:
            raise Fault("nothing_corrected", number=self.number)

    def _adds_up(self) -> bool:
        unit = currency(self.currency)
        # Which mention explains a rate is no question of sums, hence the category in its place.
        rates = (Rate(line.tax_category, line.tax_percent, line.tax_category) for line in self.lines)
        nets = (Money(line.net, unit) for line in self.lines)
        due = total_up(tuple(zip(rates, nets, strict=True)), unit)
        expected = [(group.rate.category, group.rate.percent, group.base.minor) for group in due.taxes]
        stated = sorted(self.taxes, key=lambda row: (row.category, row.percent))
        if [(row.category, row.percent, row.base) for row in stated] != expected:
            return False
        off = _SHARES if self.kind is Kind.CREDIT_NOTE else 0
        near = all(
            abs(row.tax - group.tax.minor) <= off for row, group in zip(stated, due.taxes, strict=True)
        )
        tax = sum(row.tax for row in stated)
        return near and (due.net.minor, tax, self.net + tax) == (self.net, self.tax, self.gross)
