"""Proving: a draft's document is rendered and validated under a placeholder number before it is issued."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Self

from abaque.billing.documenting import document_of
from abaque.billing.readiness import Readiness
from abaque.core.fault import Fault
from abaque.core.invoicing import number
from abaque.core.period import local_day
from abaque.documents.invoice import InvoiceDocument, prove
from abaque.storage.models import Invoice

LIVE_PREFIX, TEST_PREFIX = "F", "TEST-"
PLACEHOLDER = 999_999
# From how many on it pays to start processes for the proofs.
FEW = 40


class Proofs:
    """Renders placeholders: a few here, many in two processes that work ahead of the issuing."""

    AHEAD = 64

    def __init__(self, expected: int) -> None:
        many = expected > FEW
        self._pool = ProcessPoolExecutor(2, mp_context=get_context("spawn")) if many else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def ahead(
        self, invoices: Sequence[Invoice], readiness: Readiness
    ) -> Iterator[tuple[Invoice, Callable[[], object]]]:
        """Yield each invoice with a call that waits for its proof and raises what is wrong with it."""
        begun: deque[tuple[Invoice, Callable[[], object]]] = deque()
        for invoice in invoices:
            begun.append((invoice, self._begin(invoice, readiness)))
            if len(begun) > self.AHEAD:
                yield begun.popleft()
        yield from begun

    def _begin(self, invoice: Invoice, readiness: Readiness) -> Callable[[], object]:
        if invoice.missing or not (invoice.net or invoice.tax):
            return lambda: None
        try:
            document = proof_of(invoice, readiness)
        except Fault as fault:
            return partial(_raise, fault)
        if self._pool is None:
            return partial(prove, document)
        return self._pool.submit(prove, document).result


def proof_of(invoice: Invoice, readiness: Readiness) -> InvoiceDocument:
    """Return the document of a draft under a placeholder number, to be rendered before it is issued."""
    day = local_day(readiness.now, invoice.issuer.zone)
    placeholder = number(TEST_PREFIX if readiness.test else LIVE_PREFIX, day.year, PLACEHOLDER)
    return document_of(
        invoice,
        number=placeholder,
        issue_date=day,
        specimen=readiness.test,
        now=readiness.now,
        chain_head=readiness.chain_head,
    )


def _raise(fault: Fault) -> None:
    raise fault
