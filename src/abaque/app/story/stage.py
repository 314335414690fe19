"""Setting the stage: the seller, its price list, its customers, the clock at the first day."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from abaque.billing.apply_catalogue import ApplyCatalogue, apply_catalogue
from abaque.billing.permissions import SYSTEM
from abaque.billing.put_customer import PutCustomer, put_customer
from abaque.billing.put_issuer import PutIssuer, put_issuer
from abaque.billing.runner import perform
from abaque.billing.subscribe import Subscribe, subscribe
from abaque.catalogue import load_plan
from abaque.core.money import currency
from abaque.core.period import local_midnight
from abaque.core.pricing import Charge, rate
from abaque.sandbox.firms import FIRMS, SELLER, Firm
from abaque.storage import clock, hot
from abaque.storage.models import PlanVersion

CATALOGUE = Path(__file__).resolve().parents[4] / "examples" / "documents.yaml"
PACKED = Path(__file__).resolve().parent / "documents.yaml"
METER = "documents"


def set_stage(first: date, months: int) -> None:
    """Make the issuer, the catalogue, the customers and their subscriptions. Twice changes nothing."""
    now = clock.now()
    perform(put_issuer, PutIssuer("seller", _seller()), now=now, by=SYSTEM)
    file = CATALOGUE if CATALOGUE.exists() else PACKED
    command = ApplyCatalogue(file.read_text(encoding="utf-8"), file.name)
    perform(apply_catalogue, command, now=now, by=SYSTEM)
    for firm in FIRMS:
        perform(
            put_customer, PutCustomer(firm.external_id, _customer(firm), issuer="seller"), now=now, by=SYSTEM
        )
        start = local_midnight(first, firm.zone)
        agreed = Subscribe(firm.external_id, firm.plan, starts_at=start, external_id=f"{firm.external_id}-1")
        perform(subscribe, agreed, now=now, by=SYSTEM)
    hot.rows("SELECT abaque_make_partitions(%s, %s)", [first.replace(day=1), months + 2])


def document_charges() -> dict[str, tuple[Charge, str]]:
    """Return the charge on documents, and its currency, of each customer's plan."""
    plans = {
        row.plan.code: load_plan(row.definition).plan for row in PlanVersion.objects.select_related("plan")
    }
    found = {}
    for firm in FIRMS:
        plan = plans[firm.plan]
        charge = next(charge for charge in plan.charges if charge.meter == METER)
        found[firm.external_id] = (charge, plan.currency.code)
    return found


def priced(charge: Charge, code: str, quantity: int) -> int:
    """Return what a month of so many units costs on a charge, in minor units."""
    allowance = None if charge.allowance is None else charge.allowance.quantity
    return rate(charge.price, Decimal(quantity), allowance=allowance).money(currency(code)).minor


def _seller() -> dict[str, object]:
    return {
        "legal_name": SELLER.name,
        "legal_form": SELLER.legal_form,
        "capital": f"{SELLER.capital // 100:,} €".replace(",", "\u202f"),
        "street": SELLER.street,
        "postcode": SELLER.postal_code,
        "city": SELLER.city,
        "country": SELLER.country,
        "vat_number": SELLER.vat_number,
        "company_number": SELLER.company_number,
        "register": SELLER.register,
        "email": SELLER.email,
        "iban": SELLER.iban,
        "zone": SELLER.zone,
        "currency": SELLER.currency,
    }


def _customer(firm: Firm) -> dict[str, object]:
    return {
        "legal_name": firm.name,
        "street": firm.street,
        "postcode": firm.postal_code,
        "city": firm.city,
        "country": firm.country,
        "vat_number": firm.vat_number if firm.tax == "reverse_charge" or firm.country == "FR" else "",
        "company_number": firm.company_number,
        "email": firm.email,
        "language": firm.language,
        "zone": firm.zone,
        "currency": firm.currency,
        "tax": firm.tax,
        "contacts": [{"name": firm.contact, "email": firm.email}],
    }
