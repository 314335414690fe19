import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from abaque.core.fault import Fault
from abaque.documents.invoice import (
    Buyer,
    InvoiceDocument,
    Kind,
    Line,
    Reference,
    as_plain,
    from_plain,
    render,
)

Build = Callable[..., InvoiceDocument]


def pages(document: InvoiceDocument) -> list[str]:
    """The text of each page, with ordinary spaces."""
    reader = PdfReader(BytesIO(render(document).content))
    narrow = str.maketrans({"\u202f": " ", "\u00a0": " ", "\u200b": None})
    return [" ".join(page.extract_text().translate(narrow).split()) for page in reader.pages]


def test_the_same_document_is_the_same_bytes(build: Build) -> None:
    first = render(build())
    assert first.archival
    assert render(build()).content == first.content
    assert render(from_plain(json.loads(json.dumps(as_plain(build()))))).content == first.content
    assert render(build(purchase_order="BC-77121")).content != first.content


def test_a_snapshot_comes_back_as_it_was(build: Build) -> None:
    for document in (
        build(),
        build(number=None, issue_date=None),
        build(kind=Kind.CREDIT_NOTE, corrects=(Reference(number="F-1", issue_date=date(2026, 10, 31)),)),
    ):
        assert from_plain(json.loads(json.dumps(as_plain(document)))) == document


def test_it_says_who_what_when_and_how_much(build: Build) -> None:
    (text,) = pages(build())
    for said in (
        "Facture F-2026-000042",
        "Lumen Documents SAS",
        "SAS au capital de 50 000 €",
        "SIREN 732 829 320",
        "RCS Paris",
        "N° TVA FR44732829320",
        "Cabinet Moreau & Associés",
        "Date d'émission 30 novembre 2026",
        "Échéance 30 décembre 2026",
        "du 1er au 30 novembre 2026",
        "BC-77120",
        "10 000 × 0,10 € par document = 1 000,00 €",
        "Total HT 3 450,06 €",
        "TVA 690,01 €",
        "Total TTC 4 140,07 €",
        "IBAN FR76 3000 6000 0112 3456 7890 189",
        "Pas d'escompte",
        "9f2c1e7ab04d5c6e" * 4,
        "Page 1 / 1",
    ):
        assert said in text, said
    assert "SPÉCIMEN" not in text
    assert "PROJET" not in text


def test_the_same_in_english(build: Build) -> None:
    (text,) = pages(build(lang="en"))
    for said in (
        "Invoice F-2026-000042",
        "Issue date 30 November 2026",
        "1 – 30 November 2026",
        "€3,450.06",
        "VAT FR4",
    ):
        assert said in text, said


def test_two_hundred_lines_repeat_the_header_and_count_the_pages(build: Build) -> None:
    texts = pages(build(lines=200))
    assert len(texts) > 5
    for number, text in enumerate(texts, start=1):
        assert f"Page {number} / {len(texts)}" in text
        # The last page may hold nothing but the sums.
        assert "Désignation Quantité" in text or number == len(texts)
    whole = " ".join(texts)
    assert all(whole.count(f"lot {number} ") == 1 for number in range(1, 201))


def test_a_specimen_says_so_on_every_page_and_cannot_be_paid(build: Build) -> None:
    texts = pages(build(lines=60, specimen=True, number="TEST-2026-000001"))
    for text in texts:
        assert "SPÉCIMEN d'un dossier d'essai" in text
        assert text.count("SPÉCIMEN") == 2, "the banner and the mark across the page"
    assert "IBAN" not in " ".join(texts)


def test_a_draft_says_so_and_has_no_number(build: Build) -> None:
    (text,) = pages(build(number=None, issue_date=None))
    assert "Projet de facture" in text
    assert "PROJET" in text
    assert "IBAN" not in text


def test_reverse_charge_shows_no_rate_and_its_mention(build: Build) -> None:
    buyer = Buyer(legal_name="Müller GmbH", address=("Ring 1",), country="DE", vat_number="DE123456788")
    (text,) = pages(build(buyer=buyer, lines=(Line(description="Accès", net=4900, tax_category="AE"),)))
    assert "Allemagne" in text
    assert "N° TVA DE123456788" in text
    assert text.count("Autoliquidation") == 2, "in the VAT table and as the mention below"
    assert "0 %" not in text
    assert "TVA 0,00 €" in text


def test_a_credit_note_names_what_it_corrects(build: Build) -> None:
    earlier = Reference(number="F-2026-000041", issue_date=date(2026, 10, 31))
    (text,) = pages(build(kind=Kind.CREDIT_NOTE, number="A-2026-000001", corrects=(earlier,)))
    assert "Avoir A-2026-000001" in text
    assert "Corrige la facture F-2026-000041 du 31 octobre 2026" in text
    assert "IBAN" not in text


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("USD", "US$1,234,567.89"),
        ("JPY", "JP¥123,456,789"),
        ("KWD", "KWD 123,456.789"),
        ("MGA", "MGA 1,234,567.89"),
    ],
)
def test_amounts_have_the_decimals_of_iso_4217(build: Build, code: str, shown: str) -> None:
    line = Line(description="Access", net=123_456_789, tax_category="O")
    (text,) = pages(build(lang="en", currency=code, lines=(line,)))
    assert f"Total net {shown}" in text


def test_greek_cyrillic_and_polish_names_are_archival(build: Build) -> None:
    name = "Ελληνική Εταιρεία · Общество · Łódź"
    document = build(buyer=Buyer(legal_name=name, address=("Ж 1",), country="GR"))
    assert render(document).archival
    assert name in pages(document)[0]


@pytest.mark.parametrize("character", ["\u0378", "\ue123", "\U0010fffd"])
def test_a_missing_glyph_is_told_and_does_not_stop_the_invoice(build: Build, character: str) -> None:
    # Unassigned and private characters: no font of any machine has them.
    rendered = render(build(buyer=Buyer(legal_name=f"Kita {character} GK", address=("Tokyo",), country="JP")))
    assert not rendered.archival
    assert character in rendered.unreadable
    assert "Total TTC" in PdfReader(BytesIO(rendered.content)).pages[0].extract_text()


@pytest.mark.parametrize(
    "name", ["شركة الاختبار", "株式会社", "😀", "a\x07b", "a\x00b", "\ufffd", '"#[*_`$\\']
)
def test_no_name_stops_an_invoice(build: Build, name: str) -> None:
    rendered = render(build(buyer=Buyer(legal_name=name, address=(name,), country="JP")))
    assert rendered.archival is (rendered.unreadable == "")
    assert len(PdfReader(BytesIO(rendered.content)).pages) == 1


def test_it_is_marked_as_pdf_a_3a(build: Build) -> None:
    metadata = PdfReader(BytesIO(render(build()).content)).xmp_metadata
    assert metadata is not None
    assert (metadata.pdfaid_part, metadata.pdfaid_conformance) == ("3", "A")


def test_a_name_without_spaces_wraps(build: Build) -> None:
    name = "Verkehrsinfrastrukturfinanzierungsgesellschaft" * 3
    document = build(buyer=Buyer(legal_name=name, address=(), country="FR"))
    assert name in pages(document)[0].replace(" ", "")


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("document_does_not_add_up", {"gross": 1}),
        ("document_does_not_add_up", {"taxes": ()}),
        ("issue_date_missing", {"issue_date": None}),
        ("specimen_series", {"specimen": True}),
        ("specimen_series", {"number": "TEST-2026-000001"}),
        ("nothing_corrected", {"kind": Kind.CREDIT_NOTE}),
        ("instant_without_zone", {"rendered_at": datetime(2026, 11, 30)}),  # noqa: DTZ001 -- the very mistake
        ("unknown_currency", {"currency": "XQX"}),
    ],
)
def test_what_must_never_be_printed_is_refused(build: Build, code: str, changes: dict[str, object]) -> None:
    with pytest.raises(Fault) as refused:
        render(replace(build(), **changes))
    assert refused.value.code == code


def test_a_tax_off_by_a_cent_is_refused(build: Build) -> None:
    sound = build()
    wrong = replace(sound.taxes[0], tax=sound.taxes[0].tax + 1)
    with pytest.raises(Fault, match="document_does_not_add_up"):
        render(replace(sound, taxes=(wrong,), tax=sound.tax + 1, gross=sound.gross + 1))


@pytest.mark.parametrize(("off", "fits"), [(0, True), (2, True), (-2, True), (3, False), (-3, False)])
def test_the_tax_of_a_credit_note_is_a_share_of_its_invoices_tax_to_the_cent(
    build: Build, off: int, *, fits: bool
) -> None:
    earlier = Reference(number="F-1", issue_date=date(2026, 10, 31))
    sound = build(kind=Kind.CREDIT_NOTE, corrects=(earlier,))
    taxes = (replace(sound.taxes[0], tax=sound.taxes[0].tax + off),)
    note = replace(sound, taxes=taxes, tax=sound.tax + off, gross=sound.gross + off)
    if fits:
        note.check()
    else:
        with pytest.raises(Fault, match="document_does_not_add_up"):
            note.check()


def test_two_rates_stand_in_two_rows(build: Build) -> None:
    lines = tuple(
        Line(description=f"à {percent} %", net=10_000, tax_percent=Decimal(percent))
        for percent in ("5.5", "20")
    )
    (text,) = pages(build(lines=lines))
    assert "5,5 % 100,00 € 5,50 €" in text
    assert "20 % 100,00 € 20,00 €" in text


def test_threads_render_the_same_bytes_at_the_same_moment(build: Build) -> None:
    with ThreadPoolExecutor(4) as pool:
        files = list(pool.map(lambda _: render(build()).content, range(8)))
    assert len(set(files)) == 1
