"""What rules say, word for word: a table a bookkeeper can read."""

import ast
import string
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import abaque
from abaque.core.fault import Fault
from abaque.core.invoicing import Party, required_fields
from abaque.core.money import Money, currency
from abaque.core.period import Interval, Unit
from abaque.core.pricing import (
    Allowance,
    Bill,
    Charge,
    Flat,
    Graduated,
    PerUnit,
    Prorate,
    Step,
    Tier,
    Volume,
    rate,
)
from abaque.core.tax import Treatment
from abaque.documents.words import (
    amount_text,
    country_text,
    date_text,
    fault_sentence,
    languages,
    money_text,
    number_text,
    percent_text,
    price_sentence,
    span_text,
    step_sentence,
    words,
)

D = Decimal
HOUR = timedelta(hours=1)
EUR = currency("EUR")
DOCUMENT = {"en": "document", "fr": "document"}
MONTH = Interval(Unit.MONTH, 1)
QUARTER = Interval(Unit.MONTH, 3)
TIERS = (Tier(D(10000), D("0.10")), Tier(None, D("0.05")))
THREE_TIERS = (Tier(D(1000), D("0.10"), D(20)), Tier(D(5000), D("0.05")), Tier(None, D("0.0025")))


def plain(text: str) -> str:
    """The sentence with ordinary spaces."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")


PRICES = [
    (
        Charge("base", Flat(D(49)), bill=Bill.ADVANCE),
        MONTH,
        "€49.00 per month; billed in advance, part periods by the day.",
        "49,00 € par mois ; facturé d'avance, une période incomplète se compte au jour près.",
    ),
    (
        Charge("base", Flat(D(120)), prorate=Prorate.NONE),
        QUARTER,
        "€120.00 every 3 months; billed at the end of the period, part periods in full.",
        "120,00 € tous les 3 mois ; facturé à terme échu, une période incomplète est due en entier.",
    ),
    (
        Charge("docs", PerUnit(D("0.000125")), "documents"),
        MONTH,
        "€0.000125 per document; billed at the end of the period.",
        "0,000125 € par document ; facturé à terme échu.",
    ),
    (
        Charge("docs", Graduated(TIERS), "documents", allowance=Allowance(D(500))),
        MONTH,
        (
            "500 included per month; beyond that, graduated: €0.10 per document up to 10,000, €0.05 beyond; "
            "billed at the end of the period, the included quantity of a part period by the day."
        ),
        (
            "500 inclus par mois ; au-delà de l'inclus, par tranches : 0,10 € par document jusqu'à 10 000, "
            "0,05 € au-delà ; facturé à terme échu, l'inclus d'une période incomplète se compte au jour près."
        ),
    ),
    (
        Charge("docs", Volume(THREE_TIERS), "documents"),
        None,
        (
            "The tier reached sets the price of every document: €0.10 per document up to 1,000 "
            "(plus €20.00 for the tier), €0.05 from there to 5,000, €0.0025 beyond; "
            "billed at the end of the period."
        ),
        (
            "La tranche atteinte fixe le prix de chaque document : 0,10 € par document jusqu'à 1 000 "
            "(plus 20,00 € pour la tranche), 0,05 € ensuite jusqu'à 5 000, 0,0025 € au-delà ; "
            "facturé à terme échu."
        ),
    ),
]


@pytest.mark.parametrize(("charge", "interval", "english", "french"), PRICES)
def test_a_price_says_itself_in_one_sentence(
    charge: Charge, interval: Interval | None, english: str, french: str
) -> None:
    assert plain(price_sentence(charge, EUR, DOCUMENT, "en", interval=interval)) == english
    assert plain(price_sentence(charge, EUR, DOCUMENT, "fr", interval=interval)) == french


def test_the_steps_of_a_line_say_how_it_comes_to_its_amount() -> None:
    steps = rate(Graduated(TIERS), D(12000), allowance=D(500)).steps
    assert [plain(step_sentence(step, EUR, DOCUMENT, "en")) for step in steps] == [
        "Included: 500",
        "Up to 10,000: 10,000 × €0.10 per document = €1,000.00",
        "Above 10,000: 1,500 × €0.05 per document = €75.00",
    ]
    assert [plain(step_sentence(step, EUR, DOCUMENT, "fr")) for step in steps] == [
        "Inclus : 500",
        "Jusqu'à 10 000 : 10 000 × 0,10 € par document = 1 000,00 €",
        "Au-delà de 10 000 : 1 500 × 0,05 € par document = 75,00 €",
    ]


@pytest.mark.parametrize(
    ("step", "english", "french"),
    [
        (
            Step("flat", D(1), D(49), D("26.13"), D(16), D(30)),
            "16 of 30 days of €49.00 = €26.13",
            "16 jours sur 30 de 49,00 € = 26,13 €",
        ),
        (Step("flat", D(1), D(49), D(49)), "Fixed amount: €49.00", "Montant fixe : 49,00 €"),
        (
            Step("volume", D(1200), D("0.05"), D(60), D(1000), D(5000)),
            "All at the price of the tier above 1,000 up to 5,000: 1,200 × €0.05 per document = €60.00",
            (
                "Le tout au prix de la tranche au-delà de 1 000 jusqu'à 5 000 : "
                "1 200 × 0,05 € par document = 60,00 €"
            ),
        ),
        (
            Step("tier_flat", D(0), D(20), D(10), D(0), D(1000)),
            "Fixed amount of the tier up to 1,000, for a part of the period: €10.00 of €20.00",
            "Montant fixe de la tranche jusqu'à 1 000, pour une partie de la période : 10,00 € sur 20,00 €",
        ),
        (
            Step("per_unit", D("2.5"), D("0.0025"), D("0.00625")),
            "2.5 × €0.0025 per document = €0.00625",
            "2,5 × 0,0025 € par document = 0,00625 €",
        ),
        (Step("new_kind", D(1), None, D(3)), "New_kind: €3.00", "New_kind : 3,00 €"),
    ],
)
def test_every_step_says_itself(step: Step, english: str, french: str) -> None:
    assert plain(step_sentence(step, EUR, DOCUMENT, "en")) == english
    assert plain(step_sentence(step, EUR, DOCUMENT, "fr")) == french


def test_every_kind_of_price_steps_without_a_gap_in_words() -> None:
    for lang in languages():
        for price in (PerUnit(D(1)), Graduated(THREE_TIERS), Volume(THREE_TIERS), Volume(THREE_TIERS[2:])):
            for quantity in (D(0), D(1000), D("1000.5"), D(9999)):
                for step in rate(price, quantity, allowance=D(10)).steps:
                    assert step.kind not in step_sentence(step, EUR, {}, lang)


@pytest.mark.parametrize(
    ("code", "minor", "english", "french"),
    [
        ("EUR", 123456, "€1,234.56", "1\u202f234,56\u00a0€"),
        ("EUR", -500, "-€5.00", "-5,00\u00a0€"),
        ("JPY", 1200, "JP¥1,200", "1\u202f200\u00a0JPY"),
        ("KWD", 1500, "KWD\u00a01.500", "1,500\u00a0KWD"),
        # CLDR would print no decimals here: what is billed has the two of ISO 4217.
        ("MGA", 150, "MGA\u00a01.50", "1,50\u00a0MGA"),
        ("EUR", 10**40 + 1, f"€{10**38:,}.01", f"{10**38:,}".replace(",", "\u202f") + ",01\u00a0€"),
    ],
)
def test_money_has_the_decimals_of_iso_4217(code: str, minor: int, english: str, french: str) -> None:
    assert money_text(Money(minor, currency(code)), "en") == english
    assert money_text(Money(minor, currency(code)), "fr") == french


def test_exact_figures_are_written_in_full() -> None:
    assert amount_text(D("0.000000123456"), EUR, "en") == "€0.000000123456"
    assert amount_text(D("12"), EUR, "en") == "€12.00"
    assert number_text(D("1E+3"), "en") == "1,000"
    assert number_text(D("123456789012345678.123456789012"), "en") == "123,456,789,012,345,678.123456789012"
    assert number_text(D("500.000"), "fr") == "500"
    assert percent_text(D("5.5"), "fr") == "5,5\u00a0%"
    assert percent_text(D(20), "en") == "20%"


def test_days_and_countries_in_words() -> None:
    assert date_text(date(2026, 12, 1), "fr") == "1er\u00a0décembre\u00a02026"
    assert date_text(date(2026, 12, 11), "fr") == "11\u00a0décembre\u00a02026"
    assert plain(date_text(date(2026, 12, 1), "en")) == "1 December 2026"
    assert plain(span_text(date(2026, 11, 1), date(2026, 11, 30), "fr")) == "du 1er au 30 novembre 2026"
    assert plain(span_text(date(2026, 10, 15), date(2026, 11, 14), "en")) == "15 October – 14 November 2026"
    assert (
        plain(span_text(date(2026, 12, 15), date(2027, 1, 14), "en")) == "15 December 2026 – 14 January 2027"
    )
    assert plain(span_text(date(2026, 2, 28), date(2026, 2, 28), "en")) == "28 February 2026"
    assert country_text("DE", "fr") == "Allemagne"
    assert country_text("Q9", "fr") == "Q9"


def test_a_language_without_a_file_is_read_in_english() -> None:
    assert words("fr-BE").lang == "fr"
    assert words("de").lang == "en"
    assert set(languages()) >= {"en", "fr"}


def test_every_language_says_the_same_things_with_the_same_values() -> None:
    english = words("en").sentences
    for lang in languages():
        other = words(lang).sentences
        assert set(other) == set(english)
        for key, sentence in english.items():
            # A language may leave a value out, such as a "per", but cannot ask for one that is not given.
            assert fields(other[key]) <= fields(sentence) | {"interval"}, (lang, key)


def test_french_typography_and_vocabulary() -> None:
    for key, sentence in words("fr").sentences.items():
        assert " ;" not in sentence, key
        assert " :" not in sentence, key
        for never in ("palier", "grand-père", "utilisation", "note de crédit", "anomalie", "dépassement"):
            assert never not in sentence.lower(), key


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


ROOMS = ("core", "ports", "documents", "billing", "storage", "connectors")
# Where a refusal's code is computed: the variable that holds it, and the class whose methods return it.
COMPUTED = {"why": "Readiness"}


def trees() -> dict[Path, ast.Module]:
    """Every module that refuses something."""
    root = Path(abaque.__file__).parent
    files = [file for room in ROOMS for file in sorted((root / room).rglob("*.py"))]
    return {file: ast.parse(file.read_text("utf-8")) for file in files}


def refusals(classes: list[ast.ClassDef]) -> dict[str, ast.ClassDef | None]:
    """Fault and what is made of it, by name."""
    found: dict[str, ast.ClassDef | None] = {"Fault": None}
    while more := {
        one.name: one
        for one in classes
        if one.name not in found
        and any(isinstance(base, ast.Name) and base.id in found for base in one.bases)
    }:
        found |= more
    return found


def own_init(one: ast.ClassDef | None) -> list[ast.AST]:
    """What a class does when it is made, where it does that itself."""
    body = one.body if one else []
    return [part for part in body if isinstance(part, ast.FunctionDef) and part.name == "__init__"]


def raised(trees: dict[Path, ast.Module]) -> Iterator[tuple[str, ast.Call]]:
    """Every call that gives a refusal its code, and where it stands."""
    classes = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    kinds = refusals(classes)
    plain = {name for name, kind in kinds.items() if not own_init(kind)}
    for file, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in plain:
                yield f"{file}:{node.lineno}", node
    for name, kind in kinds.items():
        for node in (node for init in own_init(kind) for node in ast.walk(init)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__":
                yield name, node


def codes(call: ast.Call, where: str, trees: dict[Path, ast.Module]) -> set[str]:
    """The code a call gives, or those it may give."""
    (code,) = call.args
    if isinstance(code, ast.Constant):
        return {str(code.value)}
    assert isinstance(code, ast.Name), f"{where} hides its code"
    assert code.id in COMPUTED, f"{where} hides its code"
    return {
        part.value
        for tree in trees.values()
        for one in ast.walk(tree)
        if isinstance(one, ast.ClassDef) and one.name == COMPUTED[code.id]
        for returned in ast.walk(one)
        if isinstance(returned, ast.Return)
        for part in ast.walk(returned)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }


def faults() -> list[tuple[str, frozenset[str]]]:
    """Every refusal of the rules, the documents, the verbs and the lists: its code and its parameters' names."""
    modules = trees()
    found = {
        (code, frozenset(word.arg or "" for word in call.keywords))
        for where, call in raised(modules)
        for code in codes(call, where, modules)
    }
    return sorted(found, key=lambda fault: (fault[0], sorted(fault[1])))


def test_refusals_are_found_however_they_are_raised() -> None:
    assert {
        ("forbidden", frozenset({"verb", "by"})),
        ("key_reused", frozenset({"key"})),
        ("not_sealed", frozenset({"invoice"})),
        ("still_open", frozenset({"invoice"})),
        ("bad_limit", frozenset({"limit", "most"})),
        ("bad_time", frozenset({"time"})),
    } <= set(faults())


@pytest.mark.parametrize(("code", "parameters"), faults())
def test_every_fault_has_its_sentence(code: str, parameters: frozenset[str]) -> None:
    for lang in languages():
        assert words(lang).has(f"fault.{code}"), f"{lang} has no sentence for {code}"
        assert fields(words(lang).sentences[f"fault.{code}"]) <= parameters


def test_no_sentence_is_kept_for_a_fault_that_is_gone() -> None:
    assert set(words("en").under("fault")) == {code for code, _ in faults()}


def test_a_fault_names_its_values_as_people_write_them() -> None:
    fault = Fault("tiers_out_of_order", tier=2, up_to=D("1000.50"), floor=D(5000))
    assert plain(fault_sentence(fault, "fr")) == (
        "La tranche 2 finit à 1 000,5, pas au-dessus de 5 000 où elle commence. Les bornes doivent croître."
    )
    start, end = datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    refused = Fault("ends_before_start", start=start, end=end)
    assert "on 1 November 2026, 00:00 UTC, not after" in plain(fault_sentence(refused, "en"))
    assert "le 1er novembre 2026 à 00:00 UTC, pas après" in plain(fault_sentence(refused, "fr"))
    pattern = fault_sentence(Fault("bad_number_pattern", pattern="F{x}"), "en")
    assert "F{x}" in pattern
    assert "{counter}" in pattern


@pytest.mark.parametrize(
    ("instant", "english"),
    [
        (datetime(2026, 11, 1, 14, 30, tzinfo=UTC), "1 November 2026, 14:30 UTC"),
        (datetime(2026, 11, 1, 14, 30, 5, tzinfo=UTC), "1 November 2026, 14:30:05 UTC"),
        (datetime(2026, 11, 1, 14, 30, 0, 250000, tzinfo=UTC), "1 November 2026, 14:30:00.250000 UTC"),
        (datetime(2026, 7, 1, tzinfo=ZoneInfo("Europe/Paris")), "1 July 2026, 00:00+02:00"),
        (
            datetime.max.replace(second=0, microsecond=0, tzinfo=timezone(-HOUR)),
            "31 December 9999, 23:59-01:00",
        ),
        (datetime(2026, 11, 1), "1 November 2026, 00:00"),  # noqa: DTZ001  # what has no offset is refused so
    ],
)
def test_an_instant_is_said_with_its_day_and_offset(instant: datetime, english: str) -> None:
    assert plain(fault_sentence(Fault("wibble", at=instant), "en")) == f"wibble (at: {english})"


def test_a_list_is_said_as_people_write_it() -> None:
    missing = Fault("legal_fields_missing", invoice="inv_1", fields=("issuer.vat_number", "buyer.city"))
    assert fault_sentence(missing, "en").startswith(
        "The invoice cannot be issued; it lacks: the issuer's VAT number, the customer's city. "
    )
    assert "il manque : le numéro de TVA de l'entité émettrice, la ville du client. " in plain(
        fault_sentence(missing, "fr")
    )
    differs = Fault("published_differs", changed=["plan pro"], details=["names: a, b → a", "version: 1 → 2"])
    assert "plan pro: names: a, b → a; version: 1 → 2. " in fault_sentence(differs, "en")
    assert fault_sentence(Fault("unknown_scope", scopes=[], known=("read",)), "en").endswith(": none.")
    assert fault_sentence(Fault("bad_email", email=""), "en").startswith('"" is not')


def test_every_field_the_law_asks_for_has_its_name() -> None:
    nobody = Party("", "", "", "", "")
    french = Party("", "", "", "", "FR")
    missing = {
        *required_fields(nobody, nobody, Treatment.REVERSE_CHARGE),
        *required_fields(french, nobody, Treatment.STANDARD),
    }
    assert missing == set(words("en").under("field"))


def test_an_unknown_fault_shows_its_code_and_values() -> None:
    said = fault_sentence(Fault("wibble", amount=Money(150, EUR), day=date(2026, 11, 1), who=None), "en")
    assert plain(said) == "wibble (amount: €1.50, day: 1 November 2026, who: none)"
    assert fault_sentence(Fault("wibble"), "fr") == "wibble"
    # A known code whose values are not all there is shown bare as well, never as an error.
    assert fault_sentence(Fault("unknown_zone"), "en") == "unknown_zone"
