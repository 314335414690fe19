"""Which events count, for how much, where: the executable definition the database is tested against."""

from .event import Event, Fate, Judgement
from .fold import SlotUsage, Usage, combine, fold, fold_values, judge_all, merge, value
from .judge import judge
from .meter import Aggregate, Condition, Meter, Outcome
from .slot import SLOT, hour_of, slot_of

__all__ = [
    "SLOT",
    "Aggregate",
    "Condition",
    "Event",
    "Fate",
    "Judgement",
    "Meter",
    "Outcome",
    "SlotUsage",
    "Usage",
    "combine",
    "fold",
    "fold_values",
    "hour_of",
    "judge",
    "judge_all",
    "merge",
    "slot_of",
    "value",
]
