"""A catalogue file may name what other files published before."""

from typing import Any

import pytest

from abaque.billing.apply_catalogue import ApplyCatalogue, preview
from abaque.catalogue import CatalogueErrors

FILE = """
plans:
  solo: {version: 1, currency: EUR, charges: {fee: {price: {model: flat, amount: 1}}}}
addons:
  help: {currency: EUR, plans: [pro, solo], charges: {help: {price: {model: flat, amount: 1}}}}
credits:
  pack: {currency: EUR, paid: 100, charges: [fee, CHARGE]}
"""


def test_a_file_names_published_plans_and_charges(house: Any) -> None:
    text = FILE.replace("CHARGE", "docs")
    with pytest.raises(CatalogueErrors) as refused:
        preview(ApplyCatalogue(text))
    assert [error.code for error in refused.value.errors] == ["unknown_plan", "unknown_charge"]
    house.catalogue()
    catalogue, changes = preview(ApplyCatalogue(text))
    assert [warning.code for warning in catalogue.warnings] == ["addon_unpublished", "credit_unpublished"]
    assert [(change.what, change.code) for change in changes] == [("plan", "solo")]
