"""Why one event is billed, or not, in a sentence per meter; and its correction by hand."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from abaque.billing.correct_event import CorrectEvents, correct_events
from abaque.core.metering import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Exists,
    Filter,
    IsNot,
    Meter,
    Not,
    Prefix,
)
from abaque.core.metering.attribute import as_word, attribute
from abaque.storage.read import quarantine as kept
from abaque.storage.read.quarantine import Which
from abaque.storage.read.why import Why
from abaque.web.console.access import act, staff
from abaque.web.console.wording import event_href, who
from abaque.web.figures import moment

_REPLACED = ("subject", "type", "subscription", "time")


@staff
@require_POST
def correct(request: HttpRequest) -> HttpResponse:
    """Void an event, or amend what was changed in the form, with the reason. It takes effect in a moment."""
    said = {name: str(value).replace("\x00", "") for name, value in request.POST.items()}
    source, identity = said.get("source", ""), said.get("id", "")
    kind = said.get("kind", "")
    command = CorrectEvents(
        kind, Which(events=((source, identity),)), said.get("reason", ""), *_changes(said)
    )
    if act(request, correct_events, command) is not None:
        messages.success(request, _("The correction is stored. Usage follows in a moment."))
    return redirect(event_href(source, identity))


def _changes(said: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str], str]:
    """Return what an amendment replaces: what the form shows other than it was."""
    if said.get("kind") != "amend":
        return {}, {}, ""
    changed = {
        name: said[name].strip()
        for name in _REPLACED
        if said.get(name, "").strip() and said[name].strip() != said.get(f"{name}_was", "").strip()
    }
    data = said.get("data", "").strip()
    return changed, {}, "" if _same_json(data, said.get("data_was", "")) else data


def _same_json(one: str, other: str) -> bool:
    try:
        return bool(_read(one) == _read(other))
    except ValueError:
        return one == other


def _read(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def explained(fate: str, meter: Meter, why: Why, zone: str) -> dict[str, Any]:
    """Return what `words/why.html` says besides a meter's fate and reason."""
    data = _read(why.data)
    said: dict[str, Any] = {}
    if meter.outcome:
        said["outcome"] = {
            "attribute": meter.outcome.attribute,
            "value": as_word(attribute(data, meter.outcome.attribute)) or "",
        }
    unmet = next((one for one in (*meter.where, *meter.filters) if not one.met(data)), None)
    if unmet is not None:
        said["condition"] = condition(unmet)
        said["found"] = _found(unmet, data)
    if attempt := why.attempts.get(meter.code):
        said["attempt"] = {
            "operation": attempt.operation,
            "id": attempt.id,
            "href": event_href(attempt.source, attempt.id),
        }
    if fate in {"voided", "replaced"} and why.struck:
        said["struck"] = {
            "id": why.struck.id,
            "href": event_href(why.struck.source, why.struck.id),
            "reason": why.struck.reason,
        }
    if fate == "quarantined" and why.aside:
        said["aside"] = {
            "reason": why.aside.reason,
            "by": who(why.aside.by),
            "at": moment(why.aside.at, zone),
        }
    return said


def _found(unmet: Filter, data: Mapping[str, object]) -> str:
    """Say what the event has where one attribute decides; nothing where several do."""
    if isinstance(unmet, AllOf | AnyOf | Not):
        return ""
    word = as_word(attribute(data, unmet.attribute))
    name = {"attribute": unmet.attribute, "value": word or ""}
    return (
        _("here %(attribute)s is “%(value)s”") % name if word else _("here there is no %(attribute)s") % name
    )


def condition(one: Filter) -> str:
    """Say a filter in words."""
    match one:
        case Condition(path, values):
            return _("%(attribute)s is %(values)s") % {"attribute": path, "values": _either(values)}
        case IsNot(path, values):
            return _("%(attribute)s is there and is not %(values)s") % {
                "attribute": path,
                "values": _either(values),
            }
        case Comparison():
            return _compared(one)
        case Prefix(path, prefix):
            return _("%(attribute)s begins with “%(value)s”") % {"attribute": path, "value": prefix}
        case Exists(path, exists):
            words = _("there is %(attribute)s") if exists else _("there is no %(attribute)s")
            return words % {"attribute": path}
        case AllOf(filters):
            return _(" and ").join(map(condition, filters))
        case AnyOf(filters):
            return _(" or ").join(map(condition, filters))
        case Not(inner):
            return _("it is not so that %(condition)s") % {"condition": condition(inner)}


def _compared(one: Comparison) -> str:
    bounds = (
        (one.above, _("above %(value)s")),
        (one.at_least, _("at least %(value)s")),
        (one.below, _("below %(value)s")),
        (one.up_to, _("at most %(value)s")),
    )
    said = [words % {"value": f"{value:f}"} for value, words in bounds if value is not None]
    return f"{one.attribute} {_(' and ').join(said)}"


def _either(values: tuple[object, ...]) -> str:
    return _(" or ").join(_("“%(words)s”") % {"words": as_word(value) or value} for value in values)


def history(source: str, identity: str, zone: str) -> list[dict[str, str]]:
    """Return what people did about an event, for `words/deed.html`."""
    return [
        {"verb": one.verb, "by": who(one.by), "reason": one.reason, "at": moment(one.at, zone)}
        for one in kept.history(source, identity)
    ]
