from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby, pairwise

import pytest

from abaque.core.fault import Fault
from abaque.documents.mentions import mention, mention_row, mentions, rates, vat_percent
from abaque.documents.words import languages


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 8, 31), "TVA non applicable, art. 293 B du CGI."),
        (date(2026, 9, 1), "TVA non applicable, art. L. 223-1 et s. du CIBS."),
    ],
)
def test_vat_moved_from_the_cgi_to_the_cibs_on_1_september_2026(day: date, text: str) -> None:
    assert mention("franchise", day, "fr") == text


def test_the_old_reference_is_tolerated_until_the_end_of_2027() -> None:
    assert mention_row("franchise", date(2026, 8, 31)).tolerated_to == date(2027, 12, 31)


def test_what_invoices_between_firms_must_say_of_late_payment() -> None:
    day = date(2026, 11, 30)
    assert "majoré de 10 points" in mention("late_payment", day, "fr")
    assert "40,00\u00a0€" in mention("recovery_fee", day, "fr")
    assert "art. L441-10, D441-5" in mention("recovery_fee", day, "en")
    assert mention("reverse_charge", day, "fr").startswith("Autoliquidation")
    assert "Autoliquidation" in mention("reverse_charge", day, "en")
    assert mention("vat_on_debits", day, "fr") == "Option pour le paiement de la taxe d'après les débits."


def test_every_row_has_a_source_and_words_in_every_language() -> None:
    for row in mentions():
        assert row.source
        assert row.confidence in {"high", "medium"}
        for lang in languages():
            text = row.text(lang)
            assert text
            assert "{" not in text
    assert all(row.source for row in rates())


def test_rows_of_one_key_follow_each_other_without_gap_or_overlap() -> None:
    keyed = [(row.key, row) for row in mentions()] + [(f"{row.key} {row.country}", row) for row in rates()]
    for key, group in groupby(keyed, key=lambda pair: pair[0]):
        rows = [row for _, row in group]
        assert rows[-1].valid_to is None, key
        for earlier, later in pairwise(rows):
            assert earlier.valid_to is not None
            assert later.valid_from == earlier.valid_to + timedelta(days=1), key


def test_the_french_standard_rate_by_day() -> None:
    assert vat_percent("FR", date(2013, 12, 31)) == Decimal("19.6")
    assert vat_percent("FR", date(2014, 1, 1)) == Decimal(20)
    assert vat_percent("fr", date(2026, 11, 30)) == Decimal(20)


def test_what_the_table_does_not_know_is_refused() -> None:
    with pytest.raises(Fault, match="unknown_mention"):
        mention("wibble", date(2026, 1, 1), "fr")
    with pytest.raises(Fault, match="no_mention_on_day"):
        mention("franchise", date(1999, 1, 1), "fr")
    with pytest.raises(Fault, match="no_rate_on_day"):
        vat_percent("DE", date(2026, 1, 1))
