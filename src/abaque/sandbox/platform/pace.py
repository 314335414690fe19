"""The platform's request limit: a token bucket, as billing platforms commonly keep per key."""

import math
from http import HTTPStatus

from abaque.sandbox.platform.reply import Refusal


class Pace:
    """Lets through `rate` requests a second, and bursts of twice as many; `rate` 0 means no limit.

    Time is an argument (seconds on any clock that only goes forward).
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._most = max(1.0, rate * 2)
        self._tokens = self._most
        self._seen: float | None = None

    def step(self, now: float) -> None:
        """Take one token; a Refusal 429 with Retry-After in whole seconds when none is left."""
        if self._rate <= 0:
            return
        passed = 0.0 if self._seen is None else max(0.0, now - self._seen)
        self._seen = now
        self._tokens = min(self._most, self._tokens + passed * self._rate)
        if self._tokens < 1:
            raise too_many(math.ceil((1 - self._tokens) / self._rate))
        self._tokens -= 1


def too_many(seconds: int) -> Refusal:
    """Make the 429 of the limit and of the `throttle` fault."""
    return Refusal(
        HTTPStatus.TOO_MANY_REQUESTS,
        "rate_limited",
        f"Too many requests; try again in {max(1, seconds)} s.",
        headers={"Retry-After": str(max(1, seconds))},
    )
