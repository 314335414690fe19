"""What the description promises is what happens: every operation, good and bad input, on a real database.

The door stands before Django; it is held against its description in `tests/api/door`.
"""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from tests.api.conftest import Caller
from tests.api.described import MODES, OPERATIONS, Answered, fault_of

EXAMPLES = 12


@pytest.fixture
def stocked(shop: Caller, product: Any) -> dict[str, str]:
    """A folder in which something of each kind exists: what an address can name, and a key."""
    product.february()
    shop.made("POST", "/close", {"until": "2026-03-01"})
    invoice = shop.made("GET", "/invoices")["items"][0]["id"]
    return {"invoice_id": invoice, "subscription_id": "s-1", "key": shop.key}


def named(label: str, stocked: dict[str, str]) -> dict[str, str]:
    names = {"external_id": "papier" if "/issuers/" in label else "dupont", **stocked}
    return {name: value for name, value in names.items() if f"{{{name}}}" in label}


def answer(request: Any) -> Answered:
    """Send a request; what it changed is taken back, so that each case stands for itself."""
    headers = {name: value for name, value in request.headers.items() if name.lower() != "content-type"}
    kind = request.headers.get("Content-Type", "application/json")
    client = Client(raise_request_exception=False)
    with transaction.atomic():
        response = client.generic(
            request.method, request.path_url, request.body or b"", kind, headers=headers
        )
        transaction.set_rollback(True)
    return response.status_code, dict(response.headers), response.content


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_every_answer_is_one_that_is_described(stocked: dict[str, str], mode: Any) -> None:
    labels = [label for label in OPERATIONS if label != "POST /v1/events"]
    assert len(labels) > 30
    faults = {
        label: fault
        for label in labels
        if (fault := fault_of(label, mode, stocked["key"], named(label, stocked), answer, examples=EXAMPLES))
    }
    assert faults == {}, "\n\n".join(f"{label}: {fault}" for label, fault in faults.items())
