from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.tax import Rate, vatex


@pytest.mark.parametrize(
    ("category", "mention", "code"),
    [
        ("AE", "reverse_charge", "VATEX-EU-AE"),
        ("K", "intra_community", "VATEX-EU-IC"),
        ("G", "export", "VATEX-EU-G"),
        ("O", "outside_scope", "VATEX-EU-O"),
        ("E", "franchise", "VATEX-FR-FRANCHISE"),
        ("E", "exempt", None),
        ("Z", None, None),
    ],
)
def test_reasons_by_hand(category, mention, code):
    assert vatex(Rate(category, Decimal(0), mention)) == code


@given(st.decimals("0.01", "100", places=2))
def test_what_is_taxed_has_no_reason_not_to_be(percent):
    assert vatex(Rate("S", percent)) is None
