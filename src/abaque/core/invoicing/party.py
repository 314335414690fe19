"""Who invoices whom, and what the law wants to read about both."""

from dataclasses import dataclass

from abaque.core.tax import UNION, Treatment


@dataclass(frozen=True, slots=True)
class Party:
    """The legal identity of an issuer or a buyer. Empty where unknown. Country: ISO 3166-1 alpha-2."""

    name: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    vat_number: str = ""
    company_number: str = ""


_ADDRESS = ("name", "street", "postcode", "city", "country")


def required_fields(
    issuer: Party, buyer: Party, treatment: Treatment = Treatment.STANDARD
) -> tuple[str, ...]:
    """Return the legally required fields that are missing, as `issuer.…` and `buyer.…`.

    Names and full addresses of both (a buyer outside the Union may have no postcode, for not every country has
    them), the issuer's VAT number unless it charges none, the buyer's where the buyer owes the tax (Directive
    2006/112 art. 226 points 3 to 5; EN 16931 BR-06 to BR-11, BR-S-02, BR-AE-02); a French issuer's company number
    (Code de commerce R123-237).
    """
    issuer_needs = list(_ADDRESS)
    if treatment is not Treatment.NONE:
        issuer_needs.append("vat_number")
    if issuer.country == "FR":
        issuer_needs.append("company_number")
    buyer_needs = [name for name in _ADDRESS if name != "postcode" or buyer.country in {"", *UNION}]
    if treatment is Treatment.REVERSE_CHARGE:
        buyer_needs.append("vat_number")
    return (
        *(f"issuer.{field}" for field in issuer_needs if not getattr(issuer, field).strip()),
        *(f"buyer.{field}" for field in buyer_needs if not getattr(buyer, field).strip()),
    )
