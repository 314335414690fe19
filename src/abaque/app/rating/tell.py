"""What a run costs: as text for people, as a stable form for programs (docs/rate.md)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from abaque.app.rating.run import Run
from abaque.catalogue import Catalogue
from abaque.core.invoicing import Burn, CreditNote, Invoice
from abaque.core.invoicing.reduction import Reduced
from abaque.core.money import Money
from abaque.core.period import local_day
from abaque.core.pricing import Charge, Prorate
from abaque.core.pricing.plan import MINIMUM, TRUE_UP
from abaque.core.simulating import Played
from abaque.core.tax import Totals
from abaque.documents.words import date_text, money_text, percent_text, span_text, step_sentence, words

_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)
Result = tuple[Run, tuple[Played, ...]]


@dataclass(frozen=True, slots=True)
class Said:
    """An invoice and what its lines are for (None: a line that waited from before)."""

    day: date
    invoice: Invoice
    charges: tuple[Charge | None, ...]


def as_json(results: Sequence[Result], catalogue: Catalogue) -> dict[str, Any]:
    """Return the runs with amounts and quantities as decimal strings and days as YYYY-MM-DD."""
    return {"runs": [_Run(run, played, catalogue).as_json() for run, played in results]}


def as_text(results: Sequence[Result], catalogue: Catalogue, lang: str) -> str:
    """Say every document of every run, line by line and step by step."""
    return "\n\n".join("\n".join(_Run(run, played, catalogue).as_text(lang)) for run, played in results)


@dataclass(frozen=True, slots=True)
class _Run:
    run: Run
    played: Sequence[Played]
    catalogue: Catalogue

    def invoices(self) -> list[Said]:
        found = []
        for one in self.played:
            if one.invoice is not None:
                known: tuple[Charge | None, ...] = tuple(owed.charge for owed in one.charged)
                others = len(one.invoice.lines) - len(known)
                found.append(Said(self.local(one.at), one.invoice, (*known, *[None] * others)))
        return found

    def as_json(self) -> dict[str, Any]:
        run, invoices = self.run, self.invoices()
        return {
            "customer": run.customer,
            "plan": run.plan.code,
            "version": run.plan.version,
            "currency": run.plan.currency.code,
            "zone": run.zone,
            "from": run.first.isoformat(),
            "until": run.after.isoformat(),
            "invoices": [self._invoice(said) for said in invoices],
            "credit_notes": [
                self._note(self.local(one.at), note, invoices[of])
                for one in self.played
                for of, note in one.credit_notes
            ],
        }

    def _invoice(self, said: Said) -> dict[str, Any]:
        invoice = said.invoice
        return {
            "due": said.day.isoformat(),
            "lines": [
                self._line(line, charge) for line, charge in zip(invoice.lines, said.charges, strict=True)
            ],
            **_totals(invoice.totals),
            "paid": _burns((*invoice.paid, *invoice.deposits)),
            "to_pay": _plain(invoice.due.decimal()),
        }

    def _line(self, reduced: Reduced, charge: Charge | None) -> dict[str, Any]:
        line = reduced.line
        first, last = self.days(reduced)
        return {
            "charge": line.charge,
            "from": first.isoformat(),
            "until": (last + _DAY).isoformat(),
            "quantity": _plain(line.quantity),
            "net": _plain(reduced.net.decimal()),
            "reductions": [
                {"code": one.code, "amount": _plain(one.amount.decimal())} for one in reduced.reductions
            ],
            "steps": [
                {
                    "kind": step.kind,
                    "quantity": _plain(step.quantity),
                    "unit": None if step.unit is None else _plain(step.unit),
                    "amount": _plain(step.amount),
                    "said": said,
                }
                for step, said in zip(line.steps, self.steps(reduced, charge, "en"), strict=True)
            ],
        }

    def _note(self, day: date, note: CreditNote, of: Said) -> dict[str, Any]:
        return {
            "due": day.isoformat(),
            "of": of.day.isoformat(),
            "lines": [
                {"charge": of.invoice.lines[place].line.charge, "net": _plain(net.decimal())}
                for place, net in note.parts
            ],
            **_totals(note.totals),
        }

    def as_text(self, lang: str) -> Iterator[str]:
        name = self.run.plan.names.get(lang, self.run.plan.code)
        yield f"{self.run.customer} · {name}" if self.run.customer else name
        invoices = self.invoices()
        number = 0
        for one in self.played:
            for of, note in one.credit_notes:
                yield from self._note_said(self.local(one.at), note, invoices[of], lang)
            if one.invoice is not None:
                yield from self._invoice_said(invoices[number], lang)
                number += 1

    def _invoice_said(self, said: Said, lang: str) -> Iterator[str]:
        yield f"\n{date_text(said.day, lang)}"
        for line, charge in zip(said.invoice.lines, said.charges, strict=True):
            name, span = self.name(line.line.charge, charge, lang), span_text(*self.days(line), lang)
            yield f"  {_row(f'{name}, {span}', line.gross, lang)}"
            yield from (f"    {step}" for step in self.steps(line, charge, lang))
            for one in line.reductions:
                yield f"    {_row(self.reduction(one.code, lang), -one.amount, lang)}"
        yield from _totals_said(said.invoice.totals, lang)
        paid = (*said.invoice.paid, *said.invoice.deposits)
        for burn in paid:
            yield f"  {_row(self.payment(burn.code, lang), -burn.amount, lang)}"
        if paid:
            yield f"  {_row(words(lang).say('invoice.headline.pay'), said.invoice.due, lang)}"

    def _note_said(self, day: date, note: CreditNote, of: Said, lang: str) -> Iterator[str]:
        say = words(lang).say
        yield f"\n{say('rate.credit_note', day=date_text(day, lang), of=date_text(of.day, lang))}"
        for place, net in note.parts:
            name = self.name(of.invoice.lines[place].line.charge, of.charges[place], lang)
            yield f"  {_row(name, net, lang)}"
        yield from _totals_said(note.totals, lang)

    def steps(self, reduced: Reduced, charge: Charge | None, lang: str) -> list[str]:
        line = reduced.line
        meters = self.catalogue.meters
        units: Mapping[str, str] = meters[charge.meter].units if charge and charge.meter else {}
        if charge is not None and charge.quantity is not None:
            units = charge.units or {lang: charge.quantity}
        prorate = charge.prorate if charge else Prorate.DAY
        currency = line.net.currency
        return [step_sentence(step, currency, units, lang, prorate=prorate) for step in line.steps]

    def name(self, code: str, charge: Charge | None, lang: str) -> str:
        if code in {MINIMUM, TRUE_UP}:
            return words(lang).say(f"rate.{code}")
        return charge.names.get(lang, code) if charge else code

    def reduction(self, code: str, lang: str) -> str:
        """Name what took something off a line: a promotion, a credit that was given, what waits."""
        say = words(lang).say
        if code == "carried":
            return say("rate.carried")
        if code in self.catalogue.promotions:
            return say("rate.discount", name=self.catalogue.promotions[code].names.get(lang, code))
        return self.payment(code, lang)

    def payment(self, code: str, lang: str) -> str:
        """Name what paid part of an invoice: a credit note, a deposit, a credit that was bought or given."""
        say = words(lang).say
        pack = self.catalogue.credits.get(code.split(":", maxsplit=1)[0])
        if pack is not None:
            return say("rate.credit", name=pack.names.get(lang, code))
        return say("rate.deposit" if code.startswith("deposit-") else "rate.balance")

    def days(self, reduced: Reduced) -> tuple[date, date]:
        span = reduced.line.span
        assert span is not None
        return self.local(span.start), self.local(span.end - _MOMENT)

    def local(self, instant: datetime) -> date:
        return local_day(instant, self.run.zone)


def _totals(totals: Totals) -> dict[str, str]:
    return {
        "net": _plain(totals.net.decimal()),
        "tax": _plain(totals.tax.decimal()),
        "gross": _plain(totals.gross.decimal()),
    }


def _totals_said(totals: Totals, lang: str) -> Iterator[str]:
    say = words(lang).say
    taxed = f"{say('invoice.total.tax')} {percent_text(totals.taxes[0].rate.percent, lang)}"
    yield f"  {_row(say('invoice.total.net'), totals.net, lang)}"
    yield f"  {_row(taxed, totals.tax, lang)}"
    yield f"  {_row(say('invoice.total.gross'), totals.gross, lang)}"


def _row(what: str, amount: Money, lang: str) -> str:
    return words(lang).say("rate.row", what=what, amount=money_text(amount, lang))


def _burns(burns: Iterable[Burn]) -> list[dict[str, str]]:
    return [{"code": burn.code, "amount": _plain(burn.amount.decimal())} for burn in burns]


def _plain(figure: object) -> str:
    return format(figure, "f")
