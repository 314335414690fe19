from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.tax import Buyer, DatedRate, Rate, RateTable, Supply, decide_by_place

RATES = RateTable(
    (
        DatedRate("FR", Decimal(20), date(2014, 1, 1)),
        DatedRate("DE", Decimal(19), date(2021, 1, 1)),
        DatedRate("HU", Decimal(27), date(2012, 1, 1)),
    )
)
DAY = date(2026, 11, 24)
BUSINESS, CONSUMER = True, False


@pytest.mark.parametrize(
    ("buyer", "supply", "chosen", "rate"),
    [
        (Buyer("FR", BUSINESS, "FR1"), "electronic", "", "S 20"),
        (Buyer("FR", CONSUMER, ""), "goods", "oss", "S 20"),
        (Buyer("MC", CONSUMER, ""), "electronic", "oss", "S 20"),
        (Buyer("DE", BUSINESS, "DE1"), "service", "", "AE 0 reverse_charge"),
        (Buyer("DE", BUSINESS, "DE1"), "electronic", "oss", "AE 0 reverse_charge"),
        (Buyer("DE", BUSINESS, "DE1"), "goods", "", "K 0 intra_community"),
        (Buyer("DE", BUSINESS, ""), "electronic", "", "S 20"),
        (Buyer("DE", BUSINESS, ""), "electronic", "oss", "S 19"),
        (Buyer("HU", CONSUMER, ""), "electronic", "oss", "S 27"),
        (Buyer("HU", CONSUMER, ""), "electronic", "", "S 20"),
        (Buyer("HU", CONSUMER, ""), "goods", "oss", "S 27"),
        (Buyer("HU", CONSUMER, ""), "service", "oss", "S 20"),
        (Buyer("US", BUSINESS, ""), "service", "", "O 0 outside_scope"),
        (Buyer("US", CONSUMER, ""), "electronic", "", "O 0 outside_scope"),
        (Buyer("GB", CONSUMER, ""), "service", "", "S 20"),
        (Buyer("GB", BUSINESS, "GB1"), "goods", "", "G 0 export"),
        (Buyer("FR", BUSINESS, "FR1"), "service", "small", "E 0 franchise"),
        (Buyer("DE", CONSUMER, ""), "electronic", "small", "E 0 franchise"),
        (Buyer("DE", BUSINESS, "DE1"), "electronic", "small", "AE 0 reverse_charge"),
        (Buyer("DE", BUSINESS, "DE1"), "goods", "small", "E 0 franchise"),
        (Buyer("US", BUSINESS, ""), "electronic", "small", "O 0 outside_scope"),
    ],
)
def test_the_place_of_supply_by_hand(buyer, supply, chosen, rate):
    options = {chosen: True} if chosen else {}
    found = decide_by_place("FR", buyer, Supply(supply), RATES, DAY, **options)
    assert f"{found.category} {found.percent} {found.mention or ''}".strip() == rate


@given(
    st.builds(
        Buyer,
        st.sampled_from(["FR", "MC", "DE", "HU", "US", "GB", "CH"]),
        st.booleans(),
        st.sampled_from(["", "X1"]),
    ),
    st.sampled_from(list(Supply)),
    st.booleans(),
    st.booleans(),
)
def test_every_buyer_has_an_answer_and_tax_is_charged_here_or_through_the_one_stop_shop(
    buyer, supply, oss, small
):
    rate = decide_by_place("FR", buyer, supply, RATES, DAY, oss=oss, small=small)
    assert (rate.percent > 0) is (rate.category == "S")
    if rate.percent not in (0, 20):
        assert oss
        assert not buyer.business or not buyer.vat_number
    assert not (small and rate.percent == 20)


def test_an_issuer_outside_the_union_and_a_rate_that_is_not_known_are_refused():
    with pytest.raises(Fault, match="issuer_outside_union"):
        decide_by_place("US", Buyer("FR"), Supply.SERVICE, RATES, DAY)
    with pytest.raises(Fault, match="no_rate"):
        decide_by_place("FR", Buyer("IT"), Supply.ELECTRONIC, RATES, DAY, oss=True)


def test_a_country_whose_rate_is_zero_is_zero_rated():
    table = RateTable((DatedRate("FR", Decimal(0), DAY), DatedRate("IE", Decimal(0), DAY)))
    assert decide_by_place("FR", Buyer("FR"), Supply.GOODS, table, DAY) == Rate("Z", Decimal(0))
    assert decide_by_place("FR", Buyer("IE"), Supply.GOODS, table, DAY, oss=True) == Rate("Z", Decimal(0))


@pytest.mark.parametrize("country", ["", "fr", "EL", "UK", "XI", "FRA", "F", "F1", "ＦＲ", "FR\n"])
def test_who_is_in_no_country_is_not_outside_the_union(country):
    # An address without a country, or with Greece's prefix of VAT numbers, would be invoiced without tax.
    for issuer, buyer in (("FR", Buyer(country, BUSINESS, "X1")), (country, Buyer("FR"))):
        with pytest.raises(Fault, match="bad_country") as caught:
            decide_by_place(issuer, buyer, Supply.ELECTRONIC, RATES, DAY)
        assert (caught.value.code, caught.value.params) == ("bad_country", {"value": country})


@pytest.mark.parametrize("territory", ["GF", "GP", "MQ", "RE", "YT"])
def test_what_has_rules_that_are_not_known_here_is_refused(territory):
    with pytest.raises(Fault) as caught:
        decide_by_place("FR", Buyer(territory), Supply.SERVICE, RATES, DAY)
    assert (caught.value.code, caught.value.params) == ("territory_not_known", {"country": territory})
