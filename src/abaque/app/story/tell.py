"""Telling what happened, as a table a finance person understands, in the terminal's language."""

from collections.abc import Callable

from abaque.app.commands.common import table
from abaque.app.story.figures import Figures
from abaque.core.money import Money, currency
from abaque.documents.words import money_text, number_text
from abaque.sandbox.firms import FIRMS

Words = Callable[[int], str]

_WORDS = {
    "en": {
        "events": "Events",
        "sent": "sent by the product",
        "received": "received",
        "duplicates": "duplicates, counted once",
        "failures": "failed attempts, not billed",
        "attempts": "further successes of a counted document, not billed",
        "counted": "documents counted",
        "late": "late by a day or more, counted in their month",
        "quarantined": "quarantined until mended",
        "still": "of which corrected by a new event",
        "money": "Documents in money, net: what the platform alone would have billed, and what is right",
        "month": "month",
        "documents": "documents",
        "old": "platform alone",
        "right": "right",
        "lost": "never billed",
        "wrong": "billed without right",
        "total": "total",
        "found": "Lost revenue found: {lost}. Wrong charges avoided: {wrong}.",
        "invoices": "Invoices: {issued} issued, {net} net.",
        "holds": "Billing held, and why",
        "check": "check",
        "kind": "difference",
        "raised": "held",
        "released": "released",
        "customers": "customers",
        "impact": "at stake",
        "platform": "The platform lost three of the pushed invoices and kept one twice. Reconciliation found:",
        "customer": "customer",
        "amount": "amount",
        "held": "held",
        "yes": "yes",
        "no": "no",
        "resolved": "After mending: {open} differences with the platform left; {others} other findings open,\n"
        "and {silent} that say what is so now: the story is over, and the product silent.",
        "took": "The story took {seconds} s.",
    },
    "fr": {
        "events": "Événements",
        "sent": "envoyés par le produit",
        "received": "reçus",
        "duplicates": "doublons, comptés une fois",
        "failures": "tentatives en échec, non facturées",
        "attempts": "autres réussites d’un document déjà compté, non facturées",
        "counted": "documents comptés",
        "late": "en retard d’un jour ou plus, comptés dans leur mois",
        "quarantined": "mis en quarantaine jusqu’à correction",
        "still": "dont corrigés par un nouvel événement",
        "money": "Documents en argent, HT : ce que la plateforme seule aurait facturé, et ce qui est juste",
        "month": "mois",
        "documents": "documents",
        "old": "plateforme seule",
        "right": "juste",
        "lost": "jamais facturé",
        "wrong": "facturé à tort",
        "total": "total",
        "found": "Revenu perdu retrouvé : {lost}. Facturations à tort évitées : {wrong}.",
        "invoices": "Factures : {issued} émises, {net} HT.",
        "holds": "Facturation suspendue, et pourquoi",
        "check": "contrôle",
        "kind": "écart",
        "raised": "suspendus",
        "released": "levés",
        "customers": "clients",
        "impact": "en jeu",
        "platform": "La plateforme a perdu trois factures transmises et en a doublé une. Le rapprochement a trouvé :",
        "customer": "client",
        "amount": "montant",
        "held": "suspendu",
        "yes": "oui",
        "no": "non",
        "resolved": "Après correction : {open} écart restant avec la plateforme ; {others} autres écarts ouverts,\n"
        "et {silent} qui disent ce qui est : l’histoire est finie, et le produit se tait.",
        "took": "L’histoire a duré {seconds} s.",
    },
}
_KINDS: dict[str, dict[str, str]] = {
    "fr": {
        "missing": "manquant",
        "doubled": "en double",
        "differing": "différent",
        "unexpected": "inattendu",
        "unknown": "inconnu",
    },
    "en": {},
}
_CHECKS = {
    "fr": {
        "totals ↔ usage": "totaux du produit ↔ consommation",
        "usage ↔ invoices": "consommation ↔ factures",
        "invoices ↔ sandbox": "factures ↔ plateforme",
    },
    "en": {"totals ↔ usage": "product's totals ↔ usage", "invoices ↔ sandbox": "invoices ↔ platform"},
}
_NAMES = {firm.external_id: firm.name for firm in FIRMS}


def tell(figures: Figures, lang: str) -> str:
    """Return the closing table."""
    say = _WORDS[lang]

    def money(minor: int) -> str:
        return money_text(Money(minor, currency(figures.currency)), lang)

    def count(number: int) -> str:
        return number_text(number, lang)

    events = [
        (say["sent"], figures.sent),
        (say["received"], figures.received),
        (say["duplicates"], figures.duplicates),
        (say["failures"], figures.failures),
        (say["attempts"], figures.attempts),
        (say["counted"], figures.counted),
        (say["late"], figures.late),
        (say["quarantined"], figures.quarantined),
        (say["still"], figures.still_quarantined),
    ]
    parts = [
        table(
            [(say["events"], ""), *((label, count(number)) for label, number in events)], right=frozenset({1})
        ),
        say["money"] + "\n" + _months(figures, say, money, count),
        say["found"].format(lost=money(figures.lost), wrong=money(figures.wrong)),
        say["invoices"].format(issued=count(figures.issued), net=money(figures.net)),
    ]
    if figures.holds:
        parts.append(say["holds"] + "\n" + _holds(figures, say, money, lang))
    parts.append(say["platform"] + "\n" + _platform(figures, say, money, lang))
    parts.append(
        say["resolved"].format(
            open=figures.platform_open, others=figures.others_open, silent=figures.silences_open
        )
    )
    parts.append(say["took"].format(seconds=round(figures.seconds)))
    return "\n\n".join(parts)


def _months(figures: Figures, say: dict[str, str], money: Words, count: Words) -> str:
    rows = [(say["month"], say["documents"], say["old"], say["right"], say["lost"], say["wrong"])]
    rows += [
        (
            f"{m.month:%Y-%m}",
            count(m.documents),
            money(m.old_way),
            money(m.right),
            money(m.lost),
            money(m.wrong),
        )
        for m in figures.months
    ]
    rows.append(
        (
            say["total"],
            count(sum(m.documents for m in figures.months)),
            money(sum(m.old_way for m in figures.months)),
            money(sum(m.right for m in figures.months)),
            money(figures.lost),
            money(figures.wrong),
        )
    )
    return table(rows, right=frozenset({1, 2, 3, 4, 5}))


def _holds(figures: Figures, say: dict[str, str], money: Words, lang: str) -> str:
    rows = [(say["check"], say["kind"], say["raised"], say["released"], say["impact"], say["customers"])]
    rows += [
        (
            _CHECKS[lang].get(hold["check"], hold["check"]),
            _KINDS[lang].get(hold["kind"], hold["kind"]),
            str(hold["raised"]),
            str(hold["released"]),
            money(hold["impact"]),
            hold["customers"] or "",
        )
        for hold in figures.holds
    ]
    return table(rows, right=frozenset({2, 3, 4}))


def _platform(figures: Figures, say: dict[str, str], money: Words, lang: str) -> str:
    rows = [(say["kind"], say["customer"], say["amount"], say["held"])]
    rows += [
        (
            _KINDS[lang].get(found["kind"], found["kind"]),
            _NAMES.get(found["customer"], found["customer"]),
            money(found["amount"]),
            say["yes"] if found["held"] else say["no"],
        )
        for found in figures.platform
    ]
    return table(rows, right=frozenset({2}))
