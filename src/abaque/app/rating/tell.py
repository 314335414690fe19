"""What a run costs: as text for people, as a stable form for programs (docs/rate.md)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from abaque.app.rating.run import Run
from abaque.catalogue import Catalogue
from abaque.core.invoicing import Line
from abaque.core.period import local_day
from abaque.core.simulating import Played
from abaque.documents.words import date_text, money_text, percent_text, span_text, step_sentence, words

_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)
Result = tuple[Run, tuple[Played, ...]]


def as_json(results: Sequence[Result], catalogue: Catalogue) -> dict[str, Any]:
    """Return the runs with amounts and quantities as decimal strings and days as YYYY-MM-DD."""
    return {"runs": [_run(run, played, catalogue) for run, played in results]}


def as_text(results: Sequence[Result], catalogue: Catalogue, lang: str) -> str:
    """Say every invoice of every run, line by line and step by step."""
    return "\n\n".join("\n".join(_said(run, played, catalogue, lang)) for run, played in results)


def _run(run: Run, played: Sequence[Played], catalogue: Catalogue) -> dict[str, Any]:
    return {
        "customer": run.customer,
        "plan": run.plan.code,
        "version": run.plan.version,
        "currency": run.plan.currency.code,
        "zone": run.zone,
        "from": run.first.isoformat(),
        "until": run.after.isoformat(),
        "invoices": [
            {
                "due": local_day(one.at, run.zone).isoformat(),
                "lines": [_line(run, line, catalogue) for line in one.lines],
                "net": _plain(one.totals.net.decimal()),
                "tax": _plain(one.totals.tax.decimal()),
                "gross": _plain(one.totals.gross.decimal()),
            }
            for one in played
        ],
    }


def _line(run: Run, line: Line, catalogue: Catalogue) -> dict[str, Any]:
    first, last = _days(run, line)
    return {
        "charge": line.charge,
        "from": first.isoformat(),
        "until": (last + _DAY).isoformat(),
        "quantity": _plain(line.quantity),
        "net": _plain(line.net.decimal()),
        "steps": [
            {
                "kind": step.kind,
                "quantity": _plain(step.quantity),
                "unit": None if step.unit is None else _plain(step.unit),
                "amount": _plain(step.amount),
                "said": said,
            }
            for step, said in zip(line.steps, _steps(run, line, catalogue, "en"), strict=True)
        ],
    }


def _said(run: Run, played: Sequence[Played], catalogue: Catalogue, lang: str) -> Iterator[str]:
    name = run.plan.names.get(lang, run.plan.code)
    yield f"{run.customer} · {name}" if run.customer else name
    for one in played:
        yield f"\n{date_text(_local(run, one.at), lang)}"
        for line in one.lines:
            charge = run.plan.charge(line.charge)
            span = span_text(*_days(run, line), lang)
            yield f"  {charge.names.get(lang, charge.code)}, {span}: {money_text(line.net, lang)}"
            for said in _steps(run, line, catalogue, lang):
                yield f"    {said}"
        say, totals = words(lang).say, one.totals
        percent = percent_text(totals.taxes[0].rate.percent, lang)
        yield f"  {say('invoice.total.net')}: {money_text(totals.net, lang)}"
        yield f"  {say('invoice.total.tax')} {percent}: {money_text(totals.tax, lang)}"
        yield f"  {say('invoice.total.gross')}: {money_text(totals.gross, lang)}"


def _steps(run: Run, line: Line, catalogue: Catalogue, lang: str) -> list[str]:
    charge = run.plan.charge(line.charge)
    units: Mapping[str, str] = catalogue.meters[charge.meter].units if charge.meter else {}
    if charge.quantity is not None:
        units = {lang: charge.quantity}
    currency = run.plan.currency
    return [step_sentence(step, currency, units, lang, prorate=charge.prorate) for step in line.steps]


def _days(run: Run, line: Line) -> tuple[date, date]:
    assert line.span is not None
    return _local(run, line.span.start), _local(run, line.span.end - _MOMENT)


def _local(run: Run, instant: datetime) -> date:
    return local_day(instant, run.zone)


def _plain(figure: object) -> str:
    return format(figure, "f")
