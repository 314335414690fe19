"""A meter made from a recorded type: what it might be, and what it would have counted."""

import re
from datetime import datetime, timedelta
from typing import Any

import yaml
from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from abaque.billing.capturing.capture import FAR_FUTURE
from abaque.billing.make_meter import MakeMeter, entry_of
from abaque.catalogue import dump_meter
from abaque.core.metering import Aggregate
from abaque.core.period import local_day
from abaque.storage import clock
from abaque.storage.read import front, preview
from abaque.web.console.access import tried
from abaque.web.figures import month, quantity

_MONTHS_MAX = 36
_OUTCOMES = frozenset({"outcome", "result", "status", "state"})
_NOTHING = ("", "–")


class MeterForm(forms.Form):
    """A meter made from a type of event: what people call it, what is counted, of which events, told apart by what."""

    event_type = forms.CharField(widget=forms.HiddenInput, max_length=255)
    code = forms.RegexField(r"^[a-z][a-z0-9_-]{0,62}$", label=gettext_lazy("Name in code"))
    name = forms.CharField(label=gettext_lazy("Name for people"), max_length=200, required=False)
    aggregate = forms.ChoiceField(
        label=gettext_lazy("How it counts"),
        choices=[
            ("count", gettext_lazy("every event is one")),
            ("sum", gettext_lazy("adds up an attribute")),
            ("max", gettext_lazy("the largest value of an attribute")),
            ("unique", gettext_lazy("how many different values of an attribute")),
        ],
    )
    value = forms.ChoiceField(label=gettext_lazy("Attribute"), required=False)
    operation = forms.ChoiceField(
        label=gettext_lazy("Attempts"),
        required=False,
        help_text=gettext_lazy("Events with the same value here count once."),
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"),
        required=False,
        help_text=gettext_lazy("What says here anything but “success” is not billed."),
    )
    where = forms.ChoiceField(label=gettext_lazy("Only where"), required=False)
    values = forms.CharField(
        label=gettext_lazy("is one of"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Separated by commas."),
    )
    group_by = forms.ChoiceField(label=gettext_lazy("Told apart by"), required=False)

    def __init__(self, *args: Any, type_: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [_NOTHING, *((one.name, one.name) for one in preview.attributes(type_))]
        for name in ("value", "operation", "outcome", "where", "group_by"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # a choice field has choices

    def command(self) -> MakeMeter:
        """Return what the form asks for."""
        said = self.cleaned_data
        values = tuple(part.strip() for part in said["values"].split(",") if part.strip())
        return MakeMeter(
            code=said["code"],
            event_type=said["event_type"],
            aggregate=said["aggregate"],
            value=None if said["aggregate"] == Aggregate.COUNT else said["value"] or None,
            name=said["name"],
            operation=said["operation"] or None,
            outcome=said["outcome"] or None,
            where=((said["where"], values),) if said["where"] else (),
            group_by=(said["group_by"],) if said["group_by"] else (),
        )


def proposed_form(type_: str) -> MeterForm:
    """Return the form with what the recorded events suggest."""
    found = preview.attributes(type_)
    names = {one.name for one in found}
    ids = [one for one in found if one.name == "id" or one.name.endswith(("_id", "Id"))]
    numbers = [one.name for one in found if one.numeric and one not in ids]
    outcome = next((one for one in found if one.name in _OUTCOMES and "success" in one.words), None)
    initial = {
        "event_type": type_,
        "code": _code(type_),
        "name": type_[:200],
        "aggregate": "count",
        "value": numbers[0] if numbers else "",
        "operation": next((one.name for one in ids if one.name in names), ""),
        "outcome": outcome.name if outcome else "",
    }
    return MeterForm(initial=initial, type_=type_)


def proposed(
    request: HttpRequest, type_: str, form: MeterForm | None, command: MakeMeter | None
) -> dict[str, Any]:
    """Return the proposal for the page: the form, the catalogue's words for it, and what it would have counted."""
    wanted = command or _first_command(type_, form)
    counted = tried(request, lambda: _preview(wanted)) if command else None
    return {
        "type": type_,
        "yaml": _yaml(wanted),
        "form": form,
        "create_url": reverse("console:make_meter"),
        "preview": counted,
    }


def _first_command(type_: str, form: MeterForm | None) -> MakeMeter:
    said = form.initial if form is not None and not form.is_bound else {}
    return MakeMeter(
        code=_code(type_) or "meter",
        event_type=type_,
        operation=said.get("operation") or None,
        outcome=said.get("outcome") or None,
    )


def _preview(command: MakeMeter) -> dict[str, Any] | None:
    span = preview.span_of(command.event_type)
    if span is None:
        return None
    now, zone = clock.now(), front.house_zone()
    bounds = _months(*span, zone)
    found = preview.would_count(dump_meter(entry_of(command)), bounds, far=now + FAR_FUTURE)
    return {
        "rows": [
            {
                "month": month(local_day(bounds[row.month], zone)),
                "customer": row.customer,
                "customer_href": reverse("console:customer", args=[row.customer_id]),
                "group": "" if row.group == "[]" else row.group,
                "events": quantity(row.events),
                "quantity": quantity(row.quantity),
            }
            for row in found.rows
        ],
        "counted": found.words.get("counted", 0),
        "others": [
            {"reason": word, "count": count} for word, count in found.words.items() if word != "counted"
        ],
        "bounded": found.bounded,
        "more": found.more,
        "looked_at": quantity(preview.LOOKED_AT),
    }


def _months(first: datetime, last: datetime, zone: str) -> list[datetime]:
    """Return the starts of the local months of a span, the last 36 of them, and the end of the last."""
    months = [front.month_of(local_day(last, zone), zone)]
    while months[-1].start > first and len(months) < _MONTHS_MAX:
        months.append(front.month_of(local_day(months[-1].start - timedelta(hours=1), zone), zone))
    return [*(one.start for one in reversed(months)), months[0].end]


def _code(type_: str) -> str:
    code = re.sub(r"[^a-z0-9]+", "_", type_.lower()).strip("_")
    return (code if code[:1].isalpha() else f"m_{code}".rstrip("_"))[:63]


def _yaml(command: MakeMeter) -> str:
    """Return the meter as the catalogue file would say it."""
    said: dict[str, Any] = {"event": command.event_type, "aggregate": command.aggregate}
    if command.name and command.name != command.code:
        said = {"name": {"en": command.name, "fr": command.name}, **said}
    for name in ("value", "operation"):
        if given := getattr(command, name):
            said[name] = given
    if command.outcome:
        said["outcome"] = {"attribute": command.outcome, "success": ["success"]}
    if command.where:
        said["where"] = {path: list(values) for path, values in command.where}
    if command.group_by:
        said["group_by"] = list(command.group_by)
    return yaml.safe_dump({"meters": {command.code: said}}, sort_keys=False, allow_unicode=True)
