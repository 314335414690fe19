"""What is bought ahead, and what a code takes off, each in one sentence."""

from collections.abc import Iterator

from abaque.core.invoicing import CreditPack, Promotion
from abaque.documents.words.figures import instant_text, joined, money_text, number_text, percent_text
from abaque.documents.words.intervals import length_text
from abaque.documents.words.language import words


def credit_sentence(pack: CreditPack, lang: str) -> str:
    """Say a credit pack: what it costs and brings, until when and for which charges (by their codes)."""
    say = words(lang)
    form = "both" if pack.paid.minor and pack.given.minor else "paid" if pack.paid.minor else "given"
    worth = say.say(f"credit.{form}", paid=money_text(pack.paid, lang), given=money_text(pack.given, lang))
    return _sentence((worth, *_credit_notes(pack, lang)), lang)


def _credit_notes(pack: CreditPack, lang: str) -> Iterator[str]:
    say = words(lang)
    if pack.expires is None:
        yield say.say("credit.never")
    else:
        yield say.say("credit.expires", length=length_text(pack.expires, lang))
    if pack.charges is not None:
        yield say.say("credit.charges", charges=joined(pack.charges, lang))
    if pack.top_up is not None:
        yield say.say("credit.top_up", amount=money_text(pack.top_up, lang))


def promotion_sentence(promotion: Promotion, lang: str) -> str:
    """Say a promotion: what it takes off, of what, when and for whom; charges and plans by their codes."""
    discount = promotion.discount
    off = (
        percent_text(discount.percent, lang)
        if discount.percent is not None
        else money_text(discount.amount, lang)
        if discount.amount is not None
        else ""
    )
    return _sentence((words(lang).say("promotion.off", off=off), *_promotion_notes(promotion, lang)), lang)


def _promotion_notes(promotion: Promotion, lang: str) -> Iterator[str]:
    say, discount, window = words(lang), promotion.discount, promotion.window
    yield say.say("promotion.always") if discount.times is None else _counted("times", discount.times, lang)
    if discount.charges is not None:
        yield say.say("promotion.charges", charges=joined(discount.charges, lang))
    if promotion.plans is not None:
        yield say.say("promotion.plans", plans=joined(promotion.plans, lang))
    if window is not None:
        start, end = instant_text(window.start, lang), instant_text(window.end, lang)
        yield say.say("promotion.window", start=start, end=end)
    if promotion.new_customers:
        yield say.say("promotion.new_customers")
    if promotion.limit is not None:
        yield _counted("limit", promotion.limit, lang)
    if promotion.limit_per_customer is not None:
        yield _counted("limit_per_customer", promotion.limit_per_customer, lang)


def _counted(what: str, count: int, lang: str) -> str:
    form = "one" if count == 1 else "many"
    return words(lang).say(f"promotion.{what}.{form}", count=number_text(count, lang))


def _sentence(clauses: tuple[str, ...], lang: str) -> str:
    """Put clauses, which may hold lists of their own, into one sentence."""
    say = words(lang)
    return say.say("figures.sentence", clauses=say.say("figures.apart").join(clauses))
