from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.invoicing import Party, required_fields
from abaque.core.tax import Treatment

ISSUER = Party("Abaque SAS", "1 rue Pascal", "63000", "Clermont-Ferrand", "FR", "FR00123456789", "123456789")
BUYER = Party("Müller GmbH", "Hauptstr. 1", "10115", "Berlin", "DE", "DE123456789")


def test_nothing_is_missing_from_complete_parties():
    for treatment in Treatment:
        assert required_fields(ISSUER, BUYER, treatment) == ()


@given(st.sampled_from(list(Treatment)), st.sampled_from(["name", "street", "postcode", "city", "country"]))
def test_a_name_and_a_full_address_are_always_asked_of_the_buyer(treatment, field):
    assert f"buyer.{field}" in required_fields(ISSUER, replace(BUYER, **{field: "  "}), treatment)


@pytest.mark.parametrize(
    ("issuer", "buyer", "treatment", "missing"),
    [
        (ISSUER, Party(name="X"), "standard", "buyer.street buyer.postcode buyer.city buyer.country"),
        (Party("A", "b", "c", "d", "DE"), BUYER, "standard", "issuer.vat_number"),
        (Party("A", "b", "c", "d", "FR", "FR1"), BUYER, "standard", "issuer.company_number"),
        (Party("A", "b", "c", "d", "DE"), Party("A", "b", "c", "d", "FR"), "none", ""),
        (ISSUER, Party("A", "b", "c", " ", "FR"), "reverse_charge", "buyer.city buyer.vat_number"),
        (ISSUER, Party("A", "b", "", "Hong Kong", "HK"), "none", ""),  # there are no postcodes there
    ],
)
def test_what_the_law_asks_for_is_named(issuer, buyer, treatment, missing):
    assert required_fields(issuer, buyer, Treatment(treatment)) == tuple(missing.split())
