"""Whether all sides agree: reconciling, findings, holds."""

# ruff: noqa: ARG001  # ninja hands every operation its request, by that name

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Router

from abaque.api.answered import FindingOut, HoldOut, PageOut, ReconciledOut
from abaque.api.asked import FindingsAsked, HoldsAsked, ReleaseIn
from abaque.api.doing import do, idempotency_key
from abaque.api.keys import READ, Key, caller
from abaque.billing.reconcile import reconcile_now
from abaque.billing.release import Release, release
from abaque.connectors.sandbox import SandboxPlatform
from abaque.ports.platform import Platform
from abaque.storage import clock
from abaque.storage.read import control

router = Router(tags=["control"])


@router.post("/reconcile", auth=Key("reconcile"), response=ReconciledOut)
def post_reconcile(request: HttpRequest) -> Any:
    """Read every platform and compare all sides. What differs becomes a finding, what matters a hold."""
    idempotency_key(request)
    return reconcile_now(_platforms(), now=clock.now(), by=caller(request))


@router.get("/findings", auth=READ, response=PageOut[FindingOut])
def get_findings(request: HttpRequest, asked: Query[FindingsAsked]) -> Any:
    """List open findings, newest first; closed ones too if asked."""
    return control.list_findings(
        open_only=not asked.closed,
        customer=asked.customer,
        kind=asked.kind,
        limit=asked.limit,
        cursor=asked.cursor,
    )


@router.get("/holds", auth=READ, response=PageOut[HoldOut])
def get_holds(request: HttpRequest, asked: Query[HoldsAsked]) -> Any:
    """List standing holds, newest first; released ones too if asked."""
    return control.list_holds(
        standing_only=not asked.released, customer=asked.customer, limit=asked.limit, cursor=asked.cursor
    )


@router.post("/holds/{hold_id}/release", auth=Key("release"), response=HoldOut)
def post_release(request: HttpRequest, hold_id: str, body: ReleaseIn) -> Any:
    """Release a hold, with the reason. Its finding stays open until the check turns green."""
    do(request, release, Release(hold_id, body.reason))
    return control.one_hold(hold_id)


def _platforms() -> Sequence[Platform]:
    """Return the platforms that are connected."""
    if "sandbox" in settings.CONNECTORS:
        return (SandboxPlatform(settings.PLATFORM_URL, settings.PLATFORM_KEY),)
    return ()
