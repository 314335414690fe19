"""From whatever went wrong to one problem+json answer: which status, which words, which field."""

import json
import logging
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from ninja.errors import AuthenticationError, HttpError, ValidationError

from abaque.api.problems import API_WORDS, problem
from abaque.billing.runner import jsonable
from abaque.core.fault import Fault
from abaque.documents.words import fault_sentence

_LOG = logging.getLogger(__name__)

# A refusal is 422 unless it speaks of what the address names (404) or of the state things are in (409).
_STATUS = {
    **dict.fromkeys(("forbidden",), 403),
    **dict.fromkeys(("archive_missing", "archive_changed"), 503),
    **dict.fromkeys(
        (
            "unknown_subscription", "unknown_invoice", "unknown_hold", "unknown_finding", "unknown_line",
            "line_without_events", "unknown_backfill", "unknown_candidate",
        ),
        404,
    ),
    **dict.fromkeys(
        (
            "already_ended", "already_released", "alias_taken", "billed_beyond", "close_running",
            "code_taken", "currency_in_use", "draft_changed", "held", "key_reused", "legal_fields_missing",
            "line_not_sealed", "meter_claimed_twice", "meter_exists", "not_a_draft", "not_metered",
            "not_approved", "not_sealed", "still_open", "subscription_exists", "version_published",
            "backfill_not_open", "backfill_reverted", "backfill_strays", "backfill_holds_voids",
            "candidate_exists", "still_filling",
        ),
        409,
    ),
}  # fmt: skip

# Which field of the body a refusal speaks of, where the refusal does not say so itself.
_POINTERS = {
    "alias_taken": "/aliases",
    "bad_link_hours": "/hours",
    "bad_quantity": "/totals",
    "billed_beyond": "/ends_at",
    "close_in_future": "/until",
    "currency_differs": "/plan",
    "currency_in_use": "/currency",
    "draft_changed": "/digest",
    "ends_before_start": "/ends_at",
    "issuer_needed": "/issuer",
    "subscription_exists": "/external_id",
    "tolerance_too_wide": "/totals",
    "unknown_currency": "/currency",
    "unknown_customer": "/customer",
    "unknown_issuer": "/issuer",
    "unknown_meter": "/meter",
    "unknown_plan": "/plan",
    "unknown_zone": "/zone",
}

# Names of pydantic's complaints in our words: a code and what to do.
_COMPLAINTS = {
    "missing": ("missing_field", "This field is needed."),
    "extra_forbidden": (
        "unknown_field",
        "There is no such field here. Check its spelling; nothing was stored.",
    ),
    "literal_error": ("unknown_value", None),
    "enum": ("unknown_value", None),
    "model_type": ("wrong_type", "This is a JSON object."),
    "model_attributes_type": ("wrong_type", "This is a JSON object."),
    "dict_type": ("wrong_type", "This is a JSON object."),
    "string_type": ("wrong_type", "This is a string."),
    "int_type": ("wrong_type", "This is a whole number, without quotes."),
    "int_parsing": ("wrong_type", "This is a whole number."),
    "bool_type": ("wrong_type", "This is true or false, without quotes."),
    "bool_parsing": ("wrong_type", "This is true or false."),
    "list_type": ("wrong_type", "This is a JSON array."),
    "string_too_short": ("too_short", None),
    "string_too_long": ("too_long", None),
    "too_short": ("too_short", None),
    "too_long": ("too_long", None),
    "greater_than_equal": ("out_of_range", None),
    "less_than_equal": ("out_of_range", None),
}


class Problem(Exception):  # noqa: N818  # an answer, not a fault
    """Stop here and answer this."""

    def __init__(
        self, status: int, code: str, detail: str | None = None, *, pointer: str | None = None, **headers: str
    ) -> None:
        super().__init__(code)
        self.status, self.headers = status, {name.replace("_", "-"): value for name, value in headers.items()}
        self.body = problem(status, code, detail or API_WORDS[code], pointer=pointer)


def answer(body: dict[str, Any], **headers: str) -> HttpResponse:
    """Return a problem as HTTP."""
    content = json.dumps(body, ensure_ascii=False)
    response = HttpResponse(content, status=body["status"], content_type="application/problem+json")
    for name, value in headers.items():
        response[name] = value
    return response


def of_problem(_request: HttpRequest, error: Problem) -> HttpResponse:
    return answer(error.body, **error.headers)


def of_fault(request: HttpRequest, fault: Fault) -> HttpResponse:
    """Answer a refusal of a rule or of a verb: its code, its words, and what it spoke of as `params`."""
    said = fault_sentence(fault, "en")
    field = fault.params.get("field")
    pointer = f"/{field}" if field else _POINTERS.get(fault.code)
    has_body = request.method in {"POST", "PUT"}
    status = _STATUS.get(fault.code, 422)
    return answer(
        problem(
            status,
            fault.code,
            said,
            pointer=pointer if has_body else None,
            params=jsonable(dict(fault.params)),
        )
        if fault.params
        else problem(status, fault.code, said, pointer=pointer if has_body else None)
    )


def of_validation(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer every field that cannot be used, each with its place; the first one also at the top."""
    errors = [_complaint(complaint) for complaint in error.errors]
    first = errors[0]
    body = problem(422, first["code"], first["detail"], pointer=first.get("pointer"), errors=errors)
    if "parameter" in first:
        body["parameter"] = first["parameter"]
    return answer(body)


def _complaint(complaint: dict[str, Any]) -> dict[str, Any]:
    code, detail = _COMPLAINTS.get(complaint["type"], (complaint["type"], None))
    message = detail or f"{complaint['msg'].rstrip('.')}."
    source, *path = complaint["loc"]
    if source == "body":
        # Ninja names the argument the body goes to first; callers do not know it.
        return {"pointer": pointer_to(path[1:]), "code": code, "detail": message}
    return {"parameter": str(path[-1]), "code": code, "detail": message}


def pointer_to(path: Sequence[object]) -> str:
    """Return the JSON pointer (RFC 6901) of a path."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def of_http(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer what ninja itself refuses: a body that cannot be parsed, mostly."""
    if isinstance(error.__cause__, Problem):
        return of_problem(request, error.__cause__)
    if isinstance(error.__cause__, RequestDataTooBig):
        return of_too_large(request, error.__cause__)
    if isinstance(error, AuthenticationError):
        return answer(
            problem(401, "wrong_key", "Send `Authorization: Bearer KEY` with a key that is not revoked."),
            **{"WWW-Authenticate": "Bearer"},
        )
    return answer(problem(error.status_code, "refused", str(error)))


def of_too_large(_request: HttpRequest, _error: Exception) -> HttpResponse:
    return answer(problem(413, "body_too_large", "A body may have 10 MiB at most. Nothing was stored."))


def of_conflict(_request: HttpRequest, error: IntegrityError) -> HttpResponse:
    """Answer two requests that made the same thing at the same moment: the database let one through."""
    _LOG.warning("integrity error: %s", type(error.__cause__).__name__)
    return answer(
        problem(409, "concurrent_change", "Somebody changed the same thing just now. Send it again.")
    )


def of_database(_request: HttpRequest, error: Exception) -> HttpResponse:
    _LOG.error("database: %s", error)
    detail = "The database does not answer. Nothing is acknowledged: send it again."
    return answer(problem(503, "database_unavailable", detail), **{"Retry-After": "2"})


def of_mistake(_request: HttpRequest, error: Exception) -> HttpResponse:
    """Answer a mistake of ours; the log has the rest."""
    _LOG.error("unexpected %s", type(error).__name__, exc_info=error)
    detail = "Something went wrong on our side. It is safe to send this again with the same Idempotency-Key."
    return answer(problem(500, "internal_error", detail))


HANDLERS: tuple[tuple[type[Exception], Callable[[HttpRequest, Any], HttpResponse]], ...] = (
    (Exception, of_mistake),
    (Problem, of_problem),
    (Fault, of_fault),
    (ValidationError, of_validation),
    (HttpError, of_http),
    (RequestDataTooBig, of_too_large),
    (IntegrityError, of_conflict),
    (OperationalError, of_database),
    (InterfaceError, of_database),
)
