"""A link that opens one customer's portal: signed, expiring, shared once and turned into a cookie."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing

from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result, perform
from abaque.storage.models import Customer

_SALT = "abaque.portal"
LONGEST = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class PortalLink:
    customer: str
    hours: int


def portal_link(command: PortalLink, *, now: datetime, by: Actor) -> Result:
    """Record that a link was made. The link itself is a secret and is not recorded."""
    customer = find_customer(command.customer)
    if not 0 < command.hours <= LONGEST / timedelta(hours=1):
        raise Refused("bad_link_hours", hours=command.hours)
    return {"subject": customer.public_id, "hours": command.hours, "at": now.isoformat(), "made_by": str(by)}


def new_link(customer: str, *, now: datetime, by: Actor, hours: int = 72) -> str:
    """Return a link to the portal of the customer (external or public id), good for `hours` of real time."""
    made = perform(portal_link, PortalLink(customer, hours), now=now, by=by)
    token = signing.dumps({"c": made["subject"], "h": hours}, salt=_SALT, compress=False)
    return f"{settings.PUBLIC_URL}/portal/enter/{token}"


def read_token(token: str) -> str:
    """Return the public id of the customer a link is for. Refused `link_expired`, `link_wrong`."""
    try:
        said = signing.loads(token, salt=_SALT, max_age=LONGEST)
        signing.loads(token, salt=_SALT, max_age=timedelta(hours=said["h"]))
    except signing.SignatureExpired:
        raise Refused("link_expired") from None
    except signing.BadSignature:
        raise Refused("link_wrong") from None
    return str(said["c"])


def find_customer(customer: str) -> Customer:
    """Return a customer by external or public id. Refused `unknown_customer`."""
    found = (
        Customer.objects.filter(external_id=customer).first()
        or Customer.objects.filter(public_id=customer).first()
    )
    if found is None:
        raise Refused("unknown_customer", customer=customer)
    return found
