"""What callers send: the bodies of PUT and POST, and the filters of lists."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from abaque.api.values import (
    BicIn,
    CountryIn,
    CurrencyIn,
    EmailIn,
    IbanIn,
    Identifier,
    InstantIn,
    LanguageIn,
    MomentIn,
    Name,
    QuantityIn,
    Strict,
    VatNumberIn,
    ZoneIn,
)
from abaque.storage.read.explain import EVENTS_SHOWN
from abaque.storage.read.paging import LIMIT_MAX
from abaque.storage.read.quarantine import AT_ONCE
from abaque.storage.read.windows import Window

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
Days = Annotated[int, Field(ge=0, le=120)]
Percent = Annotated[QuantityIn, Field(ge=Decimal(0), le=Decimal(100))]


class _Party(Strict):
    """Fields left out keep what they are; an empty string empties one."""

    legal_name: Name = ""
    street: Annotated[str, Field(max_length=400)] = ""
    postcode: Annotated[str, Field(max_length=20)] = ""
    city: Name = ""
    country: CountryIn = ""
    vat_number: VatNumberIn = ""
    company_number: Annotated[str, Field(max_length=40, description="France: SIREN")] = ""
    email: EmailIn = ""
    language: LanguageIn = "fr"
    zone: ZoneIn = "Europe/Paris"
    currency: CurrencyIn = "EUR"


class IssuerIn(_Party):
    legal_form: Name = ""
    capital: Name = ""
    register_: Annotated[str, Field(max_length=200, alias="register", description="France: RCS and town")] = (
        ""
    )
    iban: IbanIn = ""
    bic: BicIn = ""
    payment_term_days: Days = 30
    vat_percent: Percent = Decimal(20)
    vat_on_debits: bool = False
    invoices_by: Literal["abaque", "platform"] = "abaque"


class ContactIn(Strict):
    name: Name
    email: EmailIn = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    role: Name = ""


class CustomerIn(_Party):
    """A new customer takes currency, zone and language of its issuer where they are left out."""

    issuer: Identifier | None = None
    aliases: Annotated[
        list[Identifier], Field(max_length=1000, description="further subjects of events")
    ] = []
    payment_term_days: Annotated[Days | None, Field(description="null: the issuer's")] = None
    tax: Literal["standard", "reverse_charge", "none"] = "standard"
    contacts: Annotated[list[ContactIn], Field(max_length=50)] = []


class SubscriptionIn(Strict):
    """`starts_at` left out: now. `version` left out: the newest."""

    customer: Identifier
    plan: Code
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    starts_at: InstantIn | None = None
    ends_at: InstantIn | None = None
    external_id: Identifier | None = None


class EndIn(Strict):
    """`ends_at` left out: at the end of the running period."""

    ends_at: InstantIn | None = None


class ControlTotalIn(Strict):
    """What the product counted in `[starts_at, ends_at)`; without a customer: of all.

    `tolerance` in per cent; left out: what the meter's promise allows, else 0.
    """

    meter: Code
    customer: Identifier | None = None
    starts_at: InstantIn
    ends_at: InstantIn
    quantity: Annotated[QuantityIn, Field(ge=Decimal(0))]
    tolerance: Percent | None = None


class ControlTotalsIn(Strict):
    totals: Annotated[list[ControlTotalIn], Field(min_length=1, max_length=1000)]


class ApproveIn(Strict):
    """The digest of the draft as it was seen: an approval binds just that."""

    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class CloseIn(Strict):
    """`until`: an instant, or a day, which begins at midnight where each customer is."""

    until: MomentIn


class ReleaseIn(Strict):
    reason: Annotated[str, Field(min_length=3, max_length=2000)]


class MeterIn(Strict):
    """Make a meter from a recorded event type: what came before is counted too."""

    code: Code
    event_type: Identifier
    aggregate: Literal["count", "sum", "max", "unique"] = "count"
    value: Annotated[Identifier, Field(description="the attribute sum, max and unique look at")] | None = None
    name: Name = ""


class PortalLinkIn(Strict):
    hours: Annotated[int, Field(ge=1, le=744)] = 72


def _flag(value: object) -> object:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


Flag = Annotated[bool, BeforeValidator(_flag), Field(strict=True)]


class Paged(BaseModel):
    """What every list takes."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = 100
    cursor: Annotated[str, Field(max_length=4000)] | None = None


class UsageAsked(Paged):
    from_: Annotated[MomentIn, Field(alias="from")]
    to: MomentIn
    meter: str | None = None
    customer: Annotated[str, Field(description="external or public id")] | None = None
    window: Window | None = None
    zone: ZoneIn = "UTC"
    groups: Annotated[Flag, Field(description="one row per group of the meter")] = False


def _names(value: object) -> object:
    """Read `a,b` as a list, each name once. What stands in a query comes as a list of texts."""
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        return value
    return list(dict.fromkeys(name for text in value for name in text.split(",")))


def _listed(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^(?:{pattern})(?:,(?:{pattern}))*$"})


_DIMENSION = r"customer|group\.[^,]+"
_OF_EVENTS = "type|source|customer"
By = Annotated[
    list[Annotated[str, StringConstraints(pattern=f"^(?:{_DIMENSION})$")]],
    BeforeValidator(_names),
    _listed(_DIMENSION),
    Field(description="what tells apart: `customer`, `group.ATTRIBUTE` or both, with a comma between"),
]
EventsBy = Annotated[
    list[Literal["type", "source", "customer"]],
    BeforeValidator(_names),
    _listed(_OF_EVENTS),
    Field(description="what tells apart: `type`, `source`, `customer`, with commas between"),
]
Named = Annotated[str, Field(max_length=255)]
CustomerNamed = Annotated[Named, Field(description="external or public id")]


class _Spanned(Paged):
    """A span between instants or days, which begin at midnight in `zone`."""

    from_: Annotated[MomentIn, Field(alias="from")]
    to: MomentIn
    zone: ZoneIn = "UTC"


class SeriesAsked(_Spanned):
    meter: Named
    window: Annotated[Window, Field(description="local to `zone`; weeks begin on Monday")] | None = None
    by: By = []
    customer: CustomerNamed | None = None


class TopAsked(_Spanned):
    meter: Named
    by: By = ["customer"]
    customer: CustomerNamed | None = None


class EventCountsAsked(_Spanned):
    window: Annotated[Window, Field(description="local to `zone`; weeks begin on Monday")] | None = None
    by: EventsBy = []
    type: Named | None = None
    source: Named | None = None
    customer: CustomerNamed | None = None


class EventsAsked(Paged):
    from_: Annotated[MomentIn | None, Field(alias="from")] = None
    to: MomentIn | None = None
    zone: ZoneIn = "UTC"
    fate: (
        Literal[
            "waiting",
            "counted",
            "not_billable",
            "quarantined",
            "dismissed",
            "recorded",
            "voided",
            "replaced",
            "applied",
            "conflict",
        ]
        | None
    ) = None
    type: Named | None = None
    customer: CustomerNamed | None = None
    meter: Named | None = None
    reason: Named | None = None


class EventNamed(Strict):
    """An event by its identity, as it was sent."""

    source: Identifier
    id: Identifier


class CauseIn(Strict):
    """Every event that `reason` keeps aside; of one meter (its code), type or subject where they are given."""

    reason: Literal["unknown_customer", "missing_value", "bad_value", "future", "target_is_void", "too_late"]
    meter: Named | None = None
    type: Named | None = None
    subject: Named | None = None


class WhichIn(Strict):
    """Either `events` or a `cause`."""

    events: Annotated[list[EventNamed], Field(max_length=AT_ONCE)] = []
    cause: CauseIn | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.events) == (self.cause is not None):
            raise PydanticCustomError("events_or_cause", "Give either `events` or `cause`.")
        return self


class DismissIn(WhichIn):
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class TakeBackIn(Strict):
    events: Annotated[list[EventNamed], Field(min_length=1, max_length=AT_ONCE)]
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class CustomersAsked(Paged):
    search: Annotated[str, Field(max_length=200)] | None = None


class SubscriptionsAsked(Paged):
    customer: str | None = None
    plan: str | None = None


class ControlTotalsAsked(Paged):
    meter: str | None = None
    customer: str | None = None
    replaced: Flag = False


class InvoicesAsked(Paged):
    """`period_from`, `period_to`: invoices whose period starts in `[from, to)`."""

    customer: str | None = None
    state: Literal["draft", "issued", "closed"] | None = None
    kind: Literal["invoice", "closing", "credit_note"] | None = None
    held: Flag | None = None
    number: str | None = None
    period_from: InstantIn | None = None
    period_to: InstantIn | None = None


class ExplainAsked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    line: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    events: Flag = False
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = EVENTS_SHOWN
    cursor: Annotated[str, Field(max_length=4000)] | None = None


class FindingsAsked(Paged):
    closed: Annotated[Flag, Field(description="closed ones too")] = False
    customer: str | None = None
    kind: str | None = None


class HoldsAsked(Paged):
    released: Annotated[Flag, Field(description="released ones too")] = False
    customer: str | None = None


class PlansAsked(Paged):
    code: str | None = None
