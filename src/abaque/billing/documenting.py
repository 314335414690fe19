"""An invoice row as the document people read: every figure decided, every sentence in its language."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.conf import settings

from abaque.billing.offers import meter_entry, plan_of
from abaque.core.period import local_day
from abaque.core.pricing import Charge, Rating, Step
from abaque.documents.invoice import Buyer, InvoiceDocument, Issuer, Kind, Line, Period, Reference, Tax
from abaque.documents.mentions import mention
from abaque.documents.words import amount_text, late_sentence, number_text, step_sentence, words
from abaque.storage.models import Customer, Invoice, InvoiceLine, Meter
from abaque.storage.models import Issuer as IssuerRow

_MOMENT = timedelta(microseconds=1)
_STANDING = ("late_payment", "recovery_fee", "no_early_discount")


def document_of(
    invoice: Invoice,
    *,
    number: str | None,
    issue_date: date | None,
    specimen: bool,
    now: datetime,
    chain_head: str = "",
) -> InvoiceDocument:
    """Build the document of an invoice or credit note. Without a number it is the draft of one."""
    customer, lang = invoice.customer, invoice.customer.language
    day = issue_date or local_day(now, invoice.issuer.zone)
    term = (
        customer.payment_term_days
        if customer.payment_term_days is not None
        else invoice.issuer.payment_term_days
    )
    lines = list(invoice.lines.all())
    return InvoiceDocument(
        lang=lang,
        currency=invoice.currency,
        issuer=_issuer(invoice.issuer),
        buyer=_buyer(customer),
        lines=tuple(_line(invoice, line, lang) for line in lines),
        taxes=tuple(_tax(group, day, lang) for group in invoice.taxes),
        net=invoice.net,
        tax=invoice.tax,
        gross=invoice.gross,
        rendered_at=datetime(day.year, day.month, day.day, tzinfo=UTC),
        number=number,
        specimen=specimen,
        issue_date=day if number else None,
        kind=Kind.INVOICE if invoice.corrects is None else Kind.CREDIT_NOTE,
        corrects=_references(invoice, lines),
        due_date=day + timedelta(days=term) if number and invoice.corrects is None else None,
        periods=tuple(dict.fromkeys(_period(line, customer) for line in lines)),
        mentions=_mentions(invoice.issuer, day, lang),
        invoice_id=invoice.public_id,
        chain_head=chain_head,
        explain=f"{settings.PUBLIC_URL}/portal/",
    )


def _references(invoice: Invoice, lines: list[InvoiceLine]) -> tuple[Reference, ...]:
    """Return the earlier invoices it corrects, or whose periods it bills more of (EN 16931 BG-3)."""
    earlier = [line.adjusts for line in lines] if invoice.corrects is None else [invoice.corrects]
    return tuple(
        dict.fromkeys(
            Reference(number=one.number, issue_date=one.issue_date)
            for one in earlier
            if one is not None and one.number and one.issue_date
        )
    )


def _issuer(row: IssuerRow) -> Issuer:
    return Issuer(
        legal_name=row.legal_name,
        address=_address(row),
        country=row.country,
        company_number=row.company_number,
        vat_number=row.vat_number,
        legal_form=row.legal_form,
        capital=row.capital,
        register=row.register,
        email=row.email,
        iban=row.iban,
        bic=row.bic,
    )


def _buyer(row: Customer) -> Buyer:
    return Buyer(
        legal_name=row.legal_name,
        address=_address(row),
        country=row.country,
        company_number=row.company_number,
        vat_number=row.vat_number,
    )


def _address(row: Customer | IssuerRow) -> tuple[str, ...]:
    return (*row.street.splitlines(), " ".join(part for part in (row.postcode, row.city) if part))


def _mentions(issuer: IssuerRow, day: date, lang: str) -> tuple[str, ...]:
    keys = (*(("vat_on_debits",) if issuer.vat_on_debits else ()), *_STANDING)
    return tuple(mention(key, day, lang) for key in keys)


def _tax(group: dict[str, Any], day: date, lang: str) -> Tax:
    return Tax(
        category=group["category"],
        percent=Decimal(group["percent"]),
        base=group["base"],
        tax=group["tax"],
        mention=mention(group["mention"], day, lang) if group["mention"] else "",
    )


def _line(invoice: Invoice, line: InvoiceLine, lang: str) -> Line:
    plan = plan_of(invoice.subscription)
    charge = plan.charge(line.charge)
    units = unit_names(line.meter)
    steps = steps_of(line)
    single = Rating(Decimal(line.quantity or 1), tuple(steps)).price
    plan_name = plan.names.get(lang) or plan.code
    details = (
        said_steps(steps, charge, invoice, units, lang)
        if line.meter
        else _part(steps, charge, invoice, units, lang)
    )
    return Line(
        description=f"{plan_name} · {charge.names.get(lang) or charge.code}",
        details=(*said_late(invoice, line, lang), *details),
        quantity=_quantity(line, units, lang),
        unit_price=amount_text(single, plan.currency, lang) if single is not None else "",
        net=line.net,
        tax_category=line.tax_category,
        tax_percent=Decimal(line.tax_percent),
        period=_period(line, invoice.customer),
    )


def said_late(invoice: Invoice, line: InvoiceLine, lang: str) -> tuple[str, ...]:
    """Say of a line about a period that was billed before which one, and by which invoice."""
    earlier = line.adjusts or invoice.corrects
    if earlier is None:
        return ()
    period = _period(line, invoice.customer)
    credit = invoice.corrects is not None
    return (late_sentence(period.first, period.last, earlier.number or "", lang, credit=credit),)


def _quantity(line: InvoiceLine, units: dict[str, str], lang: str) -> str:
    if line.quantity is None:
        return number_text(1, lang)
    noun = units.get(lang) or units.get("en") or words(lang).say("unit.unnamed")
    return f"{number_text(line.quantity, lang)} {noun}"


def _part(
    steps: list[Step], charge: Charge, invoice: Invoice, units: dict[str, str], lang: str
) -> tuple[str, ...]:
    """Say which part of a period a fixed fee is for; for a whole one it needs no sentence."""
    return (
        said_steps(steps, charge, invoice, units, lang)
        if any(step.first is not None for step in steps)
        else ()
    )


def said_steps(
    steps: list[Step],
    charge: Charge,
    invoice: Invoice,
    units: dict[str, str],
    lang: str,
) -> tuple[str, ...]:
    """Return each rating step in words."""
    currency = plan_of(invoice.subscription).currency
    return tuple(step_sentence(step, currency, units, lang, prorate=charge.prorate) for step in steps)


def steps_of(line: InvoiceLine) -> list[Step]:
    """Return a stored line's rating steps as the core's values."""
    return [
        Step(
            kind=step["kind"],
            quantity=Decimal(step["quantity"]),
            unit=_decimal(step["unit"]),
            amount=Decimal(step["amount"]),
            first=_decimal(step["first"]),
            last=_decimal(step["last"]),
        )
        for step in line.steps
    ]


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@lru_cache(maxsize=512)
def unit_names(meter: str) -> dict[str, str]:
    """Return a meter's word for one unit, by language; a published meter keeps its words."""
    row = Meter.objects.filter(code=meter).first() if meter else None
    return {} if row is None else dict(meter_entry(row).units)


def _period(line: InvoiceLine, customer: Customer) -> Period:
    zone = customer.zone
    return Period(first=local_day(line.span_start, zone), last=local_day(line.span_end - _MOMENT, zone))
