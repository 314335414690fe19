"""What documents about late usage say, in both languages."""

from typing import Any

import pytest
from tests.billing.test_late_usage import (
    FEBRUARY,
    MARCH,
    at,
    billed_february,
    issue_all,
    number_of,
    void,
)


def text_of(house: Any, **of: Any) -> str:
    from io import BytesIO

    from pypdf import PdfReader

    from abaque.billing.render_document import render_document
    from abaque.storage.models import Invoice

    stored = render_document(Invoice.objects.get(**of).public_id, now=house.now)
    pages = PdfReader(BytesIO(bytes(stored.content))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\u200b", "").split())


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ("Credit note TEST-2026-000003", "Corrects invoice", "Total credited")),
        ("fr", ("Avoir TEST-2026-000003", "Corrige la facture", "Total de l'avoir")),
    ],
)
def test_a_credit_note_names_number_and_date_of_its_invoice_and_asks_for_no_money(house, lang, said):
    billed_february(house)
    house.customer(language=lang)
    void(house, "d0", "d1")
    issue_all(house, FEBRUARY)
    text = text_of(house, kind="credit_note")
    for words in (*said, number_of(house, FEBRUARY)):
        assert words in text
    assert "Due date" not in text
    assert "Échéance" not in text
    assert house.rows("SELECT payment_due FROM invoice WHERE kind = 'credit_note'") == [(None,)]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "Late usage of 1 – 28 February 2026, invoice"),
        ("fr", "Consommation tardive, du 1er au 28 février 2026, facture"),
    ],
)
def test_the_invoice_says_which_period_and_earlier_invoice_a_late_line_is_about(house, lang, said):
    billed_february(house)
    house.customer(language=lang)
    house.documents(2, "2026-02-20")
    at(house, "2026-04-10")
    issue_all(house, MARCH)
    text = text_of(house, kind="invoice", due_at=house.instant(MARCH))
    assert f"{said} {number_of(house, FEBRUARY)}" in text
