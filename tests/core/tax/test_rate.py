from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.tax import Rate, Treatment, decide


@given(st.sampled_from(["S", "Z", "G", "K", "AE", "E", "O"]), st.decimals("0", "100", places=2))
def test_only_the_standard_category_has_tax(category, percent):
    if (category == "S") is (percent > 0):
        assert Rate(category, percent, "why").percent == percent
    else:
        with pytest.raises(Fault, match="bad_tax_percent"):
            Rate(category, percent, "why")


@pytest.mark.parametrize(
    ("treatment", "wanted"),
    [
        (Treatment.STANDARD, Rate("S", Decimal(20))),
        (Treatment.REVERSE_CHARGE, Rate("AE", Decimal(0), "reverse_charge")),
        (Treatment.NONE, Rate("O", Decimal(0), "outside_scope")),
    ],
)
def test_each_treatment_has_its_category(treatment, wanted):
    assert decide(treatment, Decimal(20)) == wanted


def test_no_tax_may_be_an_exemption():
    assert decide(Treatment.NONE, Decimal(20), untaxed="E") == Rate("E", Decimal(0), "exempt")
    assert decide(Treatment.NONE, Decimal(20), untaxed="E", mention="franchise").mention == "franchise"


@pytest.mark.parametrize(
    ("code", "category", "percent", "mention"),
    [
        ("bad_tax_category", "X", "0", None),
        ("bad_tax_percent", "S", "0", None),
        ("bad_tax_percent", "S", "-1", None),
        ("bad_tax_percent", "S", "101", None),
        ("bad_tax_percent", "S", "NaN", None),
        ("bad_tax_percent", "AE", "20", "reverse_charge"),
        ("tax_without_mention", "AE", "0", None),
        ("tax_without_mention", "G", "0", None),
        ("tax_without_mention", "K", "0", None),
        ("bad_tax_percent", "Z", "5", None),
    ],
)
def test_rates_that_en_16931_knows_not_are_refused(code, category, percent, mention):
    with pytest.raises(Fault, match=code):
        Rate(category, Decimal(percent), mention)
