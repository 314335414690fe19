"""Entries in a foreign currency, and what exchange rates gain or lose between invoice and payment.

Law: an entry that balances in its currency balances in the book currency, to the minor unit: postings are
worth the differences of their rounded cumulative amounts. Once an invoice is paid, in whatever parts and at
whatever rates, and the differences are posted, nothing of it is left in either currency.

Source: Directive 2006/112 art. 91 (the rate of the day tax falls due). Rates are dated facts with a source; they
come in as arguments.
"""

from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.money import Currency, Money, nearest, total

from .account import EXCHANGE
from .entry import Entry, Posting


def in_book(fact: Entry, rate: Decimal, book: Currency) -> Entry:
    """Return the entry with what each posting is worth in the book currency.

    `rate`: units of the book currency for one unit of the entry's. The first posting is converted exactly; a later
    one may differ by a minor unit from its own conversion. Faults `bad_exchange_rate`, `currencies_meet`.
    """
    if not rate.is_finite() or rate <= 0:
        raise Fault("bad_exchange_rate", rate=rate)
    postings: list[Posting] = []
    worth_before = 0
    for number, posting in enumerate(fact.postings, 1):
        moneys = (earlier.amount for earlier in fact.postings[:number])
        worth = _worth(total(moneys, posting.amount.currency), rate, book)
        postings.append(Posting(posting.account, posting.amount, Money(worth - worth_before, book)))
        worth_before = worth
    return Entry(fact.kind, tuple(postings))


def exchange_difference(customer: str, currency: Currency, booked: Money, received: Money) -> Entry:
    """Return the entry of what a payment brought more (a gain) or less than what it paid was booked at.

    Both are in the book currency; of an invoice paid in part, `booked` is the cumulative share of what it was booked
    at. In the `currency` of the invoice nothing moves.
    """
    gain, nothing = received - booked, Money.zero(currency)
    return Entry(
        "exchange_difference",
        (Posting(f"receivable:{customer}", nothing, gain), Posting(EXCHANGE, nothing, -gain)),
    )


def _worth(money: Money, rate: Decimal, book: Currency) -> int:
    upper, lower = rate.as_integer_ratio()
    return nearest(money.minor * upper * 10**book.digits, lower * 10**money.currency.digits)
