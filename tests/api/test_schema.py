"""What the description promises is what happens: every operation, good and bad input, on a real database.

The door stands before Django; it is held against its description in `tests/api/door`.
"""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from tests.api.conftest import Caller
from tests.api.described import MODES, OPERATIONS, Answered, fault_of

EXAMPLES = 10
FEBRUARY = {"from": "2026-02-01", "to": "2026-03-01"}
QUERIES = {
    "GET /v1/usage": FEBRUARY,
    "GET /v1/usage/series": {**FEBRUARY, "meter": "readers", "by": "customer,group.office"},
    "GET /v1/usage/top": {**FEBRUARY, "meter": "pages"},
    "GET /v1/events/counts": {**FEBRUARY, "by": "type,source"},
    "GET /v1/events": {"customer": "dupont"},
}


@pytest.fixture
def stocked(shop: Caller, product: Any) -> dict[str, str]:
    """A folder in which something of each kind exists: what an address can name, and a key."""
    product.february()
    shop.made("POST", "/close", {"until": "2026-03-01"})
    invoice = shop.made("GET", "/invoices")["items"][0]["id"]
    return {"invoice_id": invoice, "subscription_id": "s-1", "key": shop.key}


def known(label: str, stocked: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return what the operation can name: in its address, and in its query."""
    names = {"external_id": "papier" if "/issuers/" in label else "dupont", **stocked}
    path = {name: value for name, value in names.items() if f"{{{name}}}" in label}
    query = QUERIES.get(label, {})
    return {**({"path_parameters": path} if path else {}), **({"query": query} if query else {})}


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
        if (fault := fault_of(label, mode, stocked["key"], known(label, stocked), answer, examples=EXAMPLES))
    }
    assert faults == {}, "\n\n".join(f"{label}: {fault}" for label, fault in faults.items())


@pytest.mark.parametrize(
    ("answered", "told"),
    [
        ((500, {"Content-Type": "application/problem+json"}, b"{}"), "Server error"),
        ((418, {"Content-Type": "application/problem+json"}, b"{}"), "Undocumented"),
        ((200, {"Content-Type": "text/html"}, b"<p>"), "Content-Type"),
        ((200, {"Content-Type": "application/json"}, b'{"items": [{}], "cursor": null}'), "required"),
    ],
)
def test_a_fault_would_be_found(answered: Answered, told: str) -> None:
    fault = fault_of("GET /v1/meters", MODES[0], "key", {}, lambda _: answered, examples=2)
    assert told.lower() in fault.lower(), fault
