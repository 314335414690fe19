"""Who may do what: one table for people and machines."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    STAFF = "staff"
    KEY = "key"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: a member of staff with a role, a machine's key with scopes, or Abaque itself."""

    kind: Kind
    name: str
    grants: frozenset[str]

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


SYSTEM = Actor(Kind.SYSTEM, "abaque", frozenset({"owner"}))

# Verb → the roles and key scopes that may call it. The owner may do everything.
ALLOWED: dict[str, frozenset[str]] = {
    "apply_catalogue": frozenset({"catalogue:write"}),
    "propose_meters": frozenset({"catalogue:write"}),
    "adopt_meter": frozenset({"finance", "billing:write"}),
    "discard_meter": frozenset({"finance", "catalogue:write"}),
    "open_backfill": frozenset({"finance", "usage:write"}),
    "fill_backfill": frozenset({"events:write"}),
    "close_backfill": frozenset({"finance", "billing:write"}),
    "revert_backfill": frozenset({"finance", "billing:write"}),
    "make_meter": frozenset({"finance", "catalogue:write"}),
    "put_issuer": frozenset({"finance", "customers:write"}),
    "put_customer": frozenset({"finance", "support", "customers:write"}),
    "give_alias": frozenset({"finance", "support", "customers:write"}),
    "correct_events": frozenset({"finance"}),
    "dismiss_events": frozenset({"finance", "usage:write"}),
    "take_back": frozenset({"finance", "usage:write"}),
    "replay_events": frozenset({"finance", "support", "usage:write"}),
    "enrol": frozenset({"finance", "customers:write"}),
    "subscribe": frozenset({"finance", "customers:write"}),
    "end_subscription": frozenset({"finance", "customers:write"}),
    "state_control_total": frozenset({"finance", "usage:write"}),
    "close_period": frozenset({"finance", "billing:write"}),
    "draft_subscriptions": frozenset({"finance", "billing:write"}),
    "approve_many": frozenset({"finance", "billing:write"}),
    "approve": frozenset({"finance", "billing:write"}),
    "issue": frozenset({"finance", "billing:write"}),
    "reconcile": frozenset({"finance", "billing:write"}),
    "push_again": frozenset({"finance", "billing:write"}),
    "void_there": frozenset({"finance", "billing:write"}),
    "accept_finding": frozenset({"finance"}),
    "hold": frozenset({"finance", "billing:write"}),
    "release": frozenset({"finance"}),
    "portal_link": frozenset({"finance", "support", "customers:write"}),
    "create_key": frozenset(),
    "revoke_key": frozenset(),
    "invite": frozenset(),
    "advance_clock": frozenset(),
    "erase_person": frozenset(),
    "archive_month": frozenset(),
    "reduce_month": frozenset(),
    "set_retention": frozenset(),
    "retain": frozenset(),
    "seal": frozenset({"finance", "billing:write"}),
}

# What staff may look at; a key needs the scope `read`.
READERS = frozenset({"owner", "finance", "support", "auditor", "read"})


def allow(by: Actor, verb: str) -> bool:
    """Whether this actor may call this verb. Unknown verbs are allowed to nobody."""
    if verb not in ALLOWED:
        return False
    return "owner" in by.grants or bool(ALLOWED[verb] & by.grants)


def may_read(by: Actor) -> bool:
    """Whether this actor may read what staff read."""
    return bool(READERS & by.grants)
