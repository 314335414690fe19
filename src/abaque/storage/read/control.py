"""What keeps all sides agreeing: control totals, findings and the holds they raise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from abaque.core.money import Money, currency
from abaque.storage.models import Action, ApiKey, ControlTotal, Finding, Hold
from abaque.storage.read.paging import LIMIT_MAX, Page, bounded, decode, page_of


@dataclass(frozen=True, slots=True)
class ControlTotalRow:
    """What the product states for `[starts_at, ends_at)`; `customer` None: all; `tolerance` in per cent."""

    id: str
    meter: str
    customer: str | None
    starts_at: datetime
    ends_at: datetime
    quantity: Decimal
    tolerance: Decimal
    stated_at: datetime
    replaced_at: datetime | None


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A typed difference. `impact` is None where it cannot be said in money; `hold` is the one it raised."""

    id: str
    check: str
    kind: str
    subject: str
    customer: str | None
    customer_id: str | None
    impact: Money | None
    ours: Any
    theirs: Any
    opened_at: datetime
    seen_at: datetime
    closed_at: datetime | None
    closed_by: str
    closed_reason: str
    holds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A stop on billing of a scope, until a person or a green check releases it."""

    id: str
    scope: str
    stops: tuple[str, ...]
    owner: str
    reason: str
    last_day: date
    finding: str | None
    customer: str | None
    customer_id: str | None
    raised_at: datetime
    released_at: datetime | None
    released_by: str
    released_reason: str


def list_control_totals(
    *,
    meter: str | None = None,
    customer: str | None = None,
    replaced: bool = False,
    limit: int = LIMIT_MAX,
    cursor: str | None = None,
) -> Page[ControlTotalRow]:
    """Return control totals, newest statement first; the replaced ones too if asked."""
    found = ControlTotal.objects.select_related("meter", "customer")
    if meter is not None:
        found = found.filter(meter__code=meter)
    if customer is not None:
        found = found.filter(Q(customer__external_id=customer) | Q(customer__public_id=customer))
    if not replaced:
        found = found.filter(replaced_at=None)
    if cursor:
        found = found.filter(public_id__lt=decode(cursor, 1)[0])
    return page_of(
        list(found.order_by("-public_id")[: bounded(limit) + 1]),
        limit,
        _control_total,
        lambda one: (one.public_id,),
    )


def control_totals(ids: Sequence[str]) -> tuple[ControlTotalRow, ...]:
    """Return some control totals, in the order of their public ids asked for."""
    found = ControlTotal.objects.select_related("meter", "customer").filter(public_id__in=ids)
    rows = {one.public_id: _control_total(one) for one in found}
    return tuple(rows[one] for one in ids)


def list_findings(
    *,
    open_only: bool = True,
    customer: str | None = None,
    kind: str | None = None,
    limit: int = LIMIT_MAX,
    cursor: str | None = None,
) -> Page[FindingRow]:
    """Return findings, newest first, closed ones only if asked. Two statements."""
    found = Finding.objects.select_related("customer").prefetch_related("hold_set")
    if open_only:
        found = found.filter(closed_at=None)
    if customer is not None:
        found = found.filter(Q(customer__external_id=customer) | Q(customer__public_id=customer))
    if kind is not None:
        found = found.filter(kind=kind)
    if cursor:
        found = found.filter(public_id__lt=decode(cursor, 1)[0])
    return page_of(
        list(found.order_by("-public_id")[: bounded(limit) + 1]),
        limit,
        _finding,
        lambda one: (one.public_id,),
    )


def list_holds(
    *,
    standing_only: bool = True,
    customer: str | None = None,
    limit: int = LIMIT_MAX,
    cursor: str | None = None,
) -> Page[HoldRow]:
    """Return holds, newest first, released ones only if asked. One statement."""
    found = Hold.objects.select_related("customer", "finding")
    if standing_only:
        found = found.filter(released_at=None)
    if customer is not None:
        found = found.filter(Q(customer__external_id=customer) | Q(customer__public_id=customer))
    if cursor:
        found = found.filter(public_id__lt=decode(cursor, 1)[0])
    return page_of(
        list(found.order_by("-public_id")[: bounded(limit) + 1]), limit, _hold, lambda one: (one.public_id,)
    )


def one_hold(hold: str) -> HoldRow | None:
    """Return a hold by public id, released or not."""
    found = Hold.objects.select_related("customer", "finding").filter(public_id=hold).first()
    return None if found is None else _hold(found)


def _control_total(one: ControlTotal) -> ControlTotalRow:
    return ControlTotalRow(
        id=one.public_id,
        meter=one.meter.code,
        customer=one.customer.external_id if one.customer else None,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        quantity=one.quantity,
        tolerance=one.tolerance,
        stated_at=one.stated_at,
        replaced_at=one.replaced_at,
    )


def _finding(one: Any) -> FindingRow:
    return FindingRow(
        id=one.public_id,
        check=one.check_name,
        kind=one.kind,
        subject=one.subject,
        customer=one.customer.external_id if one.customer else None,
        customer_id=one.customer.public_id if one.customer else None,
        impact=Money(one.impact, currency(one.currency)) if one.currency else None,
        ours=one.ours,
        theirs=one.theirs,
        opened_at=one.opened_at,
        seen_at=one.seen_at,
        closed_at=one.closed_at,
        closed_by=one.closed_by,
        closed_reason=one.closed_reason,
        holds=tuple(hold.public_id for hold in one.hold_set.all()),
    )


def _hold(one: Hold) -> HoldRow:
    return HoldRow(
        id=one.public_id,
        scope=one.scope,
        stops=tuple(one.stops),
        owner=one.owner,
        reason=one.reason,
        last_day=one.last_day,
        finding=one.finding.public_id if one.finding else None,
        customer=one.customer.external_id if one.customer else None,
        customer_id=one.customer.public_id if one.customer else None,
        raised_at=one.raised_at,
        released_at=one.released_at,
        released_by=one.released_by,
        released_reason=one.released_reason,
    )


def input_of_action(verb: str, key: str) -> bytes | None:
    """Return the hash of the input a verb was called with under an idempotency key, None if it never was."""
    found = Action.objects.filter(verb=verb, key=key).values_list("input_hash", flat=True).first()
    return None if found is None else bytes(found)


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A machine's key that is not revoked, and what it may do."""

    id: str
    scopes: frozenset[str]


def live_key(key_hash: bytes) -> KeyRow | None:
    """Return the key of a sha256, None if there is none or it is revoked."""
    found = ApiKey.objects.filter(hash=key_hash, revoked_at=None).first()
    return None if found is None else KeyRow(found.public_id, frozenset(found.scopes))
