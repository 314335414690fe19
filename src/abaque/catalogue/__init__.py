"""What is sold and how it is counted: a YAML file kept in git, to and from the core's values."""

from abaque.catalogue.changes import Change, ChangeKind, Detail, diff
from abaque.catalogue.errors import CatalogueError, CatalogueErrors
from abaque.catalogue.load import SIZE_MAX, load
from abaque.catalogue.stored import (
    Stored,
    dump,
    dump_meter,
    dump_plan,
    fingerprint,
    from_stored,
    load_meter,
    load_personal,
    load_plan,
)
from abaque.catalogue.stored_addons import dump_addon, load_addon
from abaque.catalogue.stored_credits import dump_credit, load_credit
from abaque.catalogue.stored_promotions import dump_promotion, load_promotion
from abaque.catalogue.values import (
    LANGUAGES,
    AddOnEntry,
    Catalogue,
    CreditEntry,
    Handling,
    Level,
    MeterEntry,
    PlanEntry,
    PromotionEntry,
)

__all__ = [
    "LANGUAGES",
    "SIZE_MAX",
    "AddOnEntry",
    "Catalogue",
    "CatalogueError",
    "CatalogueErrors",
    "Change",
    "ChangeKind",
    "CreditEntry",
    "Detail",
    "Handling",
    "Level",
    "MeterEntry",
    "PlanEntry",
    "PromotionEntry",
    "Stored",
    "diff",
    "dump",
    "dump_addon",
    "dump_credit",
    "dump_meter",
    "dump_plan",
    "dump_promotion",
    "fingerprint",
    "from_stored",
    "load",
    "load_addon",
    "load_credit",
    "load_meter",
    "load_personal",
    "load_plan",
    "load_promotion",
]
