"""What crosses between the HTTP side and the desk: requests, replies, refusals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Request:
    """One parsed request; `body` is the decoded JSON or None, `query` holds the last value of each name."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: a status, a JSON body and further headers."""

    status: int
    body: object
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):  # noqa: N818 it is an answer, not an error
    """The platform says no: `code` is stable, `param` names the field at fault."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        message: str,
        *,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.param = param
        self.headers = headers or {}

    def reply(self) -> Reply:
        """Turn the refusal into an answer: `{"error": {"code", "message", "param"?}}`."""
        error = {"code": self.code, "message": self.message}
        if self.param is not None:
            error["param"] = self.param
        return Reply(int(self.status), {"error": error}, self.headers)


def invalid(param: str, message: str, code: str = "invalid") -> Refusal:
    """Refuse a field that cannot be taken as sent: 422."""
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, code, message, param=param)


def missing(noun: str, key: str) -> Refusal:
    """Refuse an id that nothing has: 404."""
    return Refusal(HTTPStatus.NOT_FOUND, "not_found", f"There is no {noun} {key!r}.")
