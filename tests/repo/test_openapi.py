"""OpenAPI describes every route of the API."""

import re

from django.urls import URLPattern, URLResolver

from abaque.api.urls import api, urlpatterns

_METHODS = {"get", "post", "put", "patch", "delete"}
# The description itself, its page, and the answer for addresses that do not exist.
_ABOUT = {"api-docs", "openapi-json", "openapi-view", "api-root", None}
SCHEMA = api.get_openapi_schema()


def routes() -> set[str]:
    """Return every mounted address below /v1, as OpenAPI writes it."""
    return {
        "/v1/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))
        for pattern in _flat(urlpatterns)
        if pattern.name not in _ABOUT
    }


def _flat(patterns: list[URLPattern | URLResolver]) -> list[URLPattern]:
    found: list[URLPattern] = []
    for pattern in patterns:
        found += _flat(pattern.url_patterns) if isinstance(pattern, URLResolver) else [pattern]
    return found


def test_every_route_is_described() -> None:
    assert len(routes()) > 15
    assert routes() - set(SCHEMA["paths"]) == set()


def test_the_door_is_described() -> None:
    """It stands beside Django, but whoever reads the description must find it."""
    door = SCHEMA["paths"]["/v1/events"]["post"]
    assert {
        "application/cloudevents+json",
        "application/cloudevents-batch+json",
        "application/x-ndjson",
    } <= set(door["requestBody"]["content"])
    assert {"200", "400", "401", "413", "415", "429"} <= set(door["responses"])


def test_every_operation_says_what_it_does() -> None:
    silent = [
        f"{method} {path}"
        for path, operations in SCHEMA["paths"].items()
        for method, operation in operations.items()
        if method in _METHODS and not operation.get("description")
    ]
    assert silent == []


def test_every_post_of_a_verb_takes_an_idempotency_key() -> None:
    """The door needs none: the identity of an event is one."""
    without = [
        path
        for path, operations in SCHEMA["paths"].items()
        if path != "/v1/events" and "post" in operations
        if not any(parameter["name"] == "Idempotency-Key" for parameter in operations["post"]["parameters"])
    ]
    assert without == []
