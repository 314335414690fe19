"""One box for everything; what is named exactly and alone is opened at once."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from abaque.storage.read import front
from abaque.storage.read import search as read
from abaque.web.console.access import staff
from abaque.web.console.wording import event_href
from abaque.web.figures import moment

_NOUNS = ("customer", "invoice", "event")


@staff
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:255]
    found = read.search(text)
    exact = [one for one in found if one.exact]
    if len(exact) == 1 or len(found) == 1:
        return redirect(_href((exact or found)[0]))
    zone = front.house_zone()
    groups = [(noun, [_result(one, zone) for one in found if one.noun == noun]) for noun in _NOUNS]
    return render(
        request,
        "console/search.html",
        {
            "q": text,
            "found": len(found),
            "groups": [{"noun": noun, "results": results} for noun, results in groups if results],
        },
    )


def _result(one: read.Found, zone: str) -> dict[str, Any]:
    detail = " · ".join(filter(None, (one.detail, moment(one.at, zone))))
    return {"href": _href(one), "title": one.title, "detail": detail}


def _href(one: read.Found) -> str:
    if one.noun == "event":
        return event_href(*one.id)
    return reverse(f"console:{one.noun}", args=one.id)
