"""A plan says itself: each charge in one sentence, and each thing it asks or grants beside them in another."""

from collections.abc import Mapping
from decimal import Decimal

from abaque.core.money import Currency
from abaque.core.period import Interval, Unit
from abaque.core.pricing import Charge, Clause, Commitment, Entitlement, Phase, Plan, Term, Trial, clauses
from abaque.documents.words.figures import amount_text, joined, number_text, percent_text
from abaque.documents.words.intervals import length_text, per_text
from abaque.documents.words.language import FALLBACK, words
from abaque.documents.words.noun import noun
from abaque.documents.words.price import price_sentence

#: The nouns of a meter's unit per language, by meter.
UnitNames = Mapping[str, Mapping[str, str]]


def plan_sentences(plan: Plan, unit_names_by_meter: UnitNames, lang: str) -> list[str]:
    """Say a plan: its charges in the order of its invoices, then its clauses, a sentence for each.

    There are as many as `core.pricing.sentences_needed` says.
    """
    charges = charge_sentences(
        plan.charges, plan.currency, unit_names_by_meter, lang, interval=_interval(plan)
    )
    return [*charges, *(_clause(clause, plan, unit_names_by_meter, lang) for clause in clauses(plan))]


def charge_sentences(
    charges: tuple[Charge, ...],
    currency: Currency,
    unit_names_by_meter: UnitNames,
    lang: str,
    *,
    interval: Interval | None = None,
) -> list[str]:
    """Say charges, of a plan or an add-on, each with its name. interval: the plan's, None where it is not known."""
    say = words(lang)
    return [
        say.say(
            "plan.charge",
            name=charge.names.get(say.lang) or charge.names.get(FALLBACK) or charge.code,
            price=price_sentence(
                charge, currency, unit_names_by_meter.get(charge.meter or "", {}), lang, interval=interval
            ),
        )
        for charge in charges
    ]


def _interval(plan: Plan) -> Interval | None:
    """Return how often a plan is billed; days that it lists have no interval."""
    return None if plan.dates else plan.interval


def _clause(clause: Clause, plan: Plan, unit_names_by_meter: UnitNames, lang: str) -> str:
    match clause:
        case Clause.SPEND:
            return _spend(plan, lang)
        case Clause.COMMITMENT:
            assert plan.commitment is not None
            return _commitment(plan.commitment, plan, lang)
        case Clause.PHASES:
            return _phases(plan.phases, lang)
        case Clause.TRIAL:
            assert plan.trial is not None
            return _trial(plan.trial, lang)
        case Clause.TERM:
            assert plan.term is not None
            return _term(plan.term, lang)
        case Clause.LIMITS:
            per = per_text(_interval(plan), lang)
            limits = [_limit(one, unit_names_by_meter, per, lang) for one in plan.entitlements if one.limited]
            say = words(lang)
            return say.say("plan.limits", limits=say.say("figures.apart").join(limits))


def _spend(plan: Plan, lang: str) -> str:
    say, per = words(lang), per_text(_interval(plan), lang)
    bounds = (("price.minimum", plan.minimum), ("price.maximum", plan.maximum))
    said = (
        say.say(key, amount=amount_text(amount, plan.currency, lang), per=per)
        for key, amount in bounds
        if amount is not None
    )
    return say.say("plan.spend", bounds=joined(said, lang))


def _commitment(commitment: Commitment, plan: Plan, lang: str) -> str:
    per = per_text(commitment.interval or _interval(plan), lang)
    return words(lang).say(
        "plan.commitment", amount=amount_text(commitment.amount, plan.currency, lang), per=per
    )


def _phases(phases: tuple[Phase, ...], lang: str) -> str:
    say = words(lang)
    said = (
        say.say(
            f"plan.phase.{'next' if place else 'first'}_{'one' if phase.periods == 1 else 'many'}",
            percent=percent_text(phase.percent_off, lang),
            count=number_text(phase.periods, lang),
        )
        for place, phase in enumerate(phases)
    )
    return say.say("plan.phases", phases=joined(said, lang))


def _trial(trial: Trial, lang: str) -> str:
    return words(lang).say("plan.trial", length=_days(trial.days, lang))


def _term(term: Term, lang: str) -> str:
    form = "term_renews" if term.renews else "term_ends"
    return words(lang).say(f"plan.{form}", length=length_text(term.interval, lang))


def _limit(entitlement: Entitlement, unit_names_by_meter: UnitNames, per: str, lang: str) -> str:
    say, feature = words(lang), entitlement.feature
    if not entitlement.allowed:
        return say.say("plan.limit.none", feature=feature)
    limit = number_text(entitlement.limit or Decimal(0), lang)
    if entitlement.meter is None:
        said = say.say("plan.limit.held", feature=feature, limit=limit)
    else:
        unit = noun(unit_names_by_meter.get(entitlement.meter, {}), lang)
        said = say.say("plan.limit.used", feature=feature, limit=limit, unit=unit, per=per)
    if entitlement.soft and entitlement.grace_days:
        return say.say("plan.limit.soft", limit=said, length=_days(entitlement.grace_days, lang))
    return said


def _days(count: int, lang: str) -> str:
    return length_text(Interval(Unit.DAY, count), lang)
