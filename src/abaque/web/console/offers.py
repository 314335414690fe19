"""Meters and plans, each price in words; a meter made from a recorded type."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from abaque.billing.make_meter import MakeMeter, make_meter
from abaque.catalogue import MeterEntry, load_meter, load_plan
from abaque.core.metering import Aggregate
from abaque.core.period import Interval, Unit, local_day
from abaque.documents.words import price_sentence
from abaque.storage import clock
from abaque.storage.read import events, front
from abaque.storage.read import offers as read
from abaque.web.console.access import act, may, staff
from abaque.web.console.events import recorded
from abaque.web.console.wording import figure, named, with_query
from abaque.web.figures import lang, quantity

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


class MeterForm(forms.Form):
    """A meter made from a type of event: what people call it, and what is counted."""

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

    def __init__(self, *args: Any, attributes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].choices = [("", "–"), *((name, name) for name in attributes)]  # type: ignore[attr-defined]  # a choice field has choices


@staff
def meters(request: HttpRequest) -> HttpResponse:
    type_ = request.GET.get("propose", "").replace("\x00", "")
    form = _form(type_, _proposed(type_)) if type_ and may(request, "make_meter") else None
    return _shown(request, type_, form)


@staff
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make a meter from a recorded type; what was recorded is counted from then on."""
    type_ = request.POST.get("event_type", "").replace("\x00", "")
    form = MeterForm(request.POST, attributes=_attributes(type_))
    if not form.is_valid():
        return _shown(request, type_, form)
    said = form.cleaned_data
    counts = said["aggregate"] == Aggregate.COUNT
    command = MakeMeter(
        code=said["code"],
        event_type=type_,
        aggregate=said["aggregate"],
        value=None if counts else said["value"] or None,
        name=said["name"],
    )
    done = _("The meter is made. What was recorded is being counted.")
    if act(request, make_meter, command, done=done) is None:
        return _shown(request, type_, form)
    return redirect("console:meters")


def _shown(request: HttpRequest, type_: str, form: MeterForm | None) -> HttpResponse:
    now, zone = clock.now(), front.house_zone()
    month = front.month_of(local_day(now, zone), zone)
    units = read.units()
    proposal = None
    if type_:
        proposal = {"type": type_, "yaml": _yaml(type_), "form": form, "create_url": with_query("make_meter")}
    return render(
        request,
        "console/meters.html",
        {
            "meters": [_meter(row) for row in read.meters(month.start, month.end)],
            "plans": [_plan(row, units) for row in read.plans(now)],
            "recorded": recorded(zone),
            "proposal": proposal,
        },
    )


def _meter(row: read.MeterLine) -> dict[str, Any]:
    entry = load_meter(row.definition)
    return {
        "code": row.code,
        "name": named(entry.names, row.code),
        "words": meter_words(entry),
        "types": list(entry.meter.event_types),
        "unit": named(entry.units),
        "lateness": duration(entry.lateness),
        "level": entry.level.value,
        "used": figure(quantity(row.counted), with_query("events", fate="counted", meter=row.code)),
    }


def meter_words(entry: MeterEntry) -> str:
    """Say what a meter counts in one sentence."""
    meter = entry.meter
    sentences = {
        Aggregate.COUNT: _("Counts events."),
        Aggregate.SUM: _("Adds up %(value)s."),
        Aggregate.MAX: _("Takes the largest %(value)s."),
        Aggregate.UNIQUE: _("Counts different values of %(value)s."),
    }
    said = [sentences[meter.aggregate] % {"value": meter.value}]
    if meter.operation:
        said.append(_("Attempts with one %(operation)s are one.") % {"operation": meter.operation})
    if meter.outcome:
        allowed = ", ".join(meter.outcome.success)
        said.append(
            _("Only if %(attribute)s is %(values)s, or is not said.")
            % {
                "attribute": meter.outcome.attribute,
                "values": allowed,
            }
        )
    for condition in meter.where:
        values = ", ".join(str(value) for value in condition.values)
        said.append(
            _("Only where %(attribute)s is %(values)s.")
            % {
                "attribute": condition.attribute,
                "values": values,
            }
        )
    if meter.group_by:
        said.append(_("Grouped by %(attributes)s.") % {"attributes": ", ".join(meter.group_by)})
    return " ".join(said)


def _plan(row: read.PlanLine, units: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    plan = load_plan(row.definition).plan
    return {
        "code": plan.code,
        "name": named(plan.names, plan.code),
        "version": str(plan.version),
        "currency": plan.currency.code,
        "interval": interval_words(plan.interval),
        "subscriptions": figure(quantity(row.subscriptions), with_query("customers")),
        "charges": [
            {
                "name": named(charge.names, charge.code),
                "words": price_sentence(
                    charge, plan.currency, units.get(charge.meter or "", {}), lang(), interval=plan.interval
                ),
            }
            for charge in plan.charges
        ],
    }


def interval_words(interval: Interval) -> str:
    """Say how often a plan bills."""
    n = {"n": interval.count}
    match interval.unit:
        case Unit.DAY:
            return ngettext("every day", "every %(n)s days", interval.count) % n
        case Unit.WEEK:
            return ngettext("every week", "every %(n)s weeks", interval.count) % n
        case Unit.MONTH:
            return ngettext("every month", "every %(n)s months", interval.count) % n
        case Unit.YEAR:
            return ngettext("every year", "every %(n)s years", interval.count) % n


def duration(lateness: timedelta) -> str:
    """Say a length of time in whole days, hours or minutes."""
    for length, one, many in (
        (_DAY, "%(n)s day", "%(n)s days"),
        (_HOUR, "%(n)s hour", "%(n)s hours"),
    ):
        if lateness >= length and lateness % length == timedelta(0):
            count = lateness // length
            return ngettext(one, many, count) % {"n": count}
    count = lateness // timedelta(minutes=1)
    return ngettext("%(n)s minute", "%(n)s minutes", count) % {"n": count}


def _proposed(type_: str) -> str:
    code = re.sub(r"[^a-z0-9]+", "_", type_.lower()).strip("_")
    return code if code[:1].isalpha() else f"m_{code}".rstrip("_")


def _form(type_: str, code: str) -> MeterForm:
    initial = {"event_type": type_, "code": code[:63], "name": type_[:200], "aggregate": "count"}
    return MeterForm(initial=initial, attributes=_attributes(type_))


def _attributes(type_: str) -> list[str]:
    """Return the attributes of a recorded event of the type."""
    return sorted(events.sample_of(type_) or {})


def _yaml(type_: str) -> str:
    """Return the meter as the catalogue file would say it."""
    quoted = type_.replace("\\", "\\\\").replace('"', '\\"')
    return f'meters:\n  {_proposed(type_)}:\n    event: "{quoted}"\n    aggregate: count\n'
