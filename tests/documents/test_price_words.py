"""Each model of price, and each step of it, in words a customer reads."""

from dataclasses import replace
from decimal import Decimal

import pytest

from abaque.core.money import currency
from abaque.core.period import Interval, Unit
from abaque.core.pricing import (
    Allowance,
    Bill,
    Cell,
    Charge,
    Dynamic,
    Graduated,
    GraduatedPercentage,
    Matrix,
    Package,
    Percentage,
    PercentTier,
    PerUnit,
    Rollover,
    Step,
    Tier,
    Volume,
)
from abaque.documents.words import price_sentence, step_sentence

EUR = currency("EUR")
UNIT = {"en": "minute", "fr": "minute"}
LAST = Tier(None, Decimal(1))
STAIR = Tier(None, Decimal(0), Decimal(15))
MONTH = Interval(Unit.MONTH)
CARD = Percentage(Decimal("1.4"), Decimal("0.25"), minimum=Decimal("0.50"), maximum=Decimal(10))


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


PRICES = [
    (
        Charge("calls", Package(Decimal(1000), Decimal(5)), "calls"),
        "€5.00 per begun 1,000 × minute; billed at the end of the period.",
        "5,00 € par lot entamé de 1 000 × minute ; facturé à terme échu.",
    ),
    (
        Charge(
            "fees",
            Percentage(Decimal("1.4"), Decimal("0.25"), minimum=Decimal("0.50"), maximum=Decimal(10)),
            "paid",
        ),
        (
            "1.4% of the amount plus €0.25 each, at least €0.50 each, at most €10.00 each; "
            "billed at the end of the period."
        ),
        (
            "1,4 % du montant plus 0,25 € chacun, au moins 0,50 € chacun, au plus 10,00 € chacun ; "
            "facturé à terme échu."
        ),
    ),
    (
        Charge("fees", Percentage(Decimal(2), free_events=3, free_amount=Decimal(100)), "paid"),
        "2% of the amount, the first 3 free until €100.00 is reached; billed at the end of the period.",
        "2 % du montant, les 3 premiers gratuits jusqu'à 100,00 € ; facturé à terme échu.",
    ),
    (
        Charge(
            "fees",
            GraduatedPercentage(
                (PercentTier(Decimal(1000), Decimal(2)), PercentTier(None, Decimal(1), Decimal(5)))
            ),
            "paid",
        ),
        (
            "Graduated: 2% of the amount up to €1,000.00, 1% beyond (plus €5.00 for the tier); "
            "billed at the end of the period."
        ),
        (
            "Par tranches : 2 % du montant jusqu'à 1 000,00 €, 1 % au-delà (plus 5,00 € pour la tranche) ; "
            "facturé à terme échu."
        ),
    ),
    (
        Charge("calls", PerUnit(Decimal("0.05"), Decimal(1000)), "calls"),
        "€0.05 per 1,000 × minute; billed at the end of the period.",
        "0,05 € par 1 000 × minute ; facturé à terme échu.",
    ),
    (
        Charge(
            "calls",
            Graduated((Tier(Decimal(5000), Decimal(2), Decimal(9)), LAST), per=Decimal(1000)),
            "calls",
        ),
        (
            "Graduated: €2.00 per 1,000 × minute up to 5,000 (plus €9.00 for the tier), €1.00 beyond; "
            "billed at the end of the period."
        ),
        (
            "Par tranches : 2,00 € par 1 000 × minute jusqu'à 5 000 (plus 9,00 € pour la tranche), 1,00 € au-delà ; "
            "facturé à terme échu."
        ),
    ),
    (
        Charge(
            "calls", Graduated((Tier(Decimal(500), Decimal(2)), LAST), per=Decimal(100), whole=True), "calls"
        ),
        "Graduated: €2.00 per begun 100 × minute up to 500, €1.00 beyond; billed at the end of the period.",
        "Par tranches : 2,00 € par lot entamé de 100 × minute jusqu'à 500, 1,00 € au-delà ; facturé à terme échu.",
    ),
    (
        Charge(
            "calls", Volume((Tier(Decimal(500), Decimal(2)), LAST), per=Decimal(100), whole=True), "calls"
        ),
        (
            "The tier reached sets the price of every begun 100 × minute: €2.00 per begun 100 × minute up to 500, "
            "€1.00 beyond; billed at the end of the period."
        ),
        (
            "La tranche atteinte fixe le prix de chaque lot entamé de 100 × minute : 2,00 € par lot entamé de "
            "100 × minute jusqu'à 500, 1,00 € au-delà ; facturé à terme échu."
        ),
    ),
    (
        Charge(
            "calls",
            Volume(
                (Tier(Decimal(500), Decimal(2), Decimal(9)), replace(LAST, flat=Decimal(5))),
                flat_at_zero=False,
            ),
            "calls",
        ),
        (
            "The tier reached sets the price of every minute: €2.00 per minute up to 500 (plus €9.00 for the tier "
            "once begun), €1.00 beyond (plus €5.00 for the tier); billed at the end of the period."
        ),
        (
            "La tranche atteinte fixe le prix de chaque minute : 2,00 € par minute jusqu'à 500 (plus 9,00 € pour la "
            "tranche dès qu'elle est entamée), 1,00 € au-delà (plus 5,00 € pour la tranche) ; facturé à terme échu."
        ),
    ),
    (
        Charge("calls", Volume((Tier(Decimal(500), Decimal(0), Decimal(9)), STAIR)), "calls"),
        (
            "The tier reached sets the price of every minute: €9.00 for the tier up to 500, €15.00 for the tier "
            "beyond; billed at the end of the period."
        ),
        (
            "La tranche atteinte fixe le prix de chaque minute : 9,00 € pour la tranche jusqu'à 500, 15,00 € pour la "
            "tranche au-delà ; facturé à terme échu."
        ),
    ),
    (
        Charge("calls", Graduated((STAIR,), flat_at_zero=False), "calls"),
        "Graduated: €15.00 for the tier (once begun); billed at the end of the period.",
        "Par tranches : 15,00 € pour la tranche (dès qu'elle est entamée) ; facturé à terme échu.",
    ),
    (
        Charge(
            "fees",
            GraduatedPercentage((PercentTier(None, Decimal(1), Decimal(5)),), flat_at_zero=False),
            "paid",
        ),
        "Graduated: 1% of the amount (plus €5.00 for the tier once begun); billed at the end of the period.",
        (
            "Par tranches : 1 % du montant (plus 5,00 € pour la tranche dès qu'elle est entamée) ; "
            "facturé à terme échu."
        ),
    ),
    (
        Charge("cloud", Dynamic(Decimal(120)), "cloud"),
        "120% of the amount that comes with each use; billed at the end of the period.",
        "120 % du montant que porte chaque événement ; facturé à terme échu.",
    ),
    (
        Charge(
            "calls",
            Matrix(("zone",), (Cell(("eu",), PerUnit(Decimal("0.05"))),), PerUnit(Decimal("0.50"))),
            "calls",
        ),
        "By zone: eu: €0.05 per minute; all others: €0.50 per minute; billed at the end of the period.",
        "Par zone : eu : 0,05 € par minute ; tous les autres : 0,50 € par minute ; facturé à terme échu.",
    ),
    (
        Charge("seats", PerUnit(Decimal(12)), bill=Bill.ADVANCE, quantity="seats", minimum=Decimal(36)),
        "€12.00 per minute per month; at least €36.00 per month, billed in advance, part periods by the day.",
        (
            "12,00 € par minute par mois ; au moins 36,00 € par mois, facturé d'avance, "
            "une période incomplète se compte au jour près."
        ),
    ),
    (
        Charge(
            "calls",
            PerUnit(Decimal("0.05")),
            "calls",
            allowance=Allowance(
                Decimal(100),
                by_month=((7, Decimal(300)), (8, Decimal(300))),
                rollover=Rollover(2, Decimal(150)),
            ),
        ),
        (
            "100 (300 in July, August) included per month; beyond that, €0.05 per minute; unused units stay usable "
            "for 2 more periods, up to 150, billed at the end of the period, the included quantity of a part period "
            "by the day."
        ),
        (
            "100 (300 en juillet, août) inclus par mois ; au-delà de l'inclus, 0,05 € par minute ; l'inclus non "
            "consommé reste disponible 2 périodes de plus, 150 au plus, facturé à terme échu, l'inclus d'une période "
            "incomplète se compte au jour près."
        ),
    ),
    (
        Charge(
            "calls",
            PerUnit(Decimal("0.05")),
            "calls",
            allowance=Allowance(Decimal(1200), Interval(Unit.YEAR)),
        ),
        (
            "1,200 included per year; beyond that, €0.05 per minute; billed at the end of the period, the included "
            "quantity of a part period by the day."
        ),
        (
            "1 200 inclus par an ; au-delà de l'inclus, 0,05 € par minute ; facturé à terme échu, l'inclus d'une "
            "période incomplète se compte au jour près."
        ),
    ),
]


@pytest.mark.parametrize(("charge", "english", "french"), PRICES)
def test_every_model_says_itself_in_one_sentence(charge: Charge, english: str, french: str) -> None:
    assert plain(price_sentence(charge, EUR, UNIT, "en", interval=MONTH)) == english
    assert plain(price_sentence(charge, EUR, UNIT, "fr", interval=MONTH)) == french


STEPS = [
    (
        Step("package", Decimal(2), Decimal(5), Decimal(10), Decimal(1800), Decimal(1000)),
        "2 × €5.00 (packages of 1,000) for 1,800 minute = €10.00",
        "2 × 5,00 € (lots de 1 000) pour 1 800 minute = 10,00 €",
    ),
    (
        Step("percent", Decimal(1010), Decimal("1.4"), Decimal("14.14")),
        "1.4% of €1,010.00 = €14.14",
        "1,4 % de 1 010,00 € = 14,14 €",
    ),
    (
        Step("percent_tier", Decimal(500), Decimal(1), Decimal(5), Decimal(1000)),
        "Above €1,000.00: 1% of €500.00 = €5.00",
        "Au-delà de 1 000,00 € : 1 % de 500,00 € = 5,00 €",
    ),
    (Step("free", Decimal(20), Decimal(0), Decimal(0)), "Free of charge: €20.00", "Gratuit : 20,00 €"),
    (
        Step("per_event", Decimal(2), Decimal("0.25"), Decimal("0.50")),
        "2 × €0.25 each = €0.50",
        "2 × 0,25 € chacun = 0,50 €",
    ),
    (
        Step("event_maximum", Decimal(1), Decimal(10), Decimal("-4.25")),
        "1 cut to the maximum of €10.00 each: -€4.25",
        "1 ramenés au maximum de 10,00 € chacun : -4,25 €",
    ),
    (
        Step("minimum", Decimal(0), Decimal(5), Decimal(2)),
        "Raised to the minimum of €5.00: €2.00",
        "Relevé au minimum de 5,00 € : 2,00 €",
    ),
    (
        Step("billed_before", Decimal(0), None, Decimal(-20)),
        "Already billed in this period: -€20.00",
        "Déjà facturé pour cette période : -20,00 €",
    ),
    (
        Step("per_unit", Decimal(3), Decimal("0.05"), Decimal("0.15"), cell=("eu", "peak")),
        "Eu / peak: 3 × €0.05 per minute = €0.15",
        "Eu / peak : 3 × 0,05 € par minute = 0,15 €",
    ),
    (
        Step("per_unit", Decimal(3), Decimal("0.05"), Decimal("0.15"), cell=()),
        "Others: 3 × €0.05 per minute = €0.15",
        "Autres : 3 × 0,05 € par minute = 0,15 €",
    ),
]


@pytest.mark.parametrize(("step", "english", "french"), STEPS)
def test_every_step_of_them_says_itself(step: Step, english: str, french: str) -> None:
    assert plain(step_sentence(step, EUR, UNIT, "en")) == english
    assert plain(step_sentence(step, EUR, UNIT, "fr")) == french
