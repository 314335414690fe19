"""Which events count, for how much, where: the executable definition the database is tested against."""

from abaque.core.money.rounding import Rounding, RoundingMode

from .change import Change
from .conditions import AllOf, AnyOf, Comparison, Condition, Exists, Filter, IsNot, Not, Prefix
from .correction import Correction, Identity, Struck, struck
from .correction import Kind as CorrectionKind
from .event import Event, Fate, Judgement
from .fold import SlotUsage, Usage, combine, fold, fold_values, judge_all, merge, value
from .judge import judge
from .level import value_in
from .mark import Mark
from .meter import Aggregate, Empty, LevelAtStart, Meter, Outcome, Per, ValueIs
from .slot import SLOT, hour_of, slot_of
from .usage import SpanUsage, rounded_quantity, usage_of, usage_of_marks

__all__ = [
    "SLOT",
    "Aggregate",
    "AllOf",
    "AnyOf",
    "Change",
    "Comparison",
    "Condition",
    "Correction",
    "CorrectionKind",
    "Empty",
    "Event",
    "Exists",
    "Fate",
    "Filter",
    "Identity",
    "IsNot",
    "Judgement",
    "LevelAtStart",
    "Mark",
    "Meter",
    "Not",
    "Outcome",
    "Per",
    "Prefix",
    "Rounding",
    "RoundingMode",
    "SlotUsage",
    "SpanUsage",
    "Struck",
    "Usage",
    "ValueIs",
    "combine",
    "fold",
    "fold_values",
    "hour_of",
    "judge",
    "judge_all",
    "merge",
    "rounded_quantity",
    "slot_of",
    "struck",
    "usage_of",
    "usage_of_marks",
    "value",
    "value_in",
]
