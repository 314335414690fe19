"""`abaque close|usage|reconcile|self-check`: the month, its figures, and whether all sides agree."""

import argparse
from datetime import date, timedelta
from typing import Any

from abaque.app.commands.common import Bar, Commands, Stop, actor, confirmed, connected, language, say, table

SHOWN = 40
_MOMENT = timedelta(microseconds=1)


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    close = commands.add_parser("close", parents=[common], help="draft what is due, review, issue")
    close.add_argument(
        "--until", type=_date, required=True, metavar="DATE", help="periods that end by this day"
    )
    close.add_argument("--yes", action="store_true", help="approve every draft and issue what may be issued")
    close.add_argument("--json", action="store_true")
    close.set_defaults(run=run_close)
    usage = commands.add_parser("usage", parents=[common], help="usage per customer and meter")
    usage.add_argument("--from", dest="start", type=_date, required=True, metavar="DATE")
    usage.add_argument("--to", dest="end", type=_date, required=True, metavar="DATE", help="exclusive")
    usage.add_argument("--meter")
    usage.add_argument("--customer")
    usage.add_argument("--zone", help="IANA name of the days' zone (default: the issuer's)")
    usage.add_argument("--json", action="store_true")
    usage.set_defaults(run=run_usage)
    reconcile = commands.add_parser("reconcile", parents=[common], help="compare all sides")
    reconcile.add_argument("--json", action="store_true")
    reconcile.set_defaults(run=run_reconcile)
    check = commands.add_parser("self-check", parents=[common], help="check every invariant")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=run_self_check)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-01-31") from None


def run_close(options: argparse.Namespace) -> int:
    """Draft, show what would be issued, ask, issue."""
    with connected(options):
        from abaque.billing.close_period import close
        from abaque.storage import clock

        closed = close(options.until, now=clock.now(), by=actor(), progress=Bar("drafts"))
        drafts = _drafts(options.until)
        if not options.json:
            _show(drafts)
        result: dict[str, Any] = {**closed, "issued": [], "kept": []}
        if drafts and (
            options.yes or (not options.json and confirmed("Approve and issue these?", yes=False))
        ):
            result |= _issue(drafts)
        result["invoices"] = _invoices([str(one["invoice"]) for one in result["issued"]])
        if options.json:
            say(result)
        else:
            _report(result)
    return 0


def _drafts(until: date) -> list[Any]:
    """Return the drafts due by a day's midnight where each customer is, and no others."""
    from abaque.core.period import local_midnight
    from abaque.storage.models import Invoice

    drafts = Invoice.objects.filter(state="draft").select_related("customer").order_by("due_at", "pk")
    return [draft for draft in drafts if draft.due_at <= local_midnight(until, draft.customer.zone)]


def _issue(drafts: list[Any]) -> dict[str, Any]:
    from abaque.billing.approve import ApproveMany, approve_many
    from abaque.billing.issue import issue_approved
    from abaque.billing.runner import perform
    from abaque.storage import clock

    now = clock.now()
    seen = tuple((draft.public_id, bytes(draft.digest).hex()) for draft in drafts)
    perform(approve_many, ApproveMany(seen), now=now, by=actor())
    return issue_approved(
        now=now, by=actor(), only=[public_id for public_id, _ in seen], progress=Bar("issue")
    )


def _invoices(ids: list[str]) -> list[dict[str, Any]]:
    from abaque.storage.models import Invoice
    from abaque.storage.read.usage import plain

    found = (
        Invoice.objects.filter(public_id__in=ids)
        .select_related("customer", "corrects")
        .prefetch_related("lines")
    )
    return [
        {
            "id": invoice.public_id,
            "number": invoice.number,
            "kind": invoice.kind,
            "corrects": invoice.corrects.number if invoice.corrects else None,
            "state": invoice.state,
            "customer": invoice.customer.external_id,
            "issue_date": invoice.issue_date,
            "currency": invoice.currency,
            "net": invoice.net,
            "tax": invoice.tax,
            "gross": invoice.gross,
            "lines": [
                {
                    "charge": line.charge,
                    "meter": line.meter or None,
                    "quantity": None if line.quantity is None else plain(line.quantity),
                    "net": line.net,
                }
                for line in invoice.lines.all()
            ],
        }
        for invoice in found.order_by("number", "pk")
    ]


def _show(drafts: list[Any]) -> None:
    if not drafts:
        print("Nothing is due.")
        return
    from abaque.core.period import local_day

    rows = [("", "customer", "last day", "net", "tax", "total", "missing")]
    rows += [
        (
            "credit note" if draft.corrects_id else "invoice",
            draft.customer.legal_name or draft.customer.external_id,
            f"{local_day(draft.period_end - _MOMENT, draft.customer.zone)}",
            money(draft.net, draft.currency),
            money(draft.tax, draft.currency),
            money(draft.gross, draft.currency),
            ", ".join(draft.missing),
        )
        for draft in sorted(drafts, key=lambda one: -one.gross)[:SHOWN]
    ]
    print(table(rows, right=frozenset({3, 4, 5})))
    if len(drafts) > len(rows) - 1:
        print(f"… and {len(drafts) - len(rows) + 1:,} more")


def money(minor: int, code: str) -> str:
    """Return an amount of minor units for people."""
    from abaque.core.money import Money, currency
    from abaque.documents.words import money_text

    return money_text(Money(minor, currency(code)), language())


def _report(result: dict[str, Any]) -> None:
    from abaque.core.fault import Fault
    from abaque.documents.words import fault_sentence

    numbered = [one for one in result["invoices"] if one["number"]]
    if result["issued"]:
        closed = len(result["issued"]) - len(numbered)
        print(
            f"{len(numbered):,} issued, {closed:,} closed at zero without a document, {len(result['kept']):,} kept."
        )
    for kept in result["kept"][:20]:
        print(f"  {kept['invoice']}: {fault_sentence(Fault(kept['code'], **kept['params']), language())}")
    for refused in result["refused"]:
        print(f"  {refused['subscription']} could not be rated: {refused['fault']}")


def run_usage(options: argparse.Namespace) -> int:
    """Print usage rows; only what something was counted or failed for."""
    if options.end <= options.start:
        raise Stop("--to must be later than --from: the span is [from, to)")
    with connected(options):
        from abaque.core.period import local_midnight
        from abaque.storage.models import Issuer
        from abaque.storage.read.usage import UsageFilter, all_usage

        issuer = Issuer.objects.order_by("pk").first()
        zone = options.zone or (issuer.zone if issuer else "UTC")
        start, end = local_midnight(options.start, zone), local_midnight(options.end, zone)
        only = UsageFilter(meter=options.meter, customer=options.customer, zone=zone)
        rows = [row for row in all_usage(start, end, only) if row.events]
        if options.json:
            say(
                [
                    {
                        "customer": row.customer,
                        "meter": row.meter,
                        "quantity": row.quantity,
                        "not_billable": row.not_billable,
                    }
                    for row in rows
                ]
            )
        else:
            head = ("customer", "meter", "quantity", "not billed")
            body = [(row.customer, row.meter, row.quantity, str(row.not_billable)) for row in rows]
            print(table([head, *body], right=frozenset({2, 3})))
    return 0


def run_reconcile(options: argparse.Namespace) -> int:
    """Compare all sides; exit with 2 while findings are open."""
    with connected(options):
        from abaque.app.platforms import platforms
        from abaque.billing.reconcile import reconcile_now
        from abaque.storage import clock
        from abaque.storage.models import Finding

        result = reconcile_now(platforms(), now=clock.now(), by=actor())
        findings = list(Finding.objects.filter(closed_at=None).select_related("customer").order_by("pk"))
        if options.json:
            say({**result, "findings": [_said(finding) for finding in findings]})
        else:
            print(f"{result['compared']:,} compared, {result['opened']} opened, {result['closed']} closed.")
            rows = [("check", "kind", "customer", "subject", "at stake")]
            rows += [
                (
                    f.check_name,
                    f.kind,
                    f.customer.external_id if f.customer else "",
                    f.subject,
                    money(f.impact, f.currency),
                )
                for f in findings
            ]
            print(table(rows, right=frozenset({4})) if findings else "All sides agree.")
    return 2 if findings else 0


def _said(finding: Any) -> dict[str, Any]:
    hold = finding.hold_set.filter(released_at=None).first()
    return {
        "id": finding.public_id,
        "check": finding.check_name,
        "kind": finding.kind,
        "subject": finding.subject,
        "customer": finding.customer.external_id if finding.customer else None,
        "impact": {"amount": finding.impact, "currency": finding.currency},
        "hold": hold.public_id if hold else None,
    }


def run_self_check(options: argparse.Namespace) -> int:
    """Check every invariant; exit with 1 if one is broken."""
    with connected(options):
        from abaque.billing.self_check import self_check
        from abaque.storage import archived

        checked = self_check()
        away = archived.months()
    events = sum(month.file.rows for month in away)
    if options.json:
        good = all(one.good for one in checked)
        say({"good": good, "checks": checked, "archived_months": len(away), "archived_events": events})
    else:
        for one in checked:
            print(
                f"{'✓' if one.good else '✗'} {one.name}"
                + ("" if one.good else f": {one.violations} ({'; '.join(one.first)})")
            )
        if away:
            print(f"{events:,} events of {len(away)} months are archived: they were read in their files.")
    return 0 if all(one.good for one in checked) else 1
