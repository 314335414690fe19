"""The API's description: OpenAPI with what every operation shares, and a page that lists it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

_PROBLEM = {
    "type": "object",
    "description": "problem+json (RFC 9457)",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "stable"},
        "detail": {"type": "string", "description": "what is wrong and what to do"},
        "pointer": {"type": "string", "description": "JSON pointer into the body"},
        "parameter": {"type": "string", "description": "of the path, the query or the headers"},
        "params": {"type": "object"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
_REFUSALS = {
    "400": "The body cannot be read",
    "401": "No such key, or it is revoked",
    "403": "The key lacks a scope",
    "404": "There is no such thing",
    "409": "Not in this state, or the Idempotency-Key was used with other input",
    "422": "A field cannot be used",
    "503": "The database does not answer; see Retry-After",
}
_TOO_LARGE = "The body is larger than 10 MiB"
_REFUSED = 400
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": "^[ -~]{1,255}$"},
    "description": "The same key with the same input gives the first result; with other input 409.",
}

_EVENT = {
    "type": "object",
    "description": "CloudEvents 1.0. `source` with `id` is its identity for ever; `data` holds what meters count.",
    "required": ["id", "source", "type", "subject"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "maxLength": 255},
        "source": {"type": "string", "maxLength": 255},
        "type": {"type": "string", "maxLength": 255},
        "subject": {"type": "string", "maxLength": 255, "description": "the customer, by a subject it has"},
        "time": {"type": "string", "format": "date-time", "description": "with an offset; absent: now"},
        "subscription": {"type": "string"},
        "data": {"type": "object"},
    },
}
_VERDICTS = {
    "type": "object",
    "description": "A count per verdict, and one entry for each event that is not plainly accepted.",
    "required": ["accepted", "duplicate", "conflict", "rejected", "events"],
    "properties": {
        **{word: {"type": "integer"} for word in ("accepted", "duplicate", "conflict", "rejected")},
        "events": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["index", "id", "verdict", "reason", "warnings"],
                "properties": {
                    "index": {"type": "integer"},
                    "id": {"type": ["string", "null"]},
                    "verdict": {"enum": ["accepted", "duplicate", "conflict", "rejected"]},
                    "reason": {"type": ["string", "null"]},
                    "message": {"type": "string"},
                    "warnings": {"type": "array", "items": {"type": "object"}},
                },
            },
        },
    },
}
_ONE = {"$ref": "#/components/schemas/Event"}
_MANY = {"type": "array", "items": _ONE}
_AT_THE_DOOR = {
    "413": _TOO_LARGE,
    "415": "Events do not come in this Content-Type",
    "429": "More is waiting than can be stored just now; see Retry-After",
    "503": "The database does not answer; nothing was acknowledged",
}


#: What is sent to the door, and what it answers.
EVENTS_IN: dict[str, Any] = {
    "parameters": [
        {
            "name": "verdicts",
            "in": "query",
            "required": False,
            "schema": {"enum": ["all"]},
            "description": "`all` lists every event, accepted ones too.",
        }
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/cloudevents+json": {"schema": _ONE},
            "application/cloudevents-batch+json": {"schema": _MANY},
            "application/json": {"schema": {"oneOf": [_ONE, _MANY]}},
            "application/x-ndjson": {"schema": {"type": "string", "description": "one event per line"}},
        },
    },
    "responses": {
        "200": {
            "description": "The verdicts",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Verdicts"}}},
        },
        **{status: {"description": text} for status, text in _AT_THE_DOOR.items()},
    },
}


def _door() -> dict[str, Any]:
    """Return the description of `POST /v1/events`, which is served before Django."""
    return {
        "summary": "Send events",
        "security": [{"Key": []}],
        "description": "Store events, each once. A 200 means that what is accepted is durable, even if others are"
        " rejected. Needs no Idempotency-Key: the identity of an event is one.",
        **EVENTS_IN,
    }


class DescribedAPI(NinjaAPI):
    """Adds to each operation what all of them share: refusals, and the Idempotency-Key of every POST."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the OpenAPI document."""
        schema = super().get_openapi_schema(**options)
        shared = {"Problem": _PROBLEM, "Event": _EVENT, "Verdicts": _VERDICTS}
        schema.setdefault("components", {}).setdefault("schemas", {}).update(shared)
        content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        schema["paths"].setdefault("/v1/events", {})["post"] = _door()
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                for status, description in _REFUSALS.items():
                    operation["responses"].setdefault(status, {"description": description})
                if "requestBody" in operation:
                    operation["responses"].setdefault("413", {"description": _TOO_LARGE})
                for status, response in operation["responses"].items():
                    if int(status) >= _REFUSED:
                        response.setdefault("content", content)
                if method == "post" and path != "/v1/events":
                    operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
        return schema


_ROW = "<tr><td><code>{} {}</code></td><td>{}</td></tr>"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Abaque API</title></head><body><main>
<h1>{title}</h1><p>{intro} <a href="openapi.json">openapi.json</a></p>
<p>{events} <code>POST /v1/events</code></p>
<table><thead><tr><th scope="col">{operation}</th><th scope="col">{does}</th></tr></thead><tbody>{rows}</tbody></table>
</main></body></html>"""
_WORDS = {
    "en": {
        "title": "Abaque API",
        "intro": "Every operation with its fields, for your tools:",
        "events": "Events enter by their own door:",
        "operation": "Operation",
        "does": "What it does",
    },
    "fr": {
        "title": "API d’Abaque",
        "intro": "Chaque opération avec ses champs, pour vos outils :",
        "events": "Les événements entrent par leur propre porte :",
        "operation": "Opération",
        "does": "Ce qu’elle fait (en anglais)",
    },
}


def docs(api: NinjaAPI, request: HttpRequest) -> HttpResponse:
    """Show the operations as a plain page of our own: no script, nothing from elsewhere."""
    del request
    rows = [
        (method.upper(), path, operation.get("description", ""))
        for path, operations in api.get_openapi_schema()["paths"].items()
        for method, operation in operations.items()
    ]
    words = _WORDS.get((get_language() or "en")[:2], _WORDS["en"])
    return HttpResponse(format_html(_PAGE, rows=format_html_join("", _ROW, rows), **words))
