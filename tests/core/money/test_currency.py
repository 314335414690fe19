import iso4217
import pytest

from abaque.core.fault import Fault
from abaque.core.money import currency, known_codes

WITHDRAWN = {"ANG", "BGN", "HRK", "SLL", "ZWL", "CUC"}


def test_the_table_is_iso_4217():
    official = {one.code: one.exponent for one in iso4217.Currency if one.exponent is not None}
    ours = {code: currency(code).digits for code in known_codes() if code not in WITHDRAWN}
    assert ours == official


def test_withdrawn_currencies_stay_for_old_documents():
    assert set(known_codes()) >= WITHDRAWN
    assert {currency(code).digits for code in WITHDRAWN} == {2}


@pytest.mark.parametrize("code", ["XXX", "XAU", "eur", "", "EURO"])
def test_what_is_no_currency_is_refused(code):
    with pytest.raises(Fault, match="unknown_currency"):
        currency(code)
