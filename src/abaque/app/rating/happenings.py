"""What happens to a customer in a usage file: `events:`, and `promotions:` and `credits:` from the first day on."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from yaml.nodes import Node

from abaque.app.rating.run import Refused
from abaque.catalogue import Catalogue
from abaque.catalogue.sheet import Field, Sheet
from abaque.core import subscription as sub
from abaque.core.fault import Fault
from abaque.core.invoicing import Deposit, redeem
from abaque.core.money import to_money
from abaque.core.period import local_midnight, parse_instant
from abaque.core.pricing import Plan
from abaque.core.simulating import Happening
from abaque.documents.words import fault_sentence

_NOON = timedelta(hours=12)
_WHENS = {when.value: when for when in sub.When}
Refuse = Callable[[Node, str], Refused]
Fields = Mapping[str, Field]


@dataclass(slots=True)
class Happenings:
    """One customer's happenings being read. `refuse` makes the refusal of a place in the file."""

    sheet: Sheet
    catalogue: Catalogue
    plan: Plan
    zone: str
    refuse: Refuse
    lang: str
    redeemed: dict[str, int] = field(default_factory=dict)
    deposits: int = 0

    def all(self, fields: Fields, first: date, start: sub.Start) -> tuple[tuple[datetime, Happening], ...]:
        """Return what `promotions:`, `credits:` and `events:` say, the first two of the first day.

        What cannot happen to a subscription that began so is refused where it stands.
        """
        begin = local_midnight(first, self.zone)
        found: list[tuple[datetime, Happening, Node]] = []
        for key, read in (("promotions", self._redeemed), ("credits", self._bought)):
            nodes = self.sheet.items(fields[key].value) if key in fields else ()
            found += [(begin, read(node, begin), node) for node in nodes]
        if "events" in fields:
            found += self.events(fields["events"].value)
        found.sort(key=lambda each: each[0])
        state = sub.moved(sub.Subscription(self.zone), start, begin)
        for number, (at, what, node) in enumerate(found):
            if at < begin:
                raise self.refuse(node, f"this is before the subscription begins, on {first}")
            if isinstance(what, sub.Event):
                try:
                    state = sub.moved(state, replace(what, key=str(number)), at)
                except Fault as fault:
                    raise self.refuse(node, fault_sentence(fault, self.lang)) from None
        return tuple((at, what) for at, what, _ in found)

    def events(self, node: Node) -> Iterator[tuple[datetime, Happening, Node]]:
        """Yield the members of a list `{on: DATE, do: …}`."""
        for member in self.sheet.items(node):
            fields = self.sheet.open_mapping(member)
            for key in ("on", "do"):
                if key not in fields:
                    raise self.refuse(member, f"Write {{on: DATE, do: …}}: `{key}:` is missing.")
            at = self.instant(fields["on"].value)
            verb = self.sheet.text(fields["do"].value) or ""
            if verb not in _VERBS:
                raise self.refuse(
                    fields["do"].value, f"`{verb}` cannot be done here. Known: {', '.join(_VERBS)}."
                )
            allowed, read = _VERBS[verb]
            for key, entry in fields.items():
                if key not in {"on", "do", *allowed}:
                    known = ", ".join(allowed) or "nothing more"
                    raise self.refuse(entry.key, f"`{key}:` says nothing of {verb}, which takes {known}.")
            try:
                yield at, read(self, fields, member, at), member
            except Fault as fault:
                raise self.refuse(member, fault_sentence(fault, self.lang)) from None

    def instant(self, node: Node) -> datetime:
        """Return the instant of a day, its local noon, or of a time with its offset."""
        text = self.sheet.text(node) or ""
        try:
            return local_midnight(date.fromisoformat(text), self.zone) + _NOON
        except ValueError:
            pass
        try:
            return parse_instant(text)
        except Fault:
            raise self.refuse(
                node, f"`{text}` is no date. Write YYYY-MM-DD, or a time with its offset."
            ) from None

    def _value(self, fields: Fields, key: str, member: Node) -> Node:
        if key not in fields:
            raise self.refuse(member, f"`{key}:` is missing.")
        return fields[key].value

    def _code(self, fields: Fields, key: str, member: Node) -> str:
        return self.sheet.text(self._value(fields, key, member)) or ""

    def _known(self, code: str, known: Mapping[str, object], node: Node, what: str) -> None:
        if code not in known:
            raise self.refuse(node, f"no {what} is named {code}: the file has {', '.join(known) or 'none'}")

    def _when(self, fields: Fields, otherwise: sub.When | None) -> sub.When | None:
        if "when" not in fields:
            return otherwise
        text = self.sheet.text(fields["when"].value) or ""
        if text not in _WHENS:
            raise self.refuse(fields["when"].value, f"`{text}`: write now or period_end.")
        return _WHENS[text]

    def _now(self, fields: Fields) -> sub.When:
        return self._when(fields, sub.When.NOW) or sub.When.NOW

    def _redeemed(self, node: Node, at: datetime) -> Happening:
        code = self.sheet.text(node) or ""
        self._known(code, self.catalogue.promotions, node, "promotion")
        count = self.redeemed.get(code, 0)
        self.redeemed[code] = count + 1
        try:
            return redeem(
                self.catalogue.promotions[code].promotion,
                at=at,
                plan=self.plan.code,
                new_customer=True,
                redeemed=count,
                redeemed_by_customer=count,
            )
        except Fault as fault:
            raise self.refuse(node, fault_sentence(fault, self.lang)) from None

    def _bought(self, node: Node, _: datetime) -> Happening:
        code = self.sheet.text(node) or ""
        self._known(code, self.catalogue.credits, node, "credit")
        return self.catalogue.credits[code].pack

    def change_plan(self, fields: Fields, member: Node, _: datetime) -> Happening:
        code = self._code(fields, "plan", member)
        self._known(code, self.catalogue.plans, fields["plan"].value, "plan")
        self.plan = self.catalogue.plans[code].plan
        return sub.ChangePlan("", self.plan, self._when(fields, None))

    def change_quantity(self, fields: Fields, member: Node, _: datetime) -> Happening:
        quantity = self.sheet.number(self._value(fields, "quantity", member)) or Decimal(0)
        return sub.ChangeQuantity("", self._code(fields, "of", member), quantity, self._now(fields))

    def add(self, fields: Fields, member: Node, _: datetime) -> Happening:
        code = self._code(fields, "addon", member)
        self._known(code, self.catalogue.addons, fields["addon"].value, "add-on")
        return sub.AddAddOn("", self.catalogue.addons[code].addon, self._now(fields))

    def remove(self, fields: Fields, member: Node, _: datetime) -> Happening:
        return sub.RemoveAddOn("", self._code(fields, "addon", member), self._now(fields))

    def move(self, fields: Fields, member: Node, _: datetime) -> Happening:
        return sub.Move("", self._code(fields, "zone", member))

    def pause(self, fields: Fields, _: Node, __: datetime) -> Happening:
        return sub.Pause("", credit=self._now(fields) is sub.When.NOW)

    def cancel(self, fields: Fields, _: Node, __: datetime) -> Happening:
        text = self.sheet.text(fields["when"].value) if "when" in fields else "period_end"
        return sub.Cancel("", _WHENS[text] if text in _WHENS else self.instant(fields["when"].value))

    def extend_trial(self, fields: Fields, member: Node, _: datetime) -> Happening:
        days = self.sheet.whole(self._value(fields, "days", member), least=1, most=3650)
        return sub.ExtendTrial("", days or 1)

    def redeem(self, fields: Fields, member: Node, at: datetime) -> Happening:
        return self._redeemed(self._value(fields, "promotion", member), at)

    def buy(self, fields: Fields, member: Node, at: datetime) -> Happening:
        return self._bought(self._value(fields, "credit", member), at)

    def deposit(self, fields: Fields, member: Node, _: datetime) -> Happening:
        self.deposits += 1
        amount = self.sheet.above_zero(self._value(fields, "amount", member)) or Decimal(0)
        return Deposit(f"deposit-{self.deposits}", to_money(amount, self.plan.currency))


_Read = Callable[[Happenings, Fields, Node, datetime], Happening]
#: What can be done, the keys it takes beside `on:` and `do:`, and how it is read.
_VERBS: dict[str, tuple[tuple[str, ...], _Read]] = {
    "change_plan": (("plan", "when"), Happenings.change_plan),
    "change_quantity": (("of", "quantity", "when"), Happenings.change_quantity),
    "add": (("addon", "when"), Happenings.add),
    "remove": (("addon", "when"), Happenings.remove),
    "move": (("zone",), Happenings.move),
    "pause": (("when",), Happenings.pause),
    "resume": ((), lambda *_: sub.Resume("")),
    "cancel": (("when",), Happenings.cancel),
    "reactivate": ((), lambda *_: sub.Reactivate("")),
    "renew": ((), lambda *_: sub.Renew("")),
    "convert_trial": ((), lambda *_: sub.Convert("")),
    "extend_trial": (("days",), Happenings.extend_trial),
    "redeem": (("promotion",), Happenings.redeem),
    "buy": (("credit",), Happenings.buy),
    "deposit": (("amount",), Happenings.deposit),
}
