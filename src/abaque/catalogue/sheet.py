"""Reading the nodes of a YAML file: what is expected comes back as a value, the rest is noted."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from abaque.catalogue.errors import CatalogueError
from abaque.catalogue.values import LANGUAGES
from abaque.core.fault import Fault
from abaque.core.period import check_zone

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,29})(?:\.[0-9]{1,30})?")
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_ATTRIBUTE = re.compile(r"[^\s.]+(?:\.[^\s.]+)*")
_TEXT_MAX = 200
_NULL = "tag:yaml.org,2002:null"
#: The core's limit for prices, before and after the point.
_PRICE_DIGITS = 12
_PERCENT_MAX = 100
_YES = {"yes": True, "true": True, "no": False, "false": False}

Choice = TypeVar("Choice", bound=StrEnum)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Field:
    """A key of a mapping and its value."""

    key: ScalarNode
    value: Node


@dataclass(slots=True)
class Sheet:
    """One file being read. Nothing is raised: what cannot be used is noted in `errors` and becomes None.

    Scalars are read from their text, so that no number ever passes through a float.
    """

    errors: list[CatalogueError] = field(default_factory=list)

    def refuse(self, node: Node, code: str, /, **params: object) -> None:
        """Note an error at the node."""
        mark = node.start_mark
        self.errors.append(CatalogueError(mark.line + 1, mark.column + 1, code, params))

    def open_mapping(self, node: Node) -> dict[str, Field]:
        """Return a mapping's fields by key, whatever the keys are; a second one of a name is an error."""
        if not isinstance(node, MappingNode):
            self.refuse(node, "empty_value" if is_null(node) else "not_a_mapping")
            return {}
        fields: dict[str, Field] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.refuse(key, "bad_key")
            elif key.value in fields:
                first = fields[key.value].key.start_mark.line + 1
                self.refuse(key, "duplicate_key", key=key.value, first=first)
            else:
                fields[key.value] = Field(key, value)
        return fields

    def mapping(
        self, node: Node, *, at: Node, required: Collection[str] = (), optional: Collection[str] = ()
    ) -> dict[str, Field]:
        """Return the fields of a mapping that may only have these keys; missing ones are noted at `at`."""
        fields = self.open_mapping(node)
        if not isinstance(node, MappingNode):
            return {}
        return self.only(fields, at=at, required=required, optional=optional)

    def only(
        self,
        fields: dict[str, Field],
        *,
        at: Node,
        required: Collection[str] = (),
        optional: Collection[str] = (),
    ) -> dict[str, Field]:
        """Return the fields that may be there; each other key, and each missing one, is an error."""
        known = [*required, *optional]
        for key, entry in fields.items():
            if key not in known:
                self.refuse(entry.key, "unknown_key", key=key, known=", ".join(known), **nearest(key, known))
        for key in required:
            if key not in fields:
                self.refuse(at, "missing_key", key=key)
        return {key: entry for key, entry in fields.items() if key in known}

    def text(self, node: Node) -> str | None:
        """Return a text of one line, not empty."""
        if not isinstance(node, ScalarNode):
            self.refuse(node, "not_a_text")
        elif is_null(node) or not node.value.strip():
            self.refuse(node, "empty_value")
        elif len(node.value) > _TEXT_MAX or not node.value.isprintable():
            self.refuse(node, "bad_text", limit=_TEXT_MAX)
        else:
            return str(node.value)
        return None

    def code(self, node: ScalarNode) -> bool:
        """Tell whether a key can be a code, and note it if not."""
        if _CODE.fullmatch(node.value):
            return True
        self.refuse(node, "bad_code", given=node.value)
        return False

    def attribute(self, node: Node) -> str | None:
        """Return the name of an attribute of an event's data; dots reach into nested objects."""
        text = self.text(node)
        if text is not None and not _ATTRIBUTE.fullmatch(text):
            self.refuse(node, "bad_attribute", given=text)
            return None
        return text

    def zone(self, node: Node) -> str | None:
        """Return the name of an IANA time zone."""
        text = self.text(node)
        if text is None:
            return None
        try:
            return check_zone(text)
        except Fault:
            self.refuse(node, "unknown_zone", given=text)
            return None

    def number(self, node: Node) -> Decimal | None:
        """Return a number written with digits and at most one point, quoted or not."""
        text = self.text(node)
        if text is None:
            return None
        if not _NUMBER.fullmatch(text):
            self.refuse(node, "bad_number", given=text)
            return None
        return Decimal(text)

    def price(self, node: Node) -> Decimal | None:
        """Return a price in major units: not below zero, at most 12 digits before and after the point."""
        return self.amount(node, "negative_price")

    def amount(self, node: Node, below_zero: str) -> Decimal | None:
        """Return a number as a price may be; `below_zero` is the code of the error if it is below zero."""
        number = self.number(node)
        if number is None:
            return None
        if number < 0:
            self.refuse(node, below_zero, given=str(number))
            return None
        if max(number.adjusted() + 1, _fraction_digits(number)) > _PRICE_DIGITS:
            self.refuse(node, "too_many_digits", given=str(number))
            return None
        return number

    def above_zero(self, node: Node) -> Decimal | None:
        """Return a number above zero."""
        number = self.price(node)
        if number == 0:
            self.refuse(node, "not_above_zero", given=str(number))
            return None
        return number

    def percent(self, node: Node) -> Decimal | None:
        """Return a percentage from 0 to 100."""
        number = self.price(node)
        if number is not None and number > _PERCENT_MAX:
            self.refuse(node, "percent_over_100", given=str(number))
            return None
        return number

    def yes(self, node: Node) -> bool | None:
        """Return True for `yes`, False for `no` (and for `true` and `false`)."""
        text = self.text(node)
        if text is None:
            return None
        if text not in _YES:
            self.refuse(node, "not_yes_or_no", given=text)
        return _YES.get(text)

    def whole(self, node: Node, *, least: int, most: int) -> int | None:
        """Return a whole number within bounds."""
        number = self.number(node)
        if number is None:
            return None
        if number != number.to_integral_value() or not least <= number <= most:
            self.refuse(node, "not_whole", given=str(number), least=least, most=most)
            return None
        return int(number)

    def choice(self, node: Node, choices: type[Choice], code: str) -> Choice | None:
        """Return the member of an enumeration that the text names; `code` is the error's code if none."""
        text = self.text(node)
        if text is None:
            return None
        known = [member.value for member in choices]
        if text not in known:
            self.refuse(node, code, given=text, known=", ".join(known), **nearest(text, known))
            return None
        return choices(text)

    def choice_or(self, fields: Mapping[str, Field], key: str, default: Choice, code: str) -> Choice:
        """Return the choice of a key that may be left out."""
        return self.choice(fields[key].value, type(default), code) or default if key in fields else default

    def bounds(self, fields: Mapping[str, Field]) -> tuple[Decimal | None, Decimal | None]:
        """Return `minimum:` and `maximum:`, prices that may be left out; they must not be reversed."""
        least = self.price(fields["minimum"].value) if "minimum" in fields else None
        most = self.price(fields["maximum"].value) if "maximum" in fields else None
        if least is not None and most is not None and least > most:
            self.refuse(fields["maximum"].value, "bounds_reversed", minimum=str(least), maximum=str(most))
        return least, most

    def items(self, node: Node) -> tuple[Node, ...]:
        """Return the members of a list; a single value is a list of one."""
        if not isinstance(node, SequenceNode):
            return (node,)
        if not node.value:
            self.refuse(node, "empty_list")
        return tuple(node.value)

    def texts(self, node: Node) -> tuple[str, ...]:
        """Return a list of texts, each once."""
        return self.once((member, self.text(member)) for member in self.items(node))

    def attributes(self, node: Node) -> tuple[str, ...]:
        """Return a list of names of attributes, each once."""
        return self.once((member, self.attribute(member)) for member in self.items(node))

    def once(self, members: Iterable[tuple[Node, Value | None]]) -> tuple[Value, ...]:
        """Return the members that could be read; one that comes twice is an error."""
        seen: list[Value] = []
        for member, value in members:
            if value is None:
                continue
            if any(value == other and type(value) is type(other) for other in seen):
                self.refuse(member, "repeated_value", given=str(value))
            seen.append(value)
        return tuple(seen)

    def names(self, entry: Field | None, default: dict[str, str]) -> dict[str, str]:
        """Return a name by language: one text stands for all languages, or a mapping gives each."""
        if entry is None:
            return default
        if not isinstance(entry.value, MappingNode):
            text = self.text(entry.value)
            return default if text is None else dict.fromkeys(LANGUAGES, text)
        fields = self.mapping(entry.value, at=entry.key, required=LANGUAGES)
        return {
            language: text
            for language, given in fields.items()
            if (text := self.text(given.value)) is not None
        }


def is_null(node: Node) -> bool:
    """Tell whether nothing stands where a value belongs (or YAML's words for nothing)."""
    return isinstance(node, ScalarNode) and node.tag == _NULL


def _fraction_digits(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def nearest(given: str, known: Iterable[str]) -> dict[str, str]:
    """Return the parameter that names what was probably meant, none where nothing is near."""
    close = get_close_matches(given.lower(), known, 1)
    return {"nearest": close[0]} if close else {}
