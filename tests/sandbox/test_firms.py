"""The invented companies: numbers that are formally right, checked by the countries' own rules."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from abaque.sandbox.firms import FIRMS, SELLER, Firm


def luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def french(number: str) -> bool:
    key, siren = int(number[2:4]), number[4:]
    return len(siren) == 9 and luhn(siren) and key == (12 + 3 * (int(siren) % 97)) % 97


def belgian(number: str) -> bool:
    return len(number) == 12 and number[2] in "01" and int(number[10:]) == 97 - int(number[2:10]) % 97


def irish(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number[2:9], range(8, 1, -1), strict=True))
    return len(number) == 10 and number[9] == "WABCDEFGHIJKLMNOPQRSTUV"[total % 23]


def german(number: str) -> bool:
    product = 10
    for digit in number[2:10]:
        total = (int(digit) + product) % 10 or 10
        product = 2 * total % 11
    return len(number) == 11 and number[2] != "0" and (11 - product) % 10 == int(number[10])


def swiss(number: str) -> bool:
    digits = "".join(each for each in number if each.isdigit())
    total = sum(
        int(digit) * weight for digit, weight in zip(digits[:8], (5, 4, 3, 2, 7, 6, 5, 4), strict=True)
    )
    return len(digits) == 9 and number.endswith(" TVA") and (11 - total % 11) % 11 == int(digits[8])


RULES: dict[str, Callable[[str], bool]] = {
    "FR": french,
    "BE": belgian,
    "IE": irish,
    "DE": german,
    "CH": swiss,
}


@pytest.mark.parametrize("firm", FIRMS, ids=lambda firm: str(firm.external_id))
def test_vat_numbers_pass_their_check_digits(firm: Firm) -> None:
    assert firm.vat_number[:2] == firm.country
    assert RULES[firm.country](firm.vat_number)
    place = firm.vat_number.index("9", 2) if firm.country != "FR" else 12
    wrong = (
        firm.vat_number[:place] + str((int(firm.vat_number[place]) + 1) % 10) + firm.vat_number[place + 1 :]
    )
    assert not RULES[firm.country](wrong)


def test_the_seller_is_french_with_its_own_number() -> None:
    assert french(SELLER.vat_number)
    assert SELLER.vat_number.endswith(SELLER.company_number)
    assert int(f"{SELLER.iban[4:]}1527{SELLER.iban[2:4]}") % 97 == 1


def test_the_tax_follows_the_place() -> None:
    assert {firm.country: firm.tax for firm in FIRMS} == {
        "FR": "standard",
        "BE": "reverse_charge",
        "IE": "reverse_charge",
        "DE": "reverse_charge",
        "CH": "none",
    }


def test_nobody_shares_an_identity() -> None:
    for field in ("external_id", "name", "vat_number", "company_number", "email"):
        assert len({getattr(firm, field) for firm in FIRMS}) == len(FIRMS) == 8
    assert all(firm.email.endswith(".example") for firm in FIRMS)
    assert {firm.language for firm in FIRMS} == {"fr", "en"}
    assert all(ZoneInfo(firm.zone) for firm in FIRMS)
