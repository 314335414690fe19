"""What stands where on the page: a document's values turned into texts of its language.

The template lays out and decides nothing; what a label says is decided in the language's file.
"""

from typing import Any

from abaque.core.money import Currency, Money, currency
from abaque.documents.invoice.document import Buyer, InvoiceDocument, Issuer, Kind, Line, Tax
from abaque.documents.words import figures
from abaque.documents.words.language import Words, words

# A word longer than this may break, so that no name runs out of its column.
WORD_MAX = 24
_BREAK_HERE = "\u200b"
_PLAIN_DASH = "–"
_COLUMNS = ("what", "quantity", "price", "rate", "net")

Row = dict[str, str]


def page(document: InvoiceDocument) -> dict[str, Any]:
    """Return every text on the page, by place."""
    say = words(document.lang)
    money = currency(document.currency)
    title = say.say(f"invoice.{document.kind.value}.{'title' if document.number else 'draft'}")
    return {
        "lang": say.lang,
        "title": title,
        "number": document.number or "",
        "mark": _mark(document, say),
        "alarm": document.specimen,
        "banner": _banner(document, say),
        "issuer": {"name": _soft(document.issuer.legal_name), "lines": _issuer_lines(document, say)},
        "buyer": {
            "label": say.say("invoice.buyer"),
            "name": _soft(document.buyer.legal_name),
            "lines": _buyer_lines(document.buyer, document.issuer, say),
        },
        "facts": _facts(document, say),
        "headline": _headline(document, money, say),
        "columns": {place: say.say(f"invoice.column.{place}") for place in _COLUMNS},
        "lines": [_line(line, money, say) for line in document.lines],
        "totals": _totals(document, money, say),
        "taxes": _taxes(document.taxes, money, say),
        "payment": _payment(document, money, say),
        "mentions": [_soft(mention) for mention in document.mentions],
        "legal": _legal(document.issuer, say),
        "trace": _trace(document, say),
        "page": say.say("invoice.page", page="{page}", pages="{pages}"),
    }


def _mark(document: InvoiceDocument, say: Words) -> str:
    if document.specimen:
        return say.say("invoice.specimen.mark")
    return "" if document.number else say.say("invoice.draft.mark")


def _banner(document: InvoiceDocument, say: Words) -> str:
    if document.specimen:
        return say.say("invoice.specimen.banner")
    return "" if document.number else say.say("invoice.draft.banner")


def _issuer_lines(document: InvoiceDocument, say: Words) -> list[str]:
    issuer = document.issuer
    lines = list(issuer.address)
    if issuer.country != document.buyer.country:
        lines.append(figures.country_text(issuer.country, say.lang))
    if issuer.vat_number:
        lines.append(say.say("invoice.vat_number", number=issuer.vat_number))
    if issuer.email:
        lines.append(issuer.email)
    return [_soft(line) for line in lines if line]


def _buyer_lines(buyer: Buyer, issuer: Issuer, say: Words) -> list[str]:
    lines = list(buyer.address)
    if buyer.country != issuer.country:
        lines.append(figures.country_text(buyer.country, say.lang))
    if buyer.company_number:
        lines.append(_company_number(buyer, say))
    if buyer.vat_number:
        lines.append(say.say("invoice.vat_number", number=buyer.vat_number))
    return [_soft(line) for line in lines if line]


def _company_number(party: Issuer | Buyer, say: Words) -> str:
    country = f"invoice.company_number.{party.country.upper()}"
    key = country if say.has(country) else "invoice.company_number.other"
    return say.say(key, number=figures.company_number_text(party.company_number, party.country))


def _facts(document: InvoiceDocument, say: Words) -> list[Row]:
    facts: list[tuple[str, str]] = []
    if document.issue_date:
        facts.append(("issued", figures.date_text(document.issue_date, say.lang)))
    if document.due_date and document.kind is Kind.INVOICE:
        facts.append(("due", figures.date_text(document.due_date, say.lang)))
    facts += [("period", figures.span_text(span.first, span.last, say.lang)) for span in document.periods]
    if document.purchase_order:
        facts.append(("purchase_order", _soft(document.purchase_order)))
    for earlier in document.corrects:
        day = figures.date_text(earlier.issue_date, say.lang)
        named = say.say("invoice.reference", number=earlier.number, date=day)
        facts.append((f"{document.kind.value}_of", named))
    return [{"label": say.say(f"invoice.fact.{name}"), "value": value} for name, value in facts]


def _headline(document: InvoiceDocument, money: Currency, say: Words) -> Row:
    gross = figures.money_text(Money(document.gross, money), say.lang)
    if document.kind is Kind.CREDIT_NOTE:
        return {"label": say.say("invoice.headline.credit"), "amount": gross, "by": ""}
    by = ""
    if document.due_date:
        by = say.say("invoice.headline.by", date=figures.date_text(document.due_date, say.lang))
    return {"label": say.say("invoice.headline.pay"), "amount": gross, "by": by}


def _line(line: Line, money: Currency, say: Words) -> dict[str, Any]:
    details = [_soft(detail) for detail in line.details]
    if line.period:
        details.insert(0, figures.span_text(line.period.first, line.period.last, say.lang))
    return {
        "what": _soft(line.description),
        "details": details,
        "quantity": line.quantity,
        "price": line.unit_price,
        "rate": figures.percent_text(line.tax_percent, say.lang) if line.tax_category == "S" else _PLAIN_DASH,
        "net": figures.money_text(Money(line.net, money), say.lang),
    }


def _totals(document: InvoiceDocument, money: Currency, say: Words) -> list[dict[str, Any]]:
    rows = [("net", document.net, False), ("tax", document.tax, False), ("gross", document.gross, True)]
    return [
        {
            "label": say.say(f"invoice.total.{name}"),
            "value": figures.money_text(Money(minor, money), say.lang),
            "strong": strong,
        }
        for name, minor, strong in rows
    ]


def _taxes(taxes: tuple[Tax, ...], money: Currency, say: Words) -> dict[str, Any]:
    rows = [
        {
            "rate": _rate_name(row, say),
            "base": figures.money_text(Money(row.base, money), say.lang),
            "tax": figures.money_text(Money(row.tax, money), say.lang),
        }
        for row in taxes
    ]
    columns = {name: say.say(f"invoice.tax_column.{name}") for name in ("rate", "base", "tax")}
    mentions = [_soft(row.mention) for row in taxes if row.mention]
    return {"columns": columns, "rows": rows, "mentions": mentions}


def _rate_name(row: Tax, say: Words) -> str:
    return say.say(f"invoice.tax.{row.category}", percent=figures.percent_text(row.percent, say.lang))


def _payment(document: InvoiceDocument, money: Currency, say: Words) -> dict[str, Any]:
    """Say how to pay: only where there is something to pay, and an account to pay it to."""
    issuer = document.issuer
    # A specimen or a draft must not be payable by mistake.
    payable = document.number is not None and not document.specimen and document.kind is Kind.INVOICE
    if not (payable and issuer.iban and document.gross > 0):
        return {"title": "", "rows": []}
    rows = [("beneficiary", _soft(issuer.legal_name)), ("iban", figures.iban_text(issuer.iban))]
    if issuer.bic:
        rows.append(("bic", issuer.bic))
    rows.append(("reference", document.number or ""))
    rows.append(("amount", figures.money_text(Money(document.gross, money), say.lang)))
    labelled = [{"label": say.say(f"invoice.payment.{name}"), "value": value} for name, value in rows]
    return {"title": say.say("invoice.payment.title"), "rows": labelled}


def _legal(issuer: Issuer, say: Words) -> str:
    parts = [issuer.legal_name]
    if issuer.legal_form and issuer.capital:
        parts.append(say.say("invoice.form_and_capital", form=issuer.legal_form, capital=issuer.capital))
    elif issuer.legal_form:
        parts.append(issuer.legal_form)
    if issuer.company_number:
        parts.append(_company_number(issuer, say))
    if issuer.register:
        parts.append(issuer.register)
    if issuer.vat_number:
        parts.append(say.say("invoice.vat_number", number=issuer.vat_number))
    return _soft(" · ".join(parts))


def _trace(document: InvoiceDocument, say: Words) -> list[str]:
    """Say how to check the document."""
    lines = []
    if document.invoice_id:
        lines.append(say.say("invoice.trace.id", id=document.invoice_id))
    if document.explain:
        lines.append(_soft(say.say("invoice.trace.explain", how=document.explain)))
    # A chain kept only in its own database proves nothing against whoever owns the database.
    if document.chain_head:
        lines.append(say.say("invoice.trace.chain", hash=document.chain_head))
    return lines


def _soft(text: str) -> str:
    """Allow breaks inside words too long for a column; breaks show nothing and cost no character."""
    return " ".join(_BREAK_HERE.join(_chunks(word)) for word in text.split(" "))


def _chunks(word: str) -> list[str]:
    return [word[i : i + WORD_MAX] for i in range(0, len(word), WORD_MAX)]
