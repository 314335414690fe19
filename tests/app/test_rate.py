"""`abaque rate` as a person gives it: a price list and usage, no data folder, no database."""

import json
import os
import subprocess
import sys

import pytest

PLANS = """
meters:
  docs:
    unit: {en: document, fr: document}
    event: doc.made
    aggregate: count
  pages: {event: doc.made, aggregate: sum, value: pages}
plans:
  pro:
    version: 1
    name: {en: Pro, fr: Pro}
    currency: EUR
    align: calendar
    charges:
      base: {bill: advance, price: {model: flat, amount: "49.00"}}
      docs: {meter: docs, allowance: 2, price: {model: per_unit, unit: "0.10"}}
      pages: {meter: pages, price: {model: per_unit, unit: "0.01"}}
"""
SECOND = """
  free:
    version: 1
    currency: EUR
    charges:
      docs: {meter: docs, price: {model: per_unit, unit: "0.20"}}
"""


def event(identity, subject, time, **data):
    return {
        "specversion": "1.0", "id": identity, "source": "/app", "type": "doc.made", "subject": subject,
        "time": time, "data": data,
    }  # fmt: skip


EVENTS = [
    event("1", "acme", "2025-12-31T23:30:00Z", pages=3),  # 1 January in Paris
    event("2", "acme", "2026-01-15T12:00:00Z", pages=4),
    event("2", "acme", "2026-01-15T12:00:00Z", pages=4),  # sent twice, counts once
    event("3", "acme", "2026-01-31T22:59:59Z", pages=5),
    event("4", "acme", "2026-01-31T23:00:00Z", pages=100),  # 1 February in Paris
    event("5", "blue", "2026-01-20T12:00:00Z", pages=1),
    event("6", "blue", "2026-01-20T12:00:00Z", pages=1, outcome="failure"),
]
_SPACES = {0xA0: " ", 0x2009: " ", 0x202F: " "}
JANUARY = ("--from", "2026-01-01", "--to", "2026-02-01", "--zone", "Europe/Paris")


@pytest.fixture
def place(tmp_path):
    (tmp_path / "plans.yaml").write_text(PLANS)
    (tmp_path / "events.jsonl").write_text("".join(json.dumps(one) + "\n" for one in EVENTS))
    (tmp_path / "used.yaml").write_text('docs: 12\npages: "40"\n')
    return tmp_path


def rate(place, *arguments, status=0, lang="C.UTF-8"):
    done = subprocess.run(
        [sys.executable, "-m", "abaque.app.cli", "rate", "--plan", "plans.yaml", *arguments],
        cwd=place, capture_output=True, text=True, check=False,
        env={**os.environ, "LC_ALL": lang, "ABAQUE_DATA": str(place / "nowhere"), "ABAQUE_DATABASE_URL": ""},
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    assert not (place / "nowhere").exists()
    return (done.stdout if status == 0 else done.stderr).translate(_SPACES)


def test_events_are_counted_per_customer_and_local_day(place):
    runs = json.loads(rate(place, "--events", "events.jsonl", *JANUARY, "--json"))["runs"]
    assert [run["customer"] for run in runs] == ["acme", "blue"]
    # acme: 3 documents, 2 of them included: 0.10; 3 + 4 + 5 pages: 0.12; tax on 0.22: 0.044 → 0.04.
    first, second = runs[0]["invoices"]
    assert (first["due"], first["net"], first["tax"], first["gross"]) == (
        "2026-01-01", "49.00", "9.80", "58.80",
    )  # fmt: skip
    assert {line["charge"]: line["net"] for line in second["lines"]} == {"docs": "0.10", "pages": "0.12"}
    assert (second["due"], second["net"], second["tax"], second["gross"]) == (
        "2026-02-01", "0.22", "0.04", "0.26",
    )  # fmt: skip
    # blue: one document, included, of one page.
    assert {line["charge"]: line["net"] for line in runs[1]["invoices"][1]["lines"]} == {
        "docs": "0.00",
        "pages": "0.01",
    }


def test_without_dates_whole_periods_hold_all_events(place):
    (run, _) = json.loads(rate(place, "--events", "events.jsonl", "--json"))["runs"]
    # In UTC the first event is of December, the last of January.
    assert (run["from"], run["until"]) == ("2025-12-01", "2026-02-01")


def test_an_array_says_the_same_as_lines(place):
    (place / "array.json").write_text(json.dumps(EVENTS, indent=2))
    lines, array = (rate(place, "--events", name, *JANUARY) for name in ("events.jsonl", "array.json"))
    assert lines == array


def test_an_allowance_is_kept_from_invoice_to_invoice(place):
    yearly = PLANS.replace("allowance: 2", "allowance: {quantity: 20, interval: year}")
    (place / "plans.yaml").write_text(yearly)
    (place / "used.yaml").write_text("""
- from: 2026-01-01
  until: 2026-03-01
  usage: {docs: [{on: 2026-01-31, quantity: 15}, {on: 2026-02-28, quantity: 12}]}
""")
    (run,) = json.loads(rate(place, "--usage", "used.yaml", "--json"))["runs"]
    # 15 of 20 in January; in February the other 5, and 7 × 0.10.
    docs = [line["net"] for one in run["invoices"] for line in one["lines"] if line["charge"] == "docs"]
    assert docs == ["0.00", "0.70"]


@pytest.mark.parametrize(
    ("dates", "first", "after"),
    [
        ('["01-15", "06-30"]', "2025-06-30", "2026-06-30"),
        ("[2025-12-15, 2026-03-15]", "2025-12-15", "2026-03-15"),
    ],
)
def test_a_plan_is_billed_on_its_dates(place, dates, first, after):
    (place / "plans.yaml").write_text(PLANS.replace("align: calendar", f"dates: {dates}"))
    (run, _) = json.loads(rate(place, "--events", "events.jsonl", "--json"))["runs"]
    assert (run["from"], run["until"]) == (first, after)
    by_hand = rate(place, "--usage", "used.yaml", "--from", "2026-01-20", "--json")
    assert json.loads(by_hand)["runs"][0]["until"] == after


def test_people_read_each_step_in_words(place):
    said = rate(place, "--usage", "used.yaml", *JANUARY)
    assert "docs, 1 – 31 January 2026: €1.00" in said
    assert "10 × €0.10 per document = €1.00" in said
    assert "Included: 2" in said
    assert "Total net: €1.40" in said
    assert "VAT 20%: €0.28" in said
    assert "Total incl. VAT: €1.68" in said


def test_french_terminals_read_french(place):
    said = rate(place, "--usage", "used.yaml", *JANUARY, lang="fr_FR.UTF-8").replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert "10 × 0,10 € par document = 1,00 €" in said


def test_the_json_form_is_all_strings_of_decimals(place):
    run = json.loads(rate(place, "--usage", "used.yaml", *JANUARY, "--tax", "5.5", "--json"))["runs"][0]
    assert {key: run[key] for key in run if key != "invoices"} == {
        "customer": None, "plan": "pro", "version": 1, "currency": "EUR", "zone": "Europe/Paris",
        "from": "2026-01-01", "until": "2026-02-01", "credit_notes": [],
    }  # fmt: skip
    second = run["invoices"][1]
    assert (second["net"], second["tax"], second["gross"]) == ("1.40", "0.08", "1.48")  # 0.077 → 0.08
    assert (second["paid"], second["to_pay"]) == ([], "1.48")
    assert second["lines"][1] == {
        "charge": "pages", "from": "2026-01-01", "until": "2026-02-01", "quantity": "40", "net": "0.40",
        "reductions": [],
        "steps": [{
            "kind": "per_unit", "quantity": "40", "unit": "0.01", "amount": "0.40",
            "said": "40 × €0.01 per unit = €0.40",
        }],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--plan-code", "gold"], "no plan is named gold: the file has pro"),
        (["--zone", "Paris"], "Paris is not a known time zone"),
        (["--from", "31/01/2026"], "31/01/2026 is no date: write it as 2026-01-31"),
        (["--from", "2027-01-01", "--to", "2027-02-01"], "no event from 2027-01-01 to 2027-02-01 counts"),
        (["--tax", "much"], "--tax much is no percentage"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(place, arguments, sentence):
    assert sentence in rate(place, "--events", "events.jsonl", *arguments, status=2)


def test_of_several_plans_one_is_named(place):
    (place / "plans.yaml").write_text(PLANS + SECOND)
    said = rate(place, "--usage", "used.yaml", *JANUARY, status=2)
    assert "the file has 2 plans: name one with --plan-code (pro, free)" in said


@pytest.mark.parametrize(
    ("usage", "sentence"),
    [
        ("docs: 1\nimages: 2\n", "used.yaml:2:1: plan pro has no meter named images: it has docs, pages"),
        ("docs: many\n", "used.yaml:1:7: `many` is not a number"),
        ("docs: [1\n", "used.yaml:2:1: this is not YAML"),
        ("", "used.yaml: the file says nothing"),
        ("- {plan: gold, from: 2026-01-01, until: 2026-02-01}", "used.yaml:1:10: no plan is named gold"),
        ("- {from: 2026-01-01, until: tomorrow}", "used.yaml:1:29: `tomorrow` is no date"),
        ("- {from: 2026-01-01}", "used.yaml:1:3: `until:` is missing"),
        (
            "- {from: 2026-01-01, until: 2026-02-01, zone: Paris}",
            "used.yaml:1:47: Paris is not a known time zone",
        ),
    ],
)
def test_a_fault_in_the_usage_is_shown_at_its_place(place, usage, sentence):
    (place / "used.yaml").write_text(usage)
    assert sentence in rate(place, "--usage", "used.yaml", *JANUARY, status=2)


def test_a_fault_in_the_plan_is_shown_at_its_place(place):
    (place / "plans.yaml").write_text(PLANS.replace('"0.10"', "dear"))
    assert "plans.yaml:16:72: `dear` is not a number" in rate(place, "--usage", "used.yaml", status=2)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", "events.jsonl:2: "),
        ('{"id": "9", "source": "/app", "type": "doc.made", "time": "x"}', "`subject` is missing"),
        (json.dumps(event("9", "acme", "yesterday")), "yesterday is no time with its offset"),
        (json.dumps({**event("9", "a", "2026-01-01T00:00:00Z"), "type": "abaque.void"}), "corrections"),
    ],
)
def test_a_fault_in_the_events_is_shown_with_its_record(place, line, sentence):
    first = json.dumps(EVENTS[0])
    (place / "events.jsonl").write_text(f"{first}\n{line}\n")
    assert sentence in rate(place, "--events", "events.jsonl", status=2)


def test_a_file_that_is_not_there_is_named(place):
    assert "absent.yaml cannot be read" in rate(place, "--usage", "absent.yaml", *JANUARY, status=2)


def test_no_model_of_the_database_is_loaded(place):
    code = (
        "import sys\nfrom abaque.app.cli import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit as end: assert end.code == 0, end.code\n"
        "assert not {'django', 'psycopg'} & set(sys.modules)"
    )
    arguments = ["rate", "--plan", "plans.yaml", "--usage", "used.yaml", *JANUARY]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=place, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


OFFERS = (
    PLANS
    + """
  big:
    version: 1
    currency: EUR
    align: calendar
    charges:
      base: {bill: advance, price: {model: flat, amount: "99.00"}}
      docs: {meter: docs, price: {model: per_unit, unit: "0.05"}}
  seats:
    version: 1
    currency: EUR
    align: calendar
    charges:
      seats: {quantity: seats, bill: advance, price: {model: per_unit, unit: "10.00"}}
addons:
  support:
    currency: EUR
    charges:
      support: {bill: advance, price: {model: flat, amount: "31.00"}}
promotions:
  SPRING: {percent: 50, times: 1, from: "2026-01-01", until: "2026-01-16"}
credits:
  pack: {currency: EUR, paid: "50.00"}
"""
)


def played(place, run, *, status=0, lang="C.UTF-8", form=("--json",)):
    (place / "plans.yaml").write_text(OFFERS)
    (place / "used.yaml").write_text(run)
    return rate(place, "--usage", "used.yaml", *form, status=status, lang=lang)


def test_what_happens_to_a_subscription_is_rated(place):
    said = json.loads(played(place, """
- plan: pro
  from: 2026-01-01
  until: 2026-02-01
  promotions: [SPRING]
  credits: [pack]
  events:
    - {on: 2026-01-17, do: change_plan, plan: big}
    - {on: 2026-01-17, do: add, addon: support}
    - {on: "2026-01-20T09:30:00+01:00", do: pause, when: period_end}
    - {on: 2026-01-21, do: deposit, amount: "100.00"}
"""))["runs"][0]  # fmt: skip
    # Half of 49.00 is 24.50, with tax 29.40, which the pack pays: 20.60 stay. From the 17th 15 of 31 days are left.
    first, second, _ = said["invoices"]
    assert (first["net"], first["to_pay"], first["lines"][0]["reductions"]) == (
        "24.50", "0.00", [{"code": "SPRING", "amount": "24.50"}],
    )  # fmt: skip
    # The days until the 16th keep 24.50 × 25.29/49.00 = 12.645, so 12.65; the rest goes back.
    (note,) = said["credit_notes"]
    assert (note["due"], note["of"], note["net"]) == ("2026-01-17", "2026-01-01", "11.85")
    # 99.00 − 99.00 × 16/31 (51.10) = 47.90; 31.00 − 16.00 = 15.00.
    assert {line["charge"]: line["net"] for line in second["lines"] if line["net"] != "0.00"} == {
        "base": "47.90",
        "support": "15.00",
    }


def test_every_event_has_its_words_and_its_place(place):
    said = played(place, """
- plan: pro
  from: 2026-01-01
  until: 2026-03-01
  credits: [pack]
  events: [{on: 2026-01-15, do: cancel, when: now}]
""", form=())  # fmt: skip
    assert "15 January 2026, credit note of the invoice of 1 January 2026" in said
    assert "Credit pack: -€50.00" in said


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        ("[{do: cancel}]", "used.yaml:5:12: Write {on: DATE, do: …}: `on:` is missing"),
        ("[{on: soon, do: cancel}]", "used.yaml:5:17: `soon` is no date"),
        ("[{on: 2026-01-02, do: jump}]", "used.yaml:5:33: `jump` cannot be done here. Known: change_plan,"),
        ("[{on: 2026-01-02, do: resume, when: now}]", "used.yaml:5:41: `when:` says nothing of resume"),
        (
            "[{on: 2026-01-02, do: resume}]",
            "used.yaml:5:12: Resume is not possible while the subscription is active",
        ),
        (
            "[{on: 2026-01-02, do: change_plan, plan: gold}]",
            "no plan is named gold: the file has pro, big, seats",
        ),
        ("[{on: 2026-01-02, do: change_plan}]", "used.yaml:5:12: `plan:` is missing"),
        ("[{on: 2026-01-02, do: add, addon: gold}]", "no add-on is named gold: the file has support"),
        ("[{on: 2026-01-02, do: buy, credit: gold}]", "no credit is named gold: the file has pack"),
        (
            "[{on: 2026-01-02, do: redeem, promotion: GOLD}]",
            "no promotion is named GOLD: the file has SPRING",
        ),
        (
            "[{on: 2026-01-20, do: redeem, promotion: SPRING}]",
            "5:52: The code SPRING ended on 16 January 2026",
        ),
        ("[{on: 2026-01-02, do: cancel, when: later}]", "used.yaml:5:47: `later` is no date"),
        ("[{on: 2026-01-02, do: pause, when: later}]", "used.yaml:5:46: `later`: write now or period_end"),
        ("[{on: 2025-12-31, do: cancel}]", "this is before the subscription begins, on 2026-01-01"),
        ("[{on: 2026-01-02, do: change_plan, plan: seats}]", "seats"),
        ("[{on: 2026-01-02, do: deposit, amount: 0}]", "used.yaml:5:50: "),
    ],
)
def test_an_event_that_cannot_be_is_shown_at_its_place(place, events, sentence):
    run = f"- plan: pro\n  from: 2026-01-01\n  until: 2026-03-01\n\n  events: {events}\n"
    assert sentence in played(place, run, status=2)


def test_a_subscribed_quantity_that_is_not_said_is_asked_for(place):
    run = "- {plan: seats, from: 2026-01-01, until: 2026-02-01}\n"
    assert "seats" in played(place, run, status=2)
