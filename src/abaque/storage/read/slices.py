"""A slice of one meter's usage: of which customers and groups, told apart by what.

Usage is what a meter came to for one customer. Each customer's figure is therefore worked out first, over the
whole window and by the meter's own aggregate, and customers are added up then: that is what would be billed.
Windows are never added up, nor are groups, unless the meter itself is a sum.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from abaque.core.fault import Fault
from abaque.core.money import add
from abaque.storage import hot
from abaque.storage.models import Customer, Meter
from abaque.storage.read.spans import Asked, folds, measure

#: How many (customer, window) a meter may be measured for at once, where it does not fold in one statement.
MEASURED_MAX = 50_000
CUSTOMER = "customer"
_GROUP = "group."
ADDITIVE = frozenset({"count", "sum"})
# A meter's usage between bounds, as `abaque_used` tells one customer's: whole days as they were folded; by its slots
# what changed since, or is cut by a bound.
_USED = """
    WITH cut AS MATERIALIZED (
        SELECT day FROM unfolded
        WHERE meter_id = %(meter)s AND day > %(start)s::timestamptz - interval '1 day' AND day < %(end)s
        UNION
        SELECT abaque_day(bound) FROM unnest(%(bounds)s::timestamptz[] || %(end)s::timestamptz) AS bound
        WHERE bound > abaque_day(bound)
    )
    SELECT u.customer_id, u.grp, u.day AS slot, u.quantity FROM usage_day u
    WHERE u.meter_id = %(meter)s AND u.day >= %(start)s AND u.day < %(end)s {only}
      AND u.day NOT IN (SELECT day FROM cut)
    UNION ALL
    SELECT u.customer_id, u.grp, u.slot, u.quantity
    FROM cut JOIN usage u ON u.meter_id = %(meter)s {only}
        AND u.slot >= greatest(cut.day, %(start)s) AND u.slot < least(cut.day + interval '1 day', %(end)s)"""
_VALUES = """
    SELECT * FROM unique_value u
    WHERE u.meter_id = %(meter)s AND u.slot >= %(start)s AND u.slot < %(end)s {only}"""
# Of which rows, what of those of one window and group, how that becomes one customer's figure, and what is one row.
_FOLDS = {
    "max": (_USED, "max(u.quantity)", "max(u.value)", "1, 2, 3"),
    "unique": (_VALUES, "u.value", "count(DISTINCT u.value)", "1, 2, 3, 4"),
}

Group = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """`where`: the group attributes that must have a value, by place; `by`: places of those told apart.

    `customer` None: of all customers; `by_customer`: each for itself. `folds`: one statement does it.
    """

    meter_id: int
    aggregate: str
    folds: bool
    attributes: tuple[str, ...]
    customer: Customer | None
    where: Mapping[int, str]
    by_customer: bool
    by: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """Whose series it is: a customer (0: of all), and the values it is told apart by as a JSON array."""

    customer_id: int = 0
    customer: str | None = None
    group: str = "[]"
    name: str | None = None


def slice_of(meter: str, customer: str | None, where: Mapping[str, str], by: Sequence[str]) -> Slice:
    """Return what is asked of a meter. `by`: `customer` and `group.ATTRIBUTE`; `where`: values by attribute.

    Faults `unknown_meter`, `unknown_customer`, `unknown_group` for what the meter does not group by,
    `not_by_group` where its aggregate is of all events together.
    """
    found = Meter.objects.filter(code=meter).first()
    if found is None:
        raise Fault("unknown_meter", meter=meter)
    one = None
    if customer is not None:
        one = Customer.objects.filter(external_id=customer).first()
        one = one or Customer.objects.filter(public_id=customer).first()
        if one is None:
            raise Fault("unknown_customer", customer=customer)
    attributes = tuple(found.definition["group_by"])
    groups = [name.removeprefix(_GROUP) for name in by if name != CUSTOMER]
    for name in (*where, *groups):
        if name not in attributes:
            raise Fault("unknown_group", meter=meter, group=name, known=attributes)
    foldable = found.aggregate in ADDITIVE or found.aggregate in _FOLDS
    one_statement = foldable and folds([found.pk])[found.pk]
    if (where or groups) and not one_statement:
        raise Fault("not_by_group", meter=meter, aggregate=found.aggregate)
    return Slice(
        found.pk,
        found.aggregate,
        one_statement,
        attributes,
        one,
        {attributes.index(name): value for name, value in where.items()},
        CUSTOMER in by,
        tuple(attributes.index(name) for name in groups),
    )


def quantities(
    asked: Slice, keys: Sequence[Key], bounds: Sequence[datetime]
) -> dict[tuple[int, str], list[Decimal]]:
    """Return what each key came to in each window between the bounds; a key that is not there used nothing."""
    if not keys:
        return {}
    found: dict[tuple[int, str], list[Decimal]] = {}
    for who, group, part, quantity in _figures(asked, keys, bounds):
        row = found.setdefault((who, group), [Decimal(0)] * (len(bounds) - 1))
        row[part - 1] = add(row[part - 1], Decimal(quantity or 0))
    return found


def measured(
    asked: Slice, customers: Sequence[int], bounds: Sequence[datetime]
) -> Iterable[tuple[int, str, int, Decimal]]:
    """Return who, group, window and quantity, each customer measured by itself. Fault `too_many_figures`."""
    windows = len(bounds) - 1
    if len(customers) * windows > MEASURED_MAX:
        raise Fault("too_many_figures", asked=len(customers) * windows, most=MEASURED_MAX)
    places = [(customer, part) for customer in customers for part in range(windows)]
    spans = [Asked(asked.meter_id, who, bounds[part], bounds[part + 1]) for who, part in places]
    return (
        (who if asked.by_customer else 0, "[]", part + 1, each.quantity)
        for (who, part), each in zip(places, measure(spans), strict=True)
    )


def customers_of(
    asked: Slice, end: datetime, *, start: datetime | None = None, after: str = "", limit: int | None = None
) -> list[Key]:
    """Return the customers with usage before `end`, from `start` on if given, by external id.

    A level that is carried holds where nothing happened, so that meters which do not fold have no start.
    """
    if asked.customer is not None:
        one = asked.customer
        return [Key(one.pk, one.external_id, name=one.legal_name or one.external_id)]
    found = hot.rows(
        f"""
        SELECT c.id, c.external_id, coalesce(nullif(c.legal_name, ''), c.external_id) FROM customer c
        WHERE c.external_id > %(after)s AND EXISTS (
            SELECT FROM usage u WHERE u.customer_id = c.id AND u.meter_id = %(meter)s AND u.slot < %(end)s
               {"" if start is None else "AND u.slot >= %(start)s"} {"".join(_conditions(asked))})
        ORDER BY c.external_id LIMIT %(limit)s
        """,
        {**parameters(asked), "after": after, "start": start, "end": end, "limit": limit},
    )
    return [Key(id_, external_id, name=name) for id_, external_id, name in found]


def folded(asked: Slice, *, customers: bool = False, groups: bool = False) -> str:
    """Return the statement of who, group, window and quantity of a slice that folds.

    It takes `parameters`, `bounds` (all but the last), `start` and `end`; `customers` and `groups`, if only those.
    """
    only = "AND u.customer_id = ANY (%(customers)s)" if customers else ""
    only += " AND u.customer_id = %(customer)s" if asked.customer is not None else ""
    part = "width_bucket(u.slot, %(bounds)s::timestamptz[]) AS part"
    chosen = "".join(_conditions(asked)) + (f" AND {group_of(asked)} = ANY (%(groups)s)" if groups else "")
    who = "u.customer_id" if asked.by_customer else "0::bigint"
    # Groups are few and JSON is slow to read: they are looked into once rows of the same text are one.
    if asked.aggregate in ADDITIVE:
        return f"""
SELECT u.who, {group_of(asked)} AS grp, u.part, sum(u.quantity) AS quantity FROM (
    SELECT {who} AS who, {"u.grp" if asked.by or chosen else "'[]'"} AS grp, {part}, sum(u.quantity) AS quantity
    FROM ({_USED.format(only=only)}) u GROUP BY 1, 2, 3
) u WHERE true {chosen} GROUP BY 1, 2, 3"""
    rows, value, fold, same = _FOLDS[asked.aggregate]
    return f"""
SELECT {who} AS who, u.grp, u.part, sum(u.quantity) AS quantity FROM (
    SELECT u.customer_id, {group_of(asked)} AS grp, u.part, {fold} AS quantity FROM (
        SELECT u.customer_id, u.grp, {part}, {value} AS value FROM ({rows.format(only=only)}) u GROUP BY {same}
    ) u WHERE true {chosen} GROUP BY 1, 2, 3
) u GROUP BY 1, 2, 3"""


def group_of(asked: Slice) -> str:
    """Return the expression of the values that tell groups apart, as the text of a JSON array."""
    if not asked.by:
        return "'[]'"
    if asked.by == tuple(range(len(asked.attributes))):
        return "u.grp"
    return f"jsonb_build_array({', '.join(f'u.grp::jsonb -> {place}' for place in asked.by)})::text"


def parameters(asked: Slice) -> dict[str, Any]:
    """Return what the statements of a slice take besides its span."""
    return {
        "meter": asked.meter_id,
        "customer": asked.customer and asked.customer.pk,
        **{f"value{place}": value for place, value in asked.where.items()},
    }


def _conditions(asked: Slice) -> list[str]:
    """Return the conditions on groups; an empty value is that of events which lack the attribute, too."""
    return [f" AND coalesce(u.grp::jsonb ->> {place}, '') = %(value{place})s" for place in asked.where]


def _figures(
    asked: Slice, keys: Sequence[Key], bounds: Sequence[datetime]
) -> Iterable[tuple[int, str, int, Decimal]]:
    customers = [key.customer_id for key in keys]
    if not asked.folds:
        whom = (
            customers if asked.by_customer else [key.customer_id for key in customers_of(asked, bounds[-1])]
        )
        return measured(asked, whom, bounds)
    span = {"bounds": list(bounds[:-1]), "start": bounds[0], "end": bounds[-1]}
    page = {"customers": customers, "groups": [key.group for key in keys]}
    return hot.rows(
        folded(asked, customers=asked.by_customer, groups=bool(asked.by)),
        {**parameters(asked), **span, **page},
    )
