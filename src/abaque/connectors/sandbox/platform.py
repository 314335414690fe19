"""Speaks the sandbox platform's HTTP: bearer key, JSON, idempotency keys, cursor pages."""

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from typing import Any

from abaque.ports.platform import PlatformError, PlatformInvoice, PushedInvoice

_TIMEOUT = 10
_PAGE = 100
_TOO_MANY, _SERVER_FAULT = 429, 500


class SandboxPlatform:
    """One sandbox platform. Its key comes from the environment and is sent as a bearer token."""

    name = "sandbox"

    def __init__(self, url: str, key: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise PlatformError(f"not an HTTP address: {url}", retry=False)
        self._url, self._key = url.rstrip("/"), key
        self._customers: set[str] = set()

    def push(self, invoice: PushedInvoice, *, key: str) -> str:
        """Hand an invoice over; its customer is made known first where it is not."""
        self._know(invoice)
        body = {
            "external_id": invoice.external_id,
            "number": invoice.number,
            "customer": invoice.customer,
            "currency": invoice.currency,
            "net": invoice.net,
            "tax": invoice.tax,
            "total": invoice.total,
            "issue_date": invoice.issue_date,
            "due_date": invoice.due_date,
            "lines": [{"description": line.description, "amount": line.amount} for line in invoice.lines],
            "corrects": invoice.corrects,
        }
        return str(self._ask("POST", "/v1/invoices", body, key=key)["id"])

    def invoices(self) -> Sequence[PlatformInvoice]:
        """Return every invoice in force, page by page."""
        return [
            PlatformInvoice(
                external_id=str(item["external_id"]),
                platform_id=str(item["id"]),
                customer=str(item["customer"]),
                currency=str(item["currency"]),
                total=-int(item["total"]) if item.get("corrects") else int(item["total"]),
                state=str(item["status"]),
            )
            for item in self._pages("/v1/invoices")
            if item["status"] != "void"
        ]

    def void(self, platform_id: str) -> None:
        """Void an invoice there; voiding twice is harmless."""
        self._ask(
            "POST",
            f"/v1/invoices/{urllib.parse.quote(platform_id, safe='')}/void",
            {},
            key=f"void/{platform_id}",
        )

    def _know(self, invoice: PushedInvoice) -> None:
        """Make the customer known; that the platform knows it already is what we want."""
        if invoice.customer in self._customers:
            return
        body = {"external_id": invoice.customer, "name": invoice.customer_name}
        try:
            self._ask("POST", "/v1/customers", body, key=f"customer/{invoice.customer}")
        except PlatformError as error:
            if "external_id_taken" not in str(error):
                raise
        self._customers.add(invoice.customer)

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        after = ""
        while True:
            query = urllib.parse.urlencode({"limit": _PAGE, **({"after": after} if after else {})})
            page = self._ask("GET", f"{path}?{query}")
            yield from page["data"]
            after = str(page.get("next") or "")
            if not after:
                return

    def _ask(self, method: str, path: str, body: object = None, *, key: str | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        request = urllib.request.Request(  # noqa: S310  # the constructor refused other schemes
            self._url + path,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers=headers,
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310  # as above
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            after = error.headers.get("Retry-After")
            retry = error.code == _TOO_MANY or error.code >= _SERVER_FAULT
            said = error.read(500).decode(errors="replace")
            raise PlatformError(
                f"{method} {path}: {error.code} {said}",
                retry=retry,
                after=float(after) if after else None,
            ) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise PlatformError(f"{method} {path}: {error}", retry=True) from error
