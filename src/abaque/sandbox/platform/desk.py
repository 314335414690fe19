"""Every endpoint: one request in, one reply out, one transaction."""

import json
import sqlite3
from http import HTTPStatus

from abaque.sandbox.platform import customers, faults, invoices, usage
from abaque.sandbox.platform.faults import Fault, Kind
from abaque.sandbox.platform.pace import Pace, too_many
from abaque.sandbox.platform.reply import Refusal, Reply, Request, invalid, missing
from abaque.sandbox.platform.store import Store, canonical

KEEP_ANSWERS = 7 * 86400.0  # seconds; Stripe promises at least 24 h
PAGE_DEFAULT = 20
PAGE_MAX = 100
_KEY_MAX = 255


class Hangup(Exception):  # noqa: N818 an outage played on purpose, no error of ours
    """The platform is down and closes the connection without an answer."""


class Desk:
    """Serves requests from one store. Times are arguments: `now` seconds since 1970, `tick` monotonic."""

    def __init__(self, store: Store, *, rate: float, hourly_limit: int) -> None:
        self._store = store
        self._pace = Pace(rate)
        self._hourly_limit = hourly_limit

    def serve(self, request: Request, *, now: float, tick: float) -> Reply:
        """Answer one authenticated request; Hangup when even the answer is to be missing."""
        try:
            if request.path == "/faults" or request.path.startswith("/faults/"):
                return self._faults(request)
            self._pace_and_outage(tick)
            if request.method == "POST":
                return self._post(request, now)
            if request.method == "GET":
                return self._get(request, now)
            raise _wrong_method(request)
        except Refusal as refusal:
            return refusal.reply()

    def _pace_and_outage(self, tick: float) -> None:
        with self._store.begin() as db:
            self._pace.step(tick)
            fault = faults.strike_request(db)
        if fault is None:
            return
        if fault.kind is Kind.THROTTLE:
            raise too_many(fault.seconds)
        if fault.drop:
            raise Hangup
        raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "down", "The platform is down.")

    def _post(self, request: Request, now: float) -> Reply:
        with self._store.begin() as db:
            db.execute("DELETE FROM answer WHERE created < ?", (now - KEEP_ANSWERS,))
            said = _said_before(db, request)
            if said is not None:
                return said
            body, fault = self._act(db, request, now)
            if request.idempotency_key is not None:
                db.execute(
                    "INSERT INTO answer VALUES (?, ?, ?, ?, ?)",
                    (request.idempotency_key, _fingerprint(request), HTTPStatus.OK, canonical(body), now),
                )
        if fault is not None and fault.kind is Kind.FAIL_AFTER_STORING:
            # the answer kept under the key is the true one, so that trying again finds the invoice
            raise Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "Something went wrong.")
        return Reply(HTTPStatus.OK, body)

    def _act(
        self, db: sqlite3.Connection, request: Request, now: float
    ) -> tuple[dict[str, object], Fault | None]:
        match request.path.strip("/").split("/"):
            case ["v1", "customers"]:
                return customers.create(db, request.body, now), None
            case ["v1", "invoices"]:
                return invoices.create(db, request.body, now)
            case ["v1", "invoices", key, "void"]:
                return invoices.void(db, key, now), None
            case ["v1", "usage"]:
                return usage.record(db, request.body, self._hourly_limit), None
        raise _no_such_path(request)

    def _get(self, request: Request, now: float) -> Reply:
        query = request.query
        with self._store.begin() as db:
            match request.path.strip("/").split("/"):
                case ["v1", "customers"]:
                    body = customers.page(
                        db,
                        limit=_limit(request),
                        after=query.get("after"),
                        external_id=query.get("external_id"),
                    )
                case ["v1", "customers", key]:
                    body = customers.get(db, key)
                case ["v1", "invoices"]:
                    body = invoices.page(
                        db,
                        limit=_limit(request),
                        after=query.get("after"),
                        external_id=query.get("external_id"),
                        customer=query.get("customer"),
                        now=now,
                    )
                case ["v1", "invoices", key]:
                    body = invoices.get(db, key, now)
                case ["v1", "usage"]:
                    body = usage.summaries(
                        db,
                        customer=query.get("customer"),
                        meter=query.get("meter"),
                        month=query.get("month"),
                        zone=query.get("zone", "UTC"),
                    )
                case _:
                    raise _no_such_path(request)
        return Reply(HTTPStatus.OK, body)

    def _faults(self, request: Request) -> Reply:
        key = request.path.removeprefix("/faults").strip("/") or None
        with self._store.begin() as db:
            match request.method, key:
                case "POST", None:
                    fault = faults.parse(request.body)
                    faults.add(db, fault)
                    return Reply(HTTPStatus.CREATED, faults.public(fault))
                case "GET", None:
                    return Reply(
                        HTTPStatus.OK, {"data": [faults.public(each) for each in faults.standing(db)]}
                    )
                case "DELETE", _:
                    removed = faults.remove(db, key)
                    if key is not None and not removed:
                        raise missing("fault", key)
                    return Reply(HTTPStatus.OK, {"removed": removed})
        raise _wrong_method(request)


def _said_before(db: sqlite3.Connection, request: Request) -> Reply | None:
    """Look up the kept answer of an Idempotency-Key; 409 when the key came with another request."""
    key = request.idempotency_key
    if key is None:
        return None
    if not 1 <= len(key) <= _KEY_MAX:
        raise Refusal(HTTPStatus.BAD_REQUEST, "bad_idempotency_key", f"1 to {_KEY_MAX} characters.")
    row = db.execute("SELECT * FROM answer WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    if row["request"] != _fingerprint(request):
        raise Refusal(
            HTTPStatus.CONFLICT, "idempotency_key_reused", "This Idempotency-Key came with another request."
        )
    return Reply(row["status"], json.loads(row["body"]), {"Idempotent-Replayed": "true"})


def _fingerprint(request: Request) -> str:
    return canonical([request.method, request.path, request.body])


def _limit(request: Request) -> int:
    text = request.query.get("limit", str(PAGE_DEFAULT))
    if not text.isdecimal() or not 1 <= int(text) <= PAGE_MAX:
        raise invalid("limit", f"1 to {PAGE_MAX}.")
    return int(text)


def _no_such_path(request: Request) -> Refusal:
    return Refusal(HTTPStatus.NOT_FOUND, "not_found", f"There is no {request.method} {request.path}.")


def _wrong_method(request: Request) -> Refusal:
    return Refusal(
        HTTPStatus.METHOD_NOT_ALLOWED, "wrong_method", f"{request.method} is not for {request.path}."
    )
