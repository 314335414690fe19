"""Plans, prices, meters and personal attributes: a YAML file kept in git, to and from the core's values."""

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
from abaque.catalogue.values import LANGUAGES, Catalogue, Handling, Level, MeterEntry, PlanEntry

__all__ = [
    "LANGUAGES",
    "SIZE_MAX",
    "Catalogue",
    "CatalogueError",
    "CatalogueErrors",
    "Change",
    "ChangeKind",
    "Detail",
    "Handling",
    "Level",
    "MeterEntry",
    "PlanEntry",
    "Stored",
    "diff",
    "dump",
    "dump_meter",
    "dump_plan",
    "fingerprint",
    "from_stored",
    "load",
    "load_meter",
    "load_personal",
    "load_plan",
]
