"""A plan, a credit pack and a promotion in words a customer reads, and as many sentences as the rules count."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.invoicing import CreditPack, Discount, Promotion
from abaque.core.money import Money, currency
from abaque.core.period import Alignment, Interval, Span, Unit
from abaque.core.pricing import (
    Charge,
    Commitment,
    Entitlement,
    Flat,
    Phase,
    Plan,
    Term,
    Trial,
    sentences_needed,
)
from abaque.documents.words import (
    charge_sentences,
    credit_sentence,
    languages,
    plan_sentences,
    promotion_sentence,
)

D = Decimal
EUR = currency("EUR")
MONTH, YEAR = Interval(Unit.MONTH), Interval(Unit.YEAR)
FEE = Charge("base", Flat(D(49)), names={"en": "Monthly fee", "fr": "Abonnement mensuel"})
PLAN = Plan("pro", 1, EUR, MONTH, Alignment.CALENDAR, (FEE,))
UNITS = {"docs": {"en": "document", "fr": "document"}}
CHARGE = (
    "Monthly fee: €49.00 per month; billed at the end of the period, part periods by the day.",
    "Abonnement mensuel : 49,00 € par mois ; facturé à terme échu, une période incomplète se compte au jour près.",
)


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


CLAUSES = [
    (
        {"minimum": D(10)},
        "All charges together: at least €10.00 per month.",
        "Tous les éléments tarifaires ensemble : au moins 10,00 € par mois.",
    ),
    (
        {"minimum": D(0), "maximum": D(500)},
        "All charges together: at least €0.00 per month, at most €500.00 per month.",
        "Tous les éléments tarifaires ensemble : au moins 0,00 € par mois, au plus 500,00 € par mois.",
    ),
    (
        {"commitment": Commitment(D(100))},
        "Commitment: at least €100.00 per month; what is missing is billed at the end.",
        "Engagement : au moins 100,00 € par mois ; ce qui manque est facturé à la fin.",
    ),
    (
        {"commitment": Commitment(D(1200), YEAR)},
        "Commitment: at least €1,200.00 per year; what is missing is billed at the end.",
        "Engagement : au moins 1 200,00 € par an ; ce qui manque est facturé à la fin.",
    ),
    (
        {"phases": (Phase(3, D(100)), Phase(1, D(50)), Phase(2, D("2.5")))},
        (
            "To begin with: 100% off in the first 3 billing periods, then 50% off in the next one, "
            "then 2.5% off in the next 2; after that, the full price."
        ),
        (
            "Pour commencer : 100 % de réduction sur les 3 premières périodes de facturation, puis 50 % sur la "
            "suivante, puis 2,5 % sur les 2 suivantes ; ensuite, le prix entier."
        ),
    ),
    (
        {"phases": (Phase(1, D(20)),)},
        "To begin with: 20% off in the first billing period; after that, the full price.",
        (
            "Pour commencer : 20 % de réduction sur la première période de facturation ; ensuite, le prix "
            "entier."
        ),
    ),
    (
        {"trial": Trial(14)},
        "Trial: free for 14 days, usage included.",
        "Essai : gratuit pendant 14 jours, consommation comprise.",
    ),
    (
        {"trial": Trial(1)},
        "Trial: free for one day, usage included.",
        "Essai : gratuit pendant un jour, consommation comprise.",
    ),
    (
        {"term": Term(YEAR)},
        "Term: one year, then renewed for as long each time.",
        "Durée : un an, puis reconduction chaque fois pour la même durée.",
    ),
    (
        {"term": Term(Interval(Unit.WEEK, 6), renews=False)},
        "Term: 6 weeks, after which the subscription ends.",
        "Durée : 6 semaines, après quoi l'abonnement prend fin.",
    ),
    (
        {
            "entitlements": (
                Entitlement("sso"),
                Entitlement("export", allowed=False),
                Entitlement("projects", limit=D(10)),
                Entitlement("documents", limit=D(5000), meter="docs", soft=True, grace_days=7),
                Entitlement("calls", limit=D(0), meter="calls", soft=True, grace_days=0),
            )
        },
        (
            "Limits: export: not included; projects: 10; documents: 5,000 × document per month, may be passed for "
            "7 days; calls: 0 × unit per month."
        ),
        (
            "Limites : export : non compris ; projects : 10 ; documents : 5 000 × document par mois, à ne pas "
            "excéder plus de 7 jours ; calls : 0 × unité par mois."
        ),
    ),
]


@pytest.mark.parametrize(("said", "english", "french"), CLAUSES)
def test_each_clause_is_one_sentence_after_the_charges(
    said: dict[str, object], english: str, french: str
) -> None:
    plan = replace(PLAN, **said)
    assert [plain(one) for one in plan_sentences(plan, UNITS, "en")] == [CHARGE[0], english]
    assert [plain(one) for one in plan_sentences(plan, UNITS, "fr")] == [CHARGE[1], french]


def test_what_is_granted_freely_needs_no_sentence() -> None:
    plan = replace(PLAN, entitlements=(Entitlement("sso"),), benefits={"en": ("Help",), "fr": ("Aide",)})
    assert [plain(one) for one in plan_sentences(plan, {}, "fr")] == [CHARGE[1]]


def test_a_plan_billed_on_listed_days_says_no_interval() -> None:
    plan = replace(PLAN, dates=((1, 31), (6, 30)), minimum=D(10))
    fee, spend = plan_sentences(plan, {}, "en")
    assert fee.startswith("Monthly fee: €49.00 per period;")
    assert spend == "All charges together: at least €10.00 per period."


def test_a_charge_without_a_name_is_called_by_its_code() -> None:
    bare, english = replace(FEE, names={}), replace(FEE, names={"en": "Fee"})
    assert [plain(one).partition(":")[0] for one in charge_sentences((bare, english), EUR, {}, "fr")] == [
        "base ",
        "Fee ",
    ]


money = st.integers(0, 1000).map(Decimal)
interval = st.builds(Interval, st.sampled_from(Unit), st.integers(1, 12))
plans = st.builds(
    lambda charges, bounds, **said: Plan(
        "p",
        1,
        EUR,
        MONTH,
        Alignment.CALENDAR,
        tuple(Charge(f"c{place}", Flat(D(place))) for place in range(charges)),
        minimum=bounds[0],
        maximum=None if bounds[1] is None else (bounds[0] or D(0)) + bounds[1],
        **said,
    ),
    st.integers(0, 8),
    st.tuples(st.none() | money, st.none() | money),
    commitment=st.none() | st.builds(Commitment, money, st.none() | interval),
    trial=st.none() | st.builds(Trial, st.integers(1, 60)),
    term=st.none() | st.builds(Term, interval, st.booleans()),
    phases=st.lists(st.builds(Phase, st.integers(1, 12), st.integers(0, 100).map(Decimal)), max_size=3).map(
        tuple
    ),
    entitlements=st.lists(
        st.builds(Entitlement, st.just("f"), allowed=st.booleans())
        | st.builds(
            Entitlement,
            st.just("f"),
            limit=money,
            meter=st.sampled_from([None, "docs", "x"]),
            soft=st.booleans(),
        ),
        max_size=3,
    ).map(lambda found: tuple(replace(one, feature=f"f{place}") for place, one in enumerate(found))),
)


@given(plans)
def test_a_plan_takes_as_many_sentences_as_the_rules_count(plan: Plan) -> None:
    for lang in languages():
        said = plan_sentences(plan, UNITS, lang)
        assert len(said) == sentences_needed(plan)
        assert len(set(said)) == len(said)
        assert all(one.endswith(".") and "{" not in one for one in said)


def eur(minor: int) -> Money:
    return Money(minor, EUR)


PACKS = [
    (
        CreditPack("c", eur(10000), eur(1000), YEAR, 1, ("tokens", "calls"), eur(2000)),
        (
            "€100.00 of credit and €10.00 on top; valid for one year; only for tokens, calls; bought again when less "
            "than €20.00 is left."
        ),
        (
            "100,00 € de crédit et 10,00 € offerts en plus ; valable un an ; seulement pour tokens, calls ; racheté "
            "quand il reste moins de 20,00 €."
        ),
    ),
    (
        CreditPack("c", eur(10000), eur(0)),
        "€100.00 of credit; no expiry.",
        "100,00 € de crédit ; sans expiration.",
    ),
    (
        CreditPack("c", eur(0), eur(500), Interval(Unit.DAY, 90)),
        "€5.00 of credit as a gift; valid for 90 days.",
        "5,00 € de crédit offerts ; valable 90 jours.",
    ),
]


@pytest.mark.parametrize(("pack", "english", "french"), PACKS)
def test_a_credit_pack_says_itself_in_one_sentence(pack: CreditPack, english: str, french: str) -> None:
    assert plain(credit_sentence(pack, "en")) == english
    assert plain(credit_sentence(pack, "fr")) == french


WINDOW = Span(datetime(2026, 11, 26, 23, tzinfo=UTC), datetime(2026, 11, 29, 23, tzinfo=UTC))
PROMOTIONS = [
    (
        Promotion("C", Discount("C", D(20)), limit_per_customer=None),
        "20% off; on every invoice.",
        "20 % de réduction ; sur chaque facture.",
    ),
    (
        Promotion(
            "C",
            Discount("C", amount=eur(500), times=3, charges=("base", "docs")),
            WINDOW,
            ("pro", "solo"),
            new_customers=True,
            limit=100,
        ),
        (
            "€5.00 off; on 3 invoices; only on base, docs; only with pro, solo; from 26 November 2026, 23:00 UTC until "
            "29 November 2026, 23:00 UTC; for new customers only; 100 times in all; once per customer."
        ),
        (
            "5,00 € de réduction ; sur 3 factures ; seulement sur base, docs ; seulement avec pro, solo ; du 26 "
            "novembre 2026 à 23:00 UTC au 29 novembre 2026 à 23:00 UTC ; pour les nouveaux clients seulement ; "
            "100 fois en tout ; une fois par client."
        ),
    ),
    (
        Promotion("C", Discount("C", D("2.5"), times=1), limit=1, limit_per_customer=2),
        "2.5% off; on one invoice; once in all; 2 times per customer.",
        "2,5 % de réduction ; sur une facture ; une fois en tout ; 2 fois par client.",
    ),
]


@pytest.mark.parametrize(("promotion", "english", "french"), PROMOTIONS)
def test_a_promotion_says_itself_in_one_sentence(promotion: Promotion, english: str, french: str) -> None:
    assert plain(promotion_sentence(promotion, "en")) == english
    assert plain(promotion_sentence(promotion, "fr")) == french
