"""The proof of an invoice line, checked by one script that knows nothing of the house."""

import csv
import json
import subprocess
import sys
from copy import deepcopy
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from abaque.core.fault import Fault

CHECKER = Path(__file__).resolve().parents[2] / "src/abaque/web/static/check_proof.py"


def billed(house: Any, plan: str = "usage") -> str:
    """An issued invoice of February whose events came in two seals; one of them was voided in between."""
    from abaque.storage.models import InvoiceLine

    house.shop("dupont", "martin", plan=plan)
    house.capture(
        house.event("a", "2026-02-03T10:00:00Z", document_id="doc-a", pages=3, subject="martin"),
        house.event("b", "2026-02-03T10:00:00Z", document_id="doc-b", pages=4),
        house.event("=c", "2026-02-03T10:20:00Z", document_id="doc-c", pages="5.5"),
        house.event("d", "2026-02-20T10:00:00Z", document_id="doc-d", pages=7),
        house.event("x", "2026-02-20T10:00:00Z", type="page.viewed"),
    )
    house.meter()
    house.seal()
    void = house.event("v", "2026-03-05T09:00:00Z", type="abaque.void")
    void["data"] = {"source": "/test", "id": "b", "reason": "sent in error"}
    house.capture(void, house.event("late", "2026-02-03T11:00:00Z", document_id="doc-e", pages=1, extra="é€"))
    house.meter()
    house.seal()
    house.close("2026-03-10")
    house.approve_all()
    house.issue_approved()
    lines = InvoiceLine.objects.filter(invoice__customer__external_id="dupont", quantity__gt=0)
    return str(lines.get(invoice__number__isnull=False).invoice.number)


def metered(number: str) -> int:
    from abaque.storage.models import InvoiceLine

    return int(InvoiceLine.objects.exclude(meter="").get(invoice__number=number).position)


def exported(number: str) -> dict[str, Any]:
    from abaque.storage.read.proof import proof

    return json.loads(json.dumps(proof(number, metered(number))))


def check(tmp_path: Any, proof: Any, *more: str) -> tuple[int, str]:
    """Run the script as somebody would who has only it and the file."""
    file = tmp_path / "proof.json"
    file.write_text(proof if isinstance(proof, str) else json.dumps(proof))
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(CHECKER), str(file), *more],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_a_line_is_proven_away_from_the_system(house, tmp_path):
    number = billed(house)
    proof = exported(number)
    status, said = check(tmp_path, proof)
    assert (status, said.splitlines()[-1]) == (0, "everything agrees"), said
    assert "3 events count and come to 13.5, as invoiced" in said
    from abaque.storage.models import Invoice

    printed = Invoice.objects.get(number=number).snapshot["chain_head"]
    assert check(tmp_path, proof, printed)[0] == 0
    assert check(tmp_path, proof, "00" * 32)[0] == 1


def test_a_proof_shows_nobody_else_s_events(house):
    proof = json.dumps(exported(billed(house)))
    assert "doc-b" in proof
    assert "doc-a" not in proof
    assert "martin" not in proof


def first_entry(proof: dict[str, Any]) -> dict[str, Any]:
    return proof["nodes"][0]["entries"][0]


TAMPERINGS = {
    "a text": lambda p: first_entry(p).update(text=first_entry(p)["text"].replace("4", "5")),
    "a salt": lambda p: first_entry(p).update(salt="00" * 32),
    "a quantity": lambda p: first_entry(p).update(quantity="9"),
    "both quantities": lambda p: (first_entry(p).update(quantity="9"), p["nodes"][0].update(quantity="9")),
    "an id": lambda p: first_entry(p).update(id="other"),
    "what is billed": lambda p: p.update(quantity="14.5"),
    "an entry gone": lambda p: p["nodes"][0]["entries"].pop(),
    "a node gone": lambda p: p["nodes"].pop(),
    "a node twice": lambda p: p["nodes"].append(deepcopy(p["nodes"][0])),
    "a node in another hour": lambda p: p["nodes"][0].update(link=p["nodes"][-1]["link"]),
    "a path": lambda p: p["nodes"][0].update(path=[["left", "00" * 32]]),
    "a slot": lambda p: p["nodes"][0].update(slot=p["nodes"][0]["slot"] + 900),
    "another customer": lambda p: p.update(customer="cus_other"),
    "another meter": lambda p: p.update(meter="documents"),
    "another span": lambda p: p.update(end=p["nodes"][0]["slot"]),
    "a link": lambda p: p["chain"]["links"][0].__setitem__(1, "00" * 32),
    "a link gone": lambda p: p["chain"]["links"].pop(),
    "the head": lambda p: p["chain"].update(head="00" * 32),
    "the format": lambda p: p.update(format="other"),
    "no nodes": lambda p: p.pop("nodes"),
    "an entry of no event": lambda p: first_entry(p).update(erased=True, leaf="00" * 32, value=""),
}


def test_whatever_is_changed_in_a_proof_is_found(house, tmp_path):
    proof = exported(billed(house))
    assert check(tmp_path, proof)[0] == 0
    passed = []
    for name, tampering in TAMPERINGS.items():
        changed = deepcopy(proof)
        tampering(changed)
        status, said = check(tmp_path, changed)
        if status != 1 or "DOES NOT AGREE" not in said:
            passed.append((name, said))
    assert passed == []


def test_what_is_no_proof_is_said_to_be_none(tmp_path):
    assert check(tmp_path, "[]")[0] == 1
    assert check(tmp_path, "no json")[0] == 1
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(CHECKER), "nowhere.json"], capture_output=True, check=False
    )
    assert done.returncode == 2


def test_a_supplement_after_the_invoice_is_not_in_its_proof(house, tmp_path):
    number = billed(house)
    before = exported(number)
    house.capture(house.event("later", "2026-02-03T10:01:00Z", document_id="doc-f", pages=100))
    house.meter()
    house.seal()
    after = exported(number)
    assert after["nodes"] == before["nodes"]
    assert after["chain"]["head"] == before["chain"]["head"], "the head the document shows"
    assert check(tmp_path, after)[0] == 0


def test_a_line_of_erased_events_is_still_proven(house, tmp_path):
    from abaque.billing.erase_person import ErasePerson, erase_person

    number = billed(house)
    house.perform(erase_person, ErasePerson("dupont", "asked for"))
    proof = exported(number)
    assert "doc-c" not in json.dumps(proof)
    status, said = check(tmp_path, proof)
    assert (status, said.splitlines()[-1]) == (0, "everything agrees")
    assert "5 entries are of erased events" in said


def test_the_csv_has_one_row_per_event_and_adds_up_to_the_line(house):
    from abaque.storage.models import InvoiceLine
    from abaque.storage.read.proof import events_csv

    number = billed(house)
    position = metered(number)
    rows = list(csv.DictReader(StringIO(events_csv(number, position))))
    assert [(row["id"], row["time"], row["quantity"]) for row in rows] == [
        ("'=c", "2026-02-03T10:20:00+00:00", "5.5"),
        ("late", "2026-02-03T11:00:00+00:00", "1"),
        ("d", "2026-02-20T10:00:00+00:00", "7"),
    ]
    line = InvoiceLine.objects.get(invoice__number=number, position=position)
    assert sum(Decimal(row["quantity"]) for row in rows) == line.quantity


def test_the_reference_is_the_operation_where_the_meter_has_one(house, tmp_path):
    from abaque.storage.read.proof import events_csv

    number = billed(house, plan="pro")
    rows = list(csv.DictReader(StringIO(events_csv(number, metered(number)))))
    assert [row["reference"] for row in rows] == ["doc-c", "doc-e", "doc-d"]
    assert check(tmp_path, exported(number))[0] == 0


def test_what_cannot_be_proven_says_why(house):
    from abaque.storage.models import InvoiceLine
    from abaque.storage.read.proof import proof

    number = billed(house, plan="pro")
    flat = InvoiceLine.objects.filter(invoice__number=number, meter="").first().position
    for invoice, line, code in (
        ("nothing", 1, "unknown_invoice"), (number, 99, "unknown_line"), (number, flat, "line_without_events"),
    ):  # fmt: skip
        with pytest.raises(Fault) as refused:
            proof(invoice, line)
        assert refused.value.code == code
    house.run("DELETE FROM node")
    with pytest.raises(Fault) as refused:
        proof(number, metered(number))
    assert refused.value.code == "line_not_sealed"
