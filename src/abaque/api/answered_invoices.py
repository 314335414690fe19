"""What callers get of invoices and credit notes: in lists, in detail, explained down to the events."""

from typing import Any

from abaque.api.values import DayOut, InstantOut, MoneyField, Out, QuantityOut


class StepOut(Out):
    kind: str
    quantity: QuantityOut
    unit: QuantityOut | None
    amount: QuantityOut
    first: QuantityOut | None
    last: QuantityOut | None


class EarlierOut(Out):
    """An earlier invoice; it has no number where nothing was due."""

    id: str
    number: str | None


class InvoiceOut(Out):
    """`state` is stored, `status` derived: draft, held, open, part_paid, paid, overdue, cancelled, credit_note, closed.

    `kind`: invoice, closing (late usage that no other invoice follows) or credit_note, which `corrects` an invoice and
    whose amounts are positive: they are given back.
    """

    id: str
    number: str | None
    kind: str
    corrects: EarlierOut | None
    state: str
    status: str
    held: bool
    approved: bool
    customer: str
    customer_id: str
    customer_name: str
    issuer: str
    subscription: str
    period_start: InstantOut
    period_end: InstantOut
    due_at: InstantOut
    net: MoneyField
    tax: MoneyField
    gross: MoneyField
    open: MoneyField
    credited: MoneyField
    missing: list[str]
    digest: str
    issue_date: DayOut | None
    payment_due: DayOut | None
    updated_at: InstantOut


class BilledOut(Out):
    """`earlier` billed the span before: a `revision` above zero bills more of it, a credit note gives back."""

    position: int
    charge: str
    revision: int
    earlier: EarlierOut | None
    names: dict[str, str]
    meter: str
    starts_at: InstantOut
    ends_at: InstantOut
    quantity: QuantityOut | None
    net: MoneyField


class LineOut(BilledOut):
    tax_category: str
    tax_percent: QuantityOut
    steps: list[StepOut]


class TaxOut(Out):
    category: str
    percent: QuantityOut
    base: MoneyField
    tax: MoneyField
    mention: str | None


class HoldOnOut(Out):
    id: str
    scope: str
    stops: list[str]
    owner: str
    reason: str
    last_day: DayOut


class InvoiceDetailOut(InvoiceOut):
    lines: list[LineOut]
    taxes: list[TaxOut]
    holds: list[HoldOnOut]
    approved_by: str
    has_document: bool


class HourOut(Out):
    hour: InstantOut
    state: str
    quantity: QuantityOut
    events: int
    not_billable: int


class EventOut(Out):
    source: str
    id: str
    type: str
    time: InstantOut
    data: dict[str, Any]
    quantity: QuantityOut


class ExplainedStepOut(StepOut):
    """`words` say the step in English and French."""

    words: dict[str, str]


class ExplainedLineOut(BilledOut):
    """`adds_up_by`: sum, max, min, first_seen (each value where it was first seen), or folded: measured anew."""

    steps: list[ExplainedStepOut]
    adds_up_by: str
    hours_quantity: QuantityOut | None
    arrived_since: QuantityOut
    not_billable: int
    hours: list[HourOut]
    events_count: int
    events: list[EventOut] | None
    cursor: str | None


class ExplainedOut(Out):
    invoice: InvoiceOut
    lines: list[ExplainedLineOut]


class IssuedOut(Out):
    """`number` is null where the period came to nothing and closed without a document."""

    invoice: str
    number: str | None
