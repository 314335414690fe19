from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.invoicing import Line, Party, check_pattern, number, required_fields, totals
from abaque.core.money import Money, currency, total
from abaque.core.tax import Rate, Treatment

EUR = currency("EUR")
STANDARD = Rate("S", Decimal(20))


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=10))
def test_the_total_is_the_sum_of_the_lines_as_printed(minors):
    lines = [Line("docs", Decimal(1), None, Money(minor, EUR), STANDARD) for minor in minors]
    found = totals(lines)
    assert found.net == total([line.net for line in lines], EUR)
    assert found.gross == found.net + found.tax


def test_no_lines_have_totals_only_in_a_currency():
    assert totals([], EUR).gross == Money.zero(EUR)
    with pytest.raises(Fault, match="no_lines"):
        totals([])


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("TEST-", "TEST-2026-000042"),
        ("", "2026-000042"),
        ("F{year}/{counter:05}", "F2026/00042"),
        ("{counter}", "42"),
        ("A_{counter:09}+B", "A_000000042+B"),
    ],
)
def test_numbers(pattern, written):
    assert number(pattern, 2026, 42) == written


@given(
    st.sampled_from(["TEST-", "F{year}/{counter:05}", "{counter}"]),
    st.sets(st.integers(1, 10**9), min_size=2),
)
def test_no_two_documents_of_a_series_share_a_number(pattern, counters):
    assert len({number(pattern, 2026, counter) for counter in counters}) == len(counters)


@pytest.mark.parametrize(
    "pattern",
    [
        "F{year}",
        "{counter}{counter}",
        "{counter} {year}",
        "É-",
        "a.b-",
        "{counter!r}",
        "{counter:x}",
        "{0.a}",
        "F\n",
    ],
)
def test_patterns_the_law_or_the_counter_does_not_fit_are_refused(pattern):
    with pytest.raises(Fault, match="bad_number_pattern"):
        check_pattern(pattern)


def test_numbers_are_at_most_35_characters_and_count_from_one():
    with pytest.raises(Fault, match="number_too_long"):
        check_pattern("A" * 22)
    assert check_pattern("A" * 21) == "A" * 21
    for year, counter in [(2026, 0), (2026, -1), (0, 1)]:
        with pytest.raises(Fault, match="bad_counter"):
            number("F", year, counter)


ISSUER = Party("Abaque SAS", "1 rue Pascal", "63000", "Clermont-Ferrand", "FR", "FR00123456789", "123456789")
BUYER = Party("Müller GmbH", "Hauptstr. 1", "10115", "Berlin", "DE", "DE123456789")


def test_nothing_is_missing_from_complete_parties():
    for treatment in Treatment:
        assert required_fields(ISSUER, BUYER, treatment) == ()


@pytest.mark.parametrize(
    ("issuer", "buyer", "treatment", "missing"),
    [
        (ISSUER, Party(name="X"), "standard", "buyer.street buyer.postcode buyer.city buyer.country"),
        (Party("A", "b", "c", "d", "DE"), BUYER, "standard", "issuer.vat_number"),
        (Party("A", "b", "c", "d", "FR", "FR1"), BUYER, "standard", "issuer.company_number"),
        (Party("A", "b", "c", "d", "DE"), Party("A", "b", "c", "d", "FR"), "none", ""),
        (ISSUER, Party("A", "b", "c", " ", "FR"), "reverse_charge", "buyer.city buyer.vat_number"),
    ],
)
def test_what_the_law_asks_for_is_named(issuer, buyer, treatment, missing):
    assert required_fields(issuer, buyer, Treatment(treatment)) == tuple(missing.split())
