"""A small invoice that adds up, and a way to change one thing in it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from abaque.core.money import Money, currency
from abaque.core.tax import Rate, total_up
from abaque.documents.invoice import Buyer, InvoiceDocument, Issuer, Line, Period, Tax

ISSUER = Issuer(
    legal_name="Lumen Documents SAS",
    address=("18 rue des Petites-Écuries", "75010 Paris"),
    country="FR",
    company_number="732829320",
    vat_number="FR44732829320",
    legal_form="SAS",
    capital="50 000 €",
    register="RCS Paris",
    email="facturation@lumen.example",
    iban="FR7630006000011234567890189",
    bic="AGRIFRPP",
)
BUYER = Buyer(
    legal_name="Cabinet Moreau & Associés", address=("4 place Bellecour", "69002 Lyon"), country="FR"
)
NOVEMBER = Period(first=date(2026, 11, 1), last=date(2026, 11, 30))

Build = Callable[..., InvoiceDocument]


def _lots(count: int) -> tuple[Line, ...]:
    return tuple(
        Line(
            description=f"Documents traités, lot {number}",
            details=("Jusqu'à 10 000 : 10 000 × 0,10 € par document = 1 000,00 €",),
            quantity="12 000",
            net=115_000 + number,
            tax_percent=Decimal(20),
            period=NOVEMBER,
        )
        for number in range(1, count + 1)
    )


def _summed(document: InvoiceDocument) -> InvoiceDocument:
    unit = currency(document.currency)
    rated = [
        (Rate(line.tax_category, line.tax_percent, line.tax_category), Money(line.net, unit))
        for line in document.lines
    ]
    sums = total_up(rated, unit)
    taxes = tuple(
        Tax(
            category=group.rate.category,
            percent=group.rate.percent,
            base=group.base.minor,
            tax=group.tax.minor,
            mention="" if group.rate.category == "S" else "Autoliquidation",
        )
        for group in sums.taxes
    )
    return replace(document, taxes=taxes, net=sums.net.minor, tax=sums.tax.minor, gross=sums.gross.minor)


@pytest.fixture
def build() -> Build:
    def build(*, lines: int | tuple[Line, ...] = 3, **changes: Any) -> InvoiceDocument:
        document = InvoiceDocument(
            lang="fr",
            currency="EUR",
            issuer=ISSUER,
            buyer=BUYER,
            lines=_lots(lines) if isinstance(lines, int) else lines,
            taxes=(),
            net=0,
            tax=0,
            gross=0,
            rendered_at=datetime(2026, 11, 30, 8, tzinfo=UTC),
            number="F-2026-000042",
            issue_date=date(2026, 11, 30),
            due_date=date(2026, 12, 30),
            periods=(NOVEMBER,),
            mentions=("Pas d'escompte pour paiement anticipé.",),
            purchase_order="BC-77120",
            invoice_id="inv_0199a3c2f7b87d2e9c41aa10",
            chain_head="9f2c1e7ab04d5c6e" * 4,
        )
        return _summed(replace(document, **changes))

    return build
