"""`abaque explain INVOICE`: from an amount to its words, its steps, its hours and its raw events."""

import argparse
import json
import sys
from pathlib import Path

from abaque.app.commands.billing import money
from abaque.app.commands.common import Commands, Stop, connected, language, say


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    explain = commands.add_parser("explain", parents=[common], help="explain an invoice down to its events")
    explain.add_argument("invoice", help="its number or id")
    explain.add_argument("--line", type=int, help="one line, by its position")
    explain.add_argument("--events", action="store_true", help="down to the raw events")
    explain.add_argument("--limit", type=int, default=50, help="events shown per line")
    explain.add_argument("--json", action="store_true")
    explain.add_argument("--csv", action="store_true", help="the events of --line, one row each")
    explain.add_argument(
        "--proof", type=Path, metavar="FILE", help="write the proof of --line, for check_proof.py"
    )
    explain.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Explain."""
    if (options.csv or options.proof) and options.line is None:
        raise Stop("say which line: --line N")
    with connected(options):
        if options.csv or options.proof:
            return _export(options)
        from abaque.billing.documenting import said_late, said_steps, steps_of, unit_names
        from abaque.billing.offers import plan_of
        from abaque.storage.models import Invoice
        from abaque.storage.read.explain import explain

        found = explain(options.invoice, line=options.line, events=options.events, limit=options.limit)
        if found is None:
            raise Stop(f"there is no invoice {options.invoice}")
        if options.json:
            say(found)
            return 0
        lang = language()
        invoice = Invoice.objects.select_related(
            "customer", "corrects", "subscription__plan_version__plan", "subscription__customer"
        ).get(public_id=found.invoice.id)
        kind, net = "credit note " if invoice.corrects else "", money(invoice.net, invoice.currency)
        print(f"{kind}{invoice.number or 'draft'} · {invoice.customer.legal_name} · {net} net")
        rows = {
            row.position: row
            for row in invoice.lines.select_related("adjusts", "subscription__plan_version__plan")
        }
        for line in found.lines:
            row = rows[line.position]
            charge = plan_of(row.subscription).charge(row.charge)
            print(
                f"\n{line.position}. {charge.names.get(lang, charge.code)}: {money(row.net, invoice.currency)}"
            )
            steps = said_steps(steps_of(row), charge, invoice, unit_names(row.meter), lang)
            for said in (*said_late(invoice, row, lang), *steps):
                print(f"   {said}")
            for hour in line.hours:
                print(f"   {hour.hour:%Y-%m-%d %H:00}Z  {hour.quantity:>14}  {hour.state}")
            for event in line.events or ():
                data = json.dumps(event.data, ensure_ascii=False, default=str)
                print(f"     {event.time.isoformat()}  {event.source} {event.id}  {event.quantity}  {data}")
    return 0


def _export(options: argparse.Namespace) -> int:
    """Write what one line's events are, or the proof of it."""
    from abaque.storage.read import proof

    if options.csv:
        print(proof.events_csv(options.invoice, options.line), end="")
    if options.proof:
        options.proof.write_text(json.dumps(proof.proof(options.invoice, options.line)), encoding="utf-8")
        print(
            f"wrote {options.proof}; check it anywhere: python check_proof.py {options.proof}",
            file=sys.stderr,
        )
    return 0
