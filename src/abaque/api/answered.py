"""What callers get: the shapes of answers, read from the rows of `storage.read`."""

from typing import Annotated, Any, Generic, TypeVar

from pydantic import Field

from abaque.api.values import DayOut, InstantOut, MoneyField, Out, QuantityOut

T = TypeVar("T")


class PageOut(Out, Generic[T]):
    """`cursor` asks for the next rows; null: these were the last."""

    items: list[T]
    cursor: str | None


class IssuerOut(Out):
    id: str
    external_id: str
    legal_name: str
    legal_form: str
    capital: str
    register_: Annotated[str, Field(alias="register")]
    street: str
    postcode: str
    city: str
    country: str
    vat_number: str
    company_number: str
    email: str
    language: str
    zone: str
    currency: str
    iban: str
    bic: str
    payment_term_days: int
    vat_percent: QuantityOut
    vat_on_debits: bool
    invoices_by: str
    created_at: InstantOut


class CustomerOut(Out):
    id: str
    external_id: str
    issuer: str
    legal_name: str
    street: str
    postcode: str
    city: str
    country: str
    vat_number: str
    company_number: str
    email: str
    language: str
    zone: str
    currency: str
    payment_term_days: int | None
    tax: str
    contacts: list[Any]
    aliases: list[str]
    created_at: InstantOut


class SubscriptionOut(Out):
    id: str
    external_id: str | None
    customer: str
    customer_id: str
    plan: str
    version: int
    starts_at: InstantOut
    ends_at: InstantOut | None
    anchor: DayOut
    created_at: InstantOut


class ControlTotalOut(Out):
    id: str
    meter: str
    customer: str | None
    starts_at: InstantOut
    ends_at: InstantOut
    quantity: QuantityOut
    tolerance: QuantityOut
    stated_at: InstantOut
    replaced_at: InstantOut | None


class ControlTotalsOut(Out):
    totals: list[ControlTotalOut]


class UsageOut(Out):
    customer: str
    meter: str
    starts_at: InstantOut
    ends_at: InstantOut
    group: list[str | None] | None
    quantity: QuantityOut
    events: int
    not_billable: int


class CutOut(Out):
    starts_at: InstantOut
    ends_at: InstantOut


class SeriesOut(Out):
    """`quantities` in the order of the windows; `group`: the values of the attributes it is told apart by."""

    customer: str | None
    group: dict[str, str | None]
    quantity: QuantityOut
    quantities: list[QuantityOut]


class UsageSeriesOut(Out):
    meter: str
    window: str | None
    zone: str
    windows: list[CutOut]
    items: list[SeriesOut]
    cursor: str | None


class RankedOut(Out):
    """`share` of the whole, to six digits; null where the whole is not above zero."""

    rank: int
    customer: str | None
    name: str | None
    group: dict[str, str | None]
    quantity: QuantityOut
    share: QuantityOut | None


class TopOut(Out):
    meter: str
    starts_at: InstantOut
    ends_at: InstantOut
    quantity: QuantityOut
    count: int
    items: list[RankedOut]
    cursor: str | None


class ExpectedOut(Out):
    quantity: QuantityOut | None
    net: MoneyField


class CurrentChargeOut(Out):
    """`included` is what the charge's allowance holds for the span; null where it has none."""

    charge: str
    names: dict[str, str]
    meter: str | None
    starts_at: InstantOut
    ends_at: InstantOut
    due_at: InstantOut
    quantity: QuantityOut | None
    included: QuantityOut | None
    not_billable: int
    net: MoneyField
    expected: ExpectedOut | None
    state: str | None


class CurrentSubscriptionOut(Out):
    id: str
    external_id: str | None
    plan: str
    version: int
    starts_at: InstantOut
    ends_at: InstantOut
    net: MoneyField
    expected: MoneyField | None
    state: str | None
    charges: list[CurrentChargeOut]


class CurrentOut(Out):
    """Money is before tax. `state` is null where nothing is metered."""

    customer: str
    customer_id: str
    zone: str
    as_of: InstantOut
    net: MoneyField
    expected: MoneyField | None
    state: str | None
    subscriptions: list[CurrentSubscriptionOut]


class EventCountOut(Out):
    """`counts` in the order of the windows. What was not asked for is null."""

    type: str | None
    source: str | None
    customer: str | None
    count: int
    counts: list[int]


class EventCountsOut(Out):
    window: str | None
    zone: str
    windows: list[CutOut]
    items: list[EventCountOut]
    cursor: str | None


class EventListOut(Out):
    """`fate`: the first that holds of voided, replaced, quarantined, waiting, counted, not_billable, recorded.

    A quarantined event that was set aside for good is `dismissed`.
    """

    source: str
    id: str
    type: str
    subject: str
    customer: str | None
    customer_id: str | None
    time: InstantOut
    fate: str
    reason: str | None
    quantity: QuantityOut | None


class EventNamedOut(Out):
    source: str
    id: str


class CauseOut(Out):
    """What keeps events aside; `first_time` and `last_time` of them, and the last received as an `example`."""

    reason: str
    meter: str | None
    type: str | None
    subject: str | None
    events: int
    first_time: InstantOut
    last_time: InstantOut
    example: EventNamedOut


class QuarantineOut(Out):
    """`bounded`: there is more than was looked at."""

    events: int
    bounded: bool
    causes: list[CauseOut]


class SettledOut(Out):
    """`more`: there are other events of that cause; ask again."""

    events: int
    more: bool


class FindingOut(Out):
    id: str
    check: str
    kind: str
    subject: str
    customer: str | None
    customer_id: str | None
    impact: MoneyField | None
    ours: Any
    theirs: Any
    opened_at: InstantOut
    seen_at: InstantOut
    closed_at: InstantOut | None
    closed_by: str
    closed_reason: str
    holds: list[str]


class HoldOut(Out):
    id: str
    scope: str
    stops: list[str]
    owner: str
    reason: str
    last_day: DayOut
    finding: str | None
    customer: str | None
    customer_id: str | None
    raised_at: InstantOut
    released_at: InstantOut | None
    released_by: str
    released_reason: str


class MeterOut(Out):
    """`definition` is the catalogue's canonical form; `lateness_seconds`: how long hours wait for late events."""

    id: str
    code: str
    event_types: list[str]
    aggregate: str
    lateness_seconds: int
    level: str
    definition: dict[str, Any]
    published_at: InstantOut
    version: int
    standing: str


class PriceOut(Out):
    """One priced element in words."""

    charge: str
    words: dict[str, str]


class PlanOut(Out):
    id: str
    code: str
    version: int
    prices: list[PriceOut]
    definition: dict[str, Any]
    published_at: InstantOut
    subscriptions: int


class RunOut(Out):
    """One pass of the billing clock: how many drafts there are, how many it changed, what it could not draft."""

    run: str
    subscriptions: int
    drafts: int
    changed: int
    refused: list[Any]


class ReconciledOut(Out):
    comparison: str
    opened: int
    closed: int
    open: int
    unknown: int


class PortalLinkOut(Out):
    url: str
    hours: int
