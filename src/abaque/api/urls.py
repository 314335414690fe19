"""The JSON API, mounted at /v1. Events enter by the door, before Django."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.decorators.csrf import csrf_exempt

from abaque.api import changes, control, invoices, offers, parties, quarantine, queries, usage
from abaque.api.bodies import StrictParser
from abaque.api.description import DescribedAPI, docs
from abaque.api.problems import problem
from abaque.api.refusals import HANDLERS, Problem, answer

View = Callable[..., HttpResponseBase]
_NOT_ALLOWED = 405

api = DescribedAPI(
    title="Abaque",
    version="1",
    description="From what customers really got to invoices everybody agrees on.",
    urls_namespace="v1",
    docs_url=None,
    parser=StrictParser(),
)


def refuse_unknown(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuse what an operation would silently ignore: query parameters it has not, a body it does not read."""
    operation: Any = run.__self__  # type: ignore[attr-defined]  # ninja decorates the bound method
    known = {
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in model.__ninja_flatten_map__
    }
    described = (operation.openapi_extra or {}).get("parameters", ())
    known |= {
        one["name"] for one in described if one.get("in") == "query" and one.get("style") != "deepObject"
    }
    objects = {one["name"] for one in described if one.get("style") == "deepObject"}
    reads_body = "requestBody" in (operation.openapi_extra or {}) or any(
        model.__ninja_param_source__ == "body" for model in operation.models
    )

    @wraps(run)
    def checked(request: HttpRequest, **values: Any) -> HttpResponse:
        try:
            _refuse(request, known, objects, values, reads_body=reads_body)
        except Problem as error:
            return answer(error.body, **error.headers)
        return run(request, **values)

    return checked


def _refuse(
    request: HttpRequest, known: set[str], objects: set[str], values: dict[str, Any], *, reads_body: bool
) -> None:
    for name, given in request.GET.lists():
        if name not in known and not (name.endswith("]") and name.partition("[")[0] in objects):
            names = ", ".join(sorted(known | {f"{each}[…]" for each in objects})) or "none"
            raise Problem(422, "unknown_parameter", f"There is no parameter {name!r} here. Known: {names}.")
        if len(given) > 1:
            raise Problem(
                422, "repeated_parameter", f"{name!r} is given twice. Which one counts would be a guess."
            )
    if any("\0" in text for text in (*request.GET.values(), *map(str, values.values()))):
        raise Problem(422, "bad_character", "The address holds a NUL, which nothing here has.")
    if not reads_body and request.method == "POST" and request.body.strip() not in {b"", b"{}"}:
        raise Problem(422, "unexpected_body", "This request has no body; what it says would be ignored.")


def in_problems(view: View) -> View:
    """Answer a method that an address does not know as a problem, too."""

    @wraps(view)
    def respond(request: HttpRequest, *args: Any, **values: Any) -> HttpResponseBase:
        response = view(request, *args, **values)
        if response.status_code != _NOT_ALLOWED:
            return response
        allowed = response["Allow"]
        body = problem(
            _NOT_ALLOWED, "method_not_allowed", f"{request.method} is not possible here: {allowed}."
        )
        return answer(body, Allow=allowed)

    return respond


@csrf_exempt
def nothing_here(_request: HttpRequest) -> HttpResponse:
    return answer(problem(404, "no_such_address", "There is nothing at this address. See /v1/docs."))


def _mounted() -> list[URLPattern | URLResolver]:
    for error, handler in HANDLERS:
        api.add_exception_handler(error, handler)
    api.add_decorator(refuse_unknown, mode="view")
    for module in (parties, offers, usage, changes, queries, quarantine, invoices, control):
        api.add_router("", module.router)
    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = in_problems(pattern.callback)
    return [
        path("docs", partial(docs, api), name="api-docs"),
        path("", (patterns, app_name, namespace)),
        re_path(r"^.*$", nothing_here),
    ]


urlpatterns = _mounted()
