"""Who calls: a bearer key, looked up by its hash, as the actor whose grants are the key's scopes."""

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from abaque.api.refusals import Problem
from abaque.billing.create_key import SCOPES, hash_of
from abaque.billing.permissions import ALLOWED, Actor, Kind, allow, may_read
from abaque.storage.read.control import live_key


class Key(HttpBearer):
    """Lets a key in that may call a verb or, without a verb, read."""

    def __init__(self, verb: str | None = None) -> None:
        super().__init__()
        self.verb = verb

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Return the actor. Problem 403 names the scope that is missing; None (401) for no such key."""
        del request
        found = live_key(hash_of(token.strip()))
        if found is None:
            return None
        actor = Actor(Kind.KEY, found.id, found.scopes)
        if not (may_read(actor) if self.verb is None else allow(actor, self.verb)):
            raise Problem(403, "forbidden", self.refusal())
        return actor

    def refusal(self) -> str:
        """Say what a key needs for this."""
        needed = ["read"] if self.verb is None else sorted(ALLOWED.get(self.verb, frozenset()) & set(SCOPES))
        if not needed:
            return "No key may do this: a person does, in the console."
        return f"This key lacks the scope {' or '.join(needed)}. Make one that has it: `abaque keys create`."


def caller(request: HttpRequest) -> Actor:
    """Return who calls, as the key was let in."""
    actor: Actor = request.auth  # type: ignore[attr-defined]  # ninja sets it
    return actor


READ = Key()
