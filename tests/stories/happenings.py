"""What may happen to a customer in a story, after `on DAY:`."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from tests.stories.prices import NUMBER, StoryError

from abaque.core import subscription as sub
from abaque.core.invoicing import Credit, Deposit, Discount
from abaque.core.money import Currency, to_money
from abaque.core.pricing import Plan
from abaque.core.simulating import Happening

_NAME = r"[a-z][a-z0-9-]*"
_WHEN = r"(?: (now|at period end))?"
_WHENS = {"now": sub.When.NOW, "at period end": sub.When.PERIOD_END}


class World:
    """What a story's happenings may name."""

    def __init__(
        self,
        plans: Mapping[str, Plan],
        addons: Mapping[str, sub.AddOn],
        money: Currency,
        instant: Callable[[str], datetime],
    ) -> None:
        self.plans, self.addons, self.money, self.instant = plans, addons, money, instant

    def happening(self, said: str, at: datetime) -> Happening:
        for pattern, make in _SENTENCES.items():
            if found := re.fullmatch(pattern, said):
                return make(self, at, *found.groups())
        raise StoryError(f"cannot understand: {said}")

    def plan(self, name: str) -> Plan:
        if name not in self.plans:
            raise StoryError(f"there is no plan named {name}")
        return self.plans[name]

    def addon(self, name: str) -> sub.AddOn:
        if name not in self.addons:
            raise StoryError(f"there is no add-on named {name}")
        return self.addons[name]


def _discount(
    world: World, _: datetime, code: str, size: str, percent: str | None, *more: str | None
) -> Discount:
    times, charges = more
    scope = tuple(charges.split("/")) if charges else None
    often = int(times) if times else None
    if percent:
        return Discount(code, percent=Decimal(size), times=often, charges=scope)
    return Discount(code, amount=to_money(Decimal(size), world.money), times=often, charges=scope)


def _credit(world: World, at: datetime, verb: str, *said: str | None) -> Credit:
    code, size, until = said
    expires = world.instant(until) if until else None
    return Credit(code, to_money(Decimal(size), world.money), at, expires, paid=verb == "buy")


def _cancel(world: World, _: datetime, when: str | None, day: str | None) -> sub.Cancel:
    return sub.Cancel("", world.instant(day) if day else _WHENS[when or "at period end"])


_SENTENCES: dict[str, Callable[..., Happening]] = {
    rf"change to ({_NAME}){_WHEN}": lambda world, _, name, when: sub.ChangePlan(
        "", world.plan(name), _WHENS[when] if when else None
    ),
    rf"migrate to ({_NAME})": lambda world, _, name: sub.Migrate("", world.plan(name)),
    rf"({NUMBER}) ({_NAME}){_WHEN}": lambda _, __, number, name, when: sub.ChangeQuantity(
        "", name, Decimal(number), _WHENS[when or "now"]
    ),
    rf"add ({_NAME}){_WHEN}": lambda world, _, name, when: sub.AddAddOn(
        "", world.addon(name), _WHENS[when or "now"]
    ),
    rf"remove ({_NAME}){_WHEN}": lambda _, __, name, when: sub.RemoveAddOn("", name, _WHENS[when or "now"]),
    r"pause(?: (at period end))?": lambda _, __, when: sub.Pause("", credit=when is None),
    r"move to (\S+)": lambda _, __, zone: sub.Move("", zone),
    r"resume": lambda *_: sub.Resume(""),
    r"cancel(?: (now|at period end)| on (\S+))?": _cancel,
    r"reactivate": lambda *_: sub.Reactivate(""),
    r"renew": lambda *_: sub.Renew(""),
    r"activate": lambda *_: sub.Activate(""),
    r"convert the trial": lambda *_: sub.Convert(""),
    r"extend the trial by (\d+) days": lambda _, __, days: sub.ExtendTrial("", int(days)),
    rf"redeem ({_NAME}): ({NUMBER})(%)? off(?:, (\d+) times?)?(?:, only (\S+))?": _discount,
    rf"(buy|give) ({_NAME}): ({NUMBER}) of credit(?: until (\S+))?": _credit,
    rf"pay a deposit ({_NAME}): ({NUMBER})": lambda world, _, name, size: Deposit(
        name, to_money(Decimal(size), world.money)
    ),
}
