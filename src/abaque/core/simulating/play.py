"""Playing a customer's months: the same functions as billing, in the same order, and no rule of its own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from abaque.core.invoicing import (
    Credit,
    CreditNote,
    CreditPack,
    Deposit,
    Discount,
    Invoice,
    Line,
    credits_left,
    discounts_left,
    draft,
    expired,
    granted,
)
from abaque.core.money import total
from abaque.core.period import local_day, local_midnight
from abaque.core.pricing import Usage
from abaque.core.subscription import (
    Advance,
    Due,
    Event,
    History,
    Kind,
    Owed,
    Subscription,
    bill,
    minimums,
    moved,
    noted,
    settle,
    settle_usage,
)
from abaque.core.tax import Rate

from .books import Books

#: What may happen to a customer: something to the subscription, a discount redeemed, a credit given or bought, a
#: pack of credits bought, a deposit paid, a line charged by hand.
Happening = Event | Discount | Credit | CreditPack | Deposit | Line
#: An invoice that only usage learnt late calls for waits so many local days for another one to come.
CLOSING = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Life:
    """A customer's subscription as it happens, in one zone, taxed at one rate.

    `happened`: what happens when, in any order; of one instant in this one. `usage` gives a meter's value in a due
    charge's span as it is known at an instant, and is asked for metered charges only; for an allowance that is a
    pool of its own, also in the part of the span that lies in each of its periods. `learnt`: the instants at which
    usage of an earlier time became known.
    """

    zone: str
    happened: tuple[tuple[datetime, Happening], ...]
    usage: Callable[[Due, datetime], Usage | Decimal]
    tax: Rate
    learnt: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Played:
    """What one instant brings: credit notes, each of the invoice of that place, then an invoice.

    The invoices of a life are counted from 0. A line that is zero stands on it like any other; where all are, and
    they fall due within a period, there is no invoice. `charged` is what the first lines of the invoice are for; the
    others were charged by hand or waited from before. `bought` are the credits bought again because little was left.
    """

    at: datetime
    invoice: Invoice | None
    credit_notes: tuple[tuple[int, CreditNote], ...] = ()
    charged: tuple[Owed, ...] = ()
    bought: tuple[Credit, ...] = ()


def play(life: Life, *, until: datetime) -> tuple[Played, ...]:
    """Return what is invoiced and credited up to and including `until`, oldest first.

    All that falls due in one instant stands on one invoice. What is given back is a credit note of the invoice it
    was on, whose amount pays the next invoices; what it cannot take (the invoice had negative lines) is a
    negative line. Law: playing until a later instant begins with what playing until an earlier one gave. Faults:
    those of the events and of rating.
    """
    state = _State(Subscription(life.zone))
    found: list[Played] = []
    at: datetime | None = None
    while (at := _next(life, state, at, until)) is not None:
        played = _instant(life, state, at)
        if played.invoice is not None or played.credit_notes:
            found.append(played)
    return tuple(found)


@dataclass(slots=True)
class _State:
    """Where a life stands between two instants."""

    subscription: Subscription
    discounts: tuple[Discount, ...] = ()
    held: tuple[Credit, ...] = ()
    packs: tuple[CreditPack, ...] = ()
    deposits: tuple[Deposit, ...] = ()
    waiting: tuple[Line, ...] = ()
    books: Books = field(default_factory=Books)
    planned: tuple[History, list[datetime]] | None = None


def _next(life: Life, state: _State, after: datetime | None, until: datetime) -> datetime | None:
    """Return the next instant at which something happens or falls due, or that closes what no invoice followed."""
    subscription = state.subscription
    if state.planned is None or state.planned[0] != subscription.history:
        dues = [item.due.due_at for item in bill(subscription, until=until)]
        dues += [item.due.due_at for item, _ in minimums(subscription, until=until)]
        state.planned = subscription.history, sorted({*(at for at, _ in life.happened), *dues})
    ahead = [at for at in state.planned[1] if after is None or at > after]
    if after is not None:
        closing = (local_day(at, life.zone) + CLOSING for at in life.learnt if after < at)
        ahead += [local_midnight(day, life.zone) for day in closing]
    return min((at for at in ahead if at <= until), default=None)


def _instant(life: Life, state: _State, at: datetime) -> Played:
    by_hand: list[Line] = []
    reason = Advance.__name__
    for number, (when, what) in enumerate(life.happened):
        if when != at:
            continue
        match what:
            case Discount():
                state.discounts = (*state.discounts, what)
            case Credit():
                state.held = (*state.held, what)
            case CreditPack():
                state.held = (*state.held, *granted(what, str(number), at, life.zone))
                state.packs = (*state.packs, what)
            case Deposit():
                state.deposits = (*state.deposits, what)
            case Line():
                by_hand.append(what)
            case _:
                event = replace(what, key=what.key or f"#{number}")
                state.subscription = moved(state.subscription, event, at)
                reason = type(what).__name__
    if not state.subscription.history and not state.subscription.invoiced:
        return _documents(life, state, at, (), by_hand)
    state.subscription, fees = settle(state.subscription, at, reason)
    state.subscription, used = settle_usage(state.subscription, at, lambda due: life.usage(due, at), reason)
    return _documents(life, state, at, _in_turn(fees, used), by_hand)


def _in_turn(fees: Sequence[Owed], used: Sequence[Owed]) -> tuple[Owed, ...]:
    """Return credits first; of charges, usage of the time before comes before fees of the time to come."""
    both = (*used, *fees)
    return tuple(sorted(both, key=lambda owed: (owed.kind is Kind.CHARGE, owed.whole.start)))


def _documents(
    life: Life, state: _State, at: datetime, owed: Sequence[Owed], by_hand: Sequence[Line]
) -> Played:
    """Write credit notes, then the invoice, and note what was really invoiced."""
    backs = [one for one in owed if one.kind is Kind.CREDIT]
    charged = [one for one in owed if one.kind is Kind.CHARGE]
    notes, rest = state.books.give_back(backs, life.tax)
    state.deposits = (*state.deposits, *_balances(state.books, notes))
    lines = (*(_line(one, life.tax) for one in charged), *by_hand, *rest, *state.waiting)
    if not by_hand and all(_nothing_between(one, at) for one in charged):
        state.waiting = (*rest, *state.waiting)
        return Played(at, None, notes)
    state.held = credits_left(state.held, expired(state.held, at))
    invoice = draft(lines, at=at, discounts=state.discounts, held=state.held, deposits=state.deposits)
    state.discounts = discounts_left(state.discounts, invoice.lines)
    state.held = credits_left(state.held, (*invoice.given, *invoice.paid))
    state.deposits = _left(state.deposits, invoice)
    state.waiting = invoice.carried
    state.books.enter(invoice, charged)
    for one, line in zip(charged, invoice.lines, strict=False):
        taken = sum(reduction.amount.minor for reduction in line.reductions if reduction.amount.minor > 0)
        if taken and one.becomes is not None:
            net = replace(one.becomes.net, minor=one.becomes.net.minor - taken)
            state.subscription = noted(state.subscription, one.becomes, net)
    bought = _bought_again(state, at, life.zone)
    state.held = (*state.held, *bought)
    return Played(at, invoice, notes, tuple(charged), bought)


def _nothing_between(owed: Owed, at: datetime) -> bool:
    """Whether it is a charge of zero that falls due within a period: no reason for an invoice of its own."""
    return not owed.amount.minor and owed.whole.start < at < owed.whole.end


def _line(owed: Owed, tax: Rate) -> Line:
    assert owed.rating is not None
    return Line(
        owed.charge.code,
        owed.rating.quantity,
        owed.rating.price,
        owed.amount,
        tax,
        owed.span,
        owed.rating.steps,
        owed.discounted,
    )


def _bought_again(state: _State, at: datetime, zone: str) -> tuple[Credit, ...]:
    """Return what packs that are low bring when they are bought again: each once an invoice has used it."""
    found: list[Credit] = []
    for pack in {pack.code: pack for pack in state.packs if pack.top_up is not None}.values():
        alive = (
            credit.left
            for credit in state.held
            if credit.code.startswith(f"{pack.code}:") and credit.alive(at)
        )
        if pack.top_up is not None and total(alive, pack.paid.currency) < pack.top_up:
            found += granted(pack, f"again-{len(state.books.invoices)}", at, zone)
    return tuple(found)


def _balances(books: Books, notes: Sequence[tuple[int, CreditNote]]) -> Iterator[Deposit]:
    """Yield what credit notes leave the customer: money to pay the next invoices with."""
    for place, note in notes:
        if note.totals.gross.minor:
            yield Deposit(f"{place}/{len(books.notes[place])}", note.totals.gross)


def _left(deposits: Sequence[Deposit], invoice: Invoice) -> tuple[Deposit, ...]:
    used = {burn.code: burn.amount for burn in invoice.deposits}
    return tuple(
        replace(one, left=one.left - used[one.invoice]) if one.invoice in used else one for one in deposits
    )
