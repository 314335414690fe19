"""Issuers, customers and their subscriptions."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, QuerySet

from abaque.storage.models import Customer, Issuer, Subscription
from abaque.storage.read.paging import LIMIT_MAX, Page, bounded, decode, page_of


@dataclass(frozen=True, slots=True)
class IssuerRow:
    """`country`: ISO 3166-1 alpha-2; `currency`: the book currency; `vat_percent`: the standard rate."""

    id: str
    external_id: str
    legal_name: str
    legal_form: str
    capital: str
    register: str
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
    vat_percent: Decimal
    vat_on_debits: bool
    invoices_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """`aliases`: the subjects whose events are this customer's. `payment_term_days` None: the issuer's."""

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
    contacts: tuple[Any, ...]
    aliases: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """`anchor`: the local day, in the customer's zone, from which every billing boundary is derived."""

    id: str
    external_id: str | None
    customer: str
    customer_id: str
    plan: str
    version: int
    starts_at: datetime
    ends_at: datetime | None
    anchor: date
    created_at: datetime


def one_issuer(issuer: str) -> IssuerRow | None:
    """Return an issuer by external or public id."""
    found = Issuer.objects.filter(Q(external_id=issuer) | Q(public_id=issuer)).order_by("pk").first()
    return None if found is None else _issuer(found)


def list_issuers(*, limit: int = LIMIT_MAX, cursor: str | None = None) -> Page[IssuerRow]:
    """Return issuers, oldest first. Faults `bad_cursor`, `bad_limit`."""
    found = Issuer.objects.order_by("public_id")
    if cursor:
        found = found.filter(public_id__gt=decode(cursor, 1)[0])
    return page_of(list(found[: bounded(limit) + 1]), limit, _issuer, lambda one: (one.public_id,))


def one_customer(customer: str) -> CustomerRow | None:
    """Return a customer by external id, else by public id."""
    found = _customers().filter(Q(external_id=customer) | Q(public_id=customer))
    records = sorted(found[:2], key=lambda one: one.external_id != customer)
    return _customer(records[0]) if records else None


def list_customers(
    *, search: str | None = None, limit: int = LIMIT_MAX, cursor: str | None = None
) -> Page[CustomerRow]:
    """Return customers, oldest first; `search` looks in names, ids, VAT numbers and e-mail addresses.

    Faults `bad_cursor`, `bad_limit`. One statement.
    """
    found = _customers()
    if search:
        found = found.filter(
            Q(legal_name__icontains=search)
            | Q(external_id__icontains=search)
            | Q(vat_number__iexact=search)
            | Q(email__icontains=search)
        )
    if cursor:
        found = found.filter(public_id__gt=decode(cursor, 1)[0])
    return page_of(
        list(found.order_by("public_id")[: bounded(limit) + 1]),
        limit,
        _customer,
        lambda one: (str(one.public_id),),
    )


def one_subscription(subscription: str) -> SubscriptionRow | None:
    """Return a subscription by public or external id."""
    found = (
        _subscriptions()
        .filter(Q(public_id=subscription) | Q(external_id=subscription))
        .order_by("pk")
        .first()
    )
    return None if found is None else _subscription(found)


def list_subscriptions(
    *, customer: str | None = None, plan: str | None = None, limit: int = LIMIT_MAX, cursor: str | None = None
) -> Page[SubscriptionRow]:
    """Return subscriptions, oldest first, of one customer (external or public id) or plan if named."""
    found = _subscriptions()
    if customer is not None:
        found = found.filter(Q(customer__external_id=customer) | Q(customer__public_id=customer))
    if plan is not None:
        found = found.filter(plan_version__plan__code=plan)
    if cursor:
        found = found.filter(public_id__gt=decode(cursor, 1)[0])
    return page_of(
        list(found.order_by("public_id")[: bounded(limit) + 1]),
        limit,
        _subscription,
        lambda one: (one.public_id,),
    )


def _customers() -> QuerySet[Any, Any]:
    subjects = ArrayAgg(
        "alias__subject", default=[], filter=Q(alias__subject__isnull=False), order_by="alias__subject"
    )
    return Customer.objects.select_related("issuer").annotate(subjects=subjects)


def _subscriptions() -> QuerySet[Subscription]:
    return Subscription.objects.select_related("customer", "plan_version__plan")


def _issuer(one: Issuer) -> IssuerRow:
    return IssuerRow(
        id=one.public_id,
        external_id=one.external_id,
        legal_name=one.legal_name,
        legal_form=one.legal_form,
        capital=one.capital,
        register=one.register,
        street=one.street,
        postcode=one.postcode,
        city=one.city,
        country=one.country,
        vat_number=one.vat_number,
        company_number=one.company_number,
        email=one.email,
        language=one.language,
        zone=one.zone,
        currency=one.currency,
        iban=one.iban,
        bic=one.bic,
        payment_term_days=one.payment_term_days,
        vat_percent=one.vat_percent,
        vat_on_debits=one.vat_on_debits,
        invoices_by=one.invoices_by,
        created_at=one.created_at,
    )


def _customer(one: Any) -> CustomerRow:
    return CustomerRow(
        id=one.public_id,
        external_id=one.external_id,
        issuer=one.issuer.external_id,
        legal_name=one.legal_name,
        street=one.street,
        postcode=one.postcode,
        city=one.city,
        country=one.country,
        vat_number=one.vat_number,
        company_number=one.company_number,
        email=one.email,
        language=one.language,
        zone=one.zone,
        currency=one.currency,
        payment_term_days=one.payment_term_days,
        tax=one.tax,
        contacts=tuple(one.contacts),
        aliases=tuple(one.subjects),
        created_at=one.created_at,
    )


def _subscription(one: Subscription) -> SubscriptionRow:
    return SubscriptionRow(
        id=one.public_id,
        external_id=one.external_id,
        customer=one.customer.external_id,
        customer_id=one.customer.public_id,
        plan=one.plan_version.plan.code,
        version=one.plan_version.version,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        anchor=one.anchor,
        created_at=one.created_at,
    )
