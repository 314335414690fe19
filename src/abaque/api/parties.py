"""Issuers, customers, subscriptions and portal links."""

# ruff: noqa: ARG001  # ninja hands every operation its request, by that name

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router
from ninja.responses import Status

from abaque.api.answered import CustomerOut, IssuerOut, PageOut, PortalLinkOut, SubscriptionOut
from abaque.api.asked import (
    CustomerIn,
    CustomersAsked,
    EndIn,
    IssuerIn,
    Paged,
    PortalLinkIn,
    SubscriptionIn,
    SubscriptionsAsked,
)
from abaque.api.doing import do, idempotency_key
from abaque.api.keys import READ, Key, caller
from abaque.api.refusals import Problem
from abaque.billing.end_subscription import EndSubscription, end_subscription
from abaque.billing.portal_link import new_link
from abaque.billing.put_customer import PutCustomer, put_customer
from abaque.billing.put_issuer import PutIssuer, put_issuer
from abaque.billing.subscribe import Subscribe, subscribe
from abaque.storage import clock
from abaque.storage.read import parties

router = Router(tags=["parties"], by_alias=True)


@router.put("/issuers/{external_id}", auth=Key("put_issuer"), response={(200, 201): IssuerOut})
def put_one_issuer(request: HttpRequest, external_id: str, body: IssuerIn) -> Any:
    """Create an issuer, or change the fields that are given."""
    done = do(
        request,
        put_issuer,
        PutIssuer(_identifier(external_id), body.model_dump(by_alias=True, exclude_unset=True)),
    )
    return Status(201 if done["created"] else 200, parties.one_issuer(done["id"]))


@router.get("/issuers/{external_id}", auth=READ, response=IssuerOut)
def get_issuer(request: HttpRequest, external_id: str) -> Any:
    """Return one issuer, by external or public id."""
    return _found(parties.one_issuer(external_id), "unknown_issuer")


@router.get("/issuers", auth=READ, response=PageOut[IssuerOut])
def get_issuers(request: HttpRequest, asked: Query[Paged]) -> Any:
    """List issuers, oldest first."""
    return parties.list_issuers(limit=asked.limit, cursor=asked.cursor)


@router.put("/customers/{external_id}", auth=Key("put_customer"), response={(200, 201): CustomerOut})
def put_one_customer(request: HttpRequest, external_id: str, body: CustomerIn) -> Any:
    """Create a customer, or change the fields that are given. Events that waited for it are then counted."""
    fields = body.model_dump(exclude_unset=True)
    fields.pop("aliases", None)
    fields.pop("issuer", None)
    command = PutCustomer(_identifier(external_id), fields, body.issuer, tuple(body.aliases))
    done = do(request, put_customer, command)
    return Status(201 if done["created"] else 200, parties.one_customer(done["id"]))


@router.get("/customers/{external_id}", auth=READ, response=CustomerOut)
def get_customer(request: HttpRequest, external_id: str) -> Any:
    """Return one customer, by external or public id."""
    return _found(parties.one_customer(external_id), "unknown_customer")


@router.get("/customers", auth=READ, response=PageOut[CustomerOut])
def get_customers(request: HttpRequest, asked: Query[CustomersAsked]) -> Any:
    """List customers, oldest first; `search` looks in names, ids, VAT numbers and e-mail addresses."""
    return parties.list_customers(search=asked.search, limit=asked.limit, cursor=asked.cursor)


@router.post("/customers/{external_id}/portal-link", auth=Key("portal_link"), response={201: PortalLinkOut})
def post_portal_link(request: HttpRequest, external_id: str, body: PortalLinkIn | None = None) -> Any:
    """Make a link that opens this customer's portal. It is shown once; each call makes another."""
    idempotency_key(request)
    found = _found(parties.one_customer(external_id), "unknown_customer")
    hours = (body or PortalLinkIn()).hours
    return Status(
        201, {"url": new_link(found.id, now=clock.now(), by=caller(request), hours=hours), "hours": hours}
    )


@router.post("/subscriptions", auth=Key("subscribe"), response={201: SubscriptionOut})
def post_subscription(request: HttpRequest, body: SubscriptionIn) -> Any:
    """Subscribe a customer to a plan version."""
    command = Subscribe(
        body.customer, body.plan, body.version, body.starts_at, body.ends_at, body.external_id
    )
    return Status(201, parties.one_subscription(do(request, subscribe, command)["id"]))


@router.get("/subscriptions/{subscription_id}", auth=READ, response=SubscriptionOut)
def get_subscription(request: HttpRequest, subscription_id: str) -> Any:
    """Return one subscription, by public or external id."""
    return _found(parties.one_subscription(subscription_id), "unknown_subscription")


@router.get("/subscriptions", auth=READ, response=PageOut[SubscriptionOut])
def get_subscriptions(request: HttpRequest, asked: Query[SubscriptionsAsked]) -> Any:
    """List subscriptions, oldest first."""
    return parties.list_subscriptions(
        customer=asked.customer, plan=asked.plan, limit=asked.limit, cursor=asked.cursor
    )


@router.post("/subscriptions/{subscription_id}/end", auth=Key("end_subscription"), response=SubscriptionOut)
def post_end(request: HttpRequest, subscription_id: str, body: EndIn | None = None) -> Any:
    """End a subscription: at `ends_at`, else at the end of its running period."""
    found = _found(parties.one_subscription(subscription_id), "unknown_subscription")
    done = do(request, end_subscription, EndSubscription(found.id, body.ends_at if body else None))
    return parties.one_subscription(done["id"])


def _found(row: Any, code: str) -> Any:
    if row is None:
        raise Problem(404, code)
    return row


def _identifier(external_id: str) -> str:
    if len(external_id.encode()) > 255:  # noqa: PLR2004  # what the door takes as a subject, too
        raise Problem(422, "too_long", "An external id has 255 bytes at most.")
    return external_id
