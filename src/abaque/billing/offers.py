"""Stored offers as the core's values: plans, meters and the cycle a subscription is billed by."""

from functools import lru_cache
from typing import Any

from abaque.billing.runner import Refused
from abaque.catalogue import MeterEntry, PlanEntry, load_meter, load_plan
from abaque.core.period import Cycle
from abaque.core.pricing import Plan
from abaque.core.subscription import Terms
from abaque.storage.models import Meter, PlanVersion, Subscription


@lru_cache(maxsize=1024)
def _plan(version_id: int) -> PlanEntry:
    """Load a plan version. A published one never changes, so it may be remembered for ever."""
    definition: dict[str, Any] = PlanVersion.objects.values_list("definition", flat=True).get(pk=version_id)
    return load_plan(definition)


def plan_of(subscription: Subscription) -> Plan:
    """Return the plan version a subscription is on."""
    return _plan(subscription.plan_version_id).plan


def plan_entry(version: PlanVersion) -> PlanEntry:
    """Return a stored plan version with its names."""
    return _plan(version.pk)


def meter_entry(meter: Meter) -> MeterEntry:
    """Return a stored meter with its names, units, lateness and level."""
    return load_meter(meter.definition)


def terms_of(subscription: Subscription) -> Terms:
    """Return from when to when a subscription runs and the cycle that bills it, in its customer's zone."""
    plan = plan_of(subscription)
    cycle = Cycle(subscription.anchor, plan.interval, subscription.customer.zone, plan.alignment)
    return Terms(subscription.starts_at, subscription.ends_at, cycle)


def latest_version(plan: str, version: int | None) -> PlanVersion:
    """Return a published version of a plan, the newest unless named. Refused `unknown_plan`."""
    versions = PlanVersion.objects.filter(plan__code=plan).select_related("plan").order_by("-version")
    found = versions.first() if version is None else versions.filter(version=version).first()
    if found is None:
        raise Refused("unknown_plan", plan=plan, version=version)
    return found
