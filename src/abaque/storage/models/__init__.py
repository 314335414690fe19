"""One model per noun."""

from abaque.storage.models.agreement import Comparison, Finding, Hold, Push
from abaque.storage.models.house import Action, Alert, Clock
from abaque.storage.models.invoices import Document, Entry, Invoice, InvoiceLine, Posting, Run
from abaque.storage.models.offer import Meter, PersonalAttribute, Plan, PlanVersion, Subscription
from abaque.storage.models.parties import Alias, Customer, Issuer, Series
from abaque.storage.models.people import ApiKey, Invitation, User
from abaque.storage.models.usage import Arrival, ControlTotal, Hour, Intake, Recount

__all__ = [
    "Action",
    "Alert",
    "Alias",
    "ApiKey",
    "Arrival",
    "Clock",
    "Comparison",
    "ControlTotal",
    "Customer",
    "Document",
    "Entry",
    "Finding",
    "Hold",
    "Hour",
    "Intake",
    "Invitation",
    "Invoice",
    "InvoiceLine",
    "Issuer",
    "Meter",
    "PersonalAttribute",
    "Plan",
    "PlanVersion",
    "Posting",
    "Push",
    "Recount",
    "Run",
    "Series",
    "Subscription",
    "User",
]
