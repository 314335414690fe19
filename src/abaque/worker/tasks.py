"""The jobs: what verbs queue in their transactions, carried out here, each the only one to touch its network."""

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import close_old_connections
from procrastinate import RetryStrategy

from abaque.billing.close_period import close
from abaque.billing.jobs import defer
from abaque.billing.permissions import SYSTEM
from abaque.billing.push import push_waiting
from abaque.billing.reconcile import reconcile_now
from abaque.billing.render_document import render_document
from abaque.billing.runner import Refused
from abaque.ports.platform import Platform, PlatformError
from abaque.storage import clock
from abaque.storage.models import Alert, Push, User

ATTEMPTS_MAX = 20
RETRY = RetryStrategy(max_attempts=ATTEMPTS_MAX, exponential_wait=2)


class Jobs:
    """The tasks, bound to the platforms the composition root connected."""

    def __init__(self, platforms: Sequence[Platform]) -> None:
        self.platforms = {platform.name: platform for platform in platforms}

    def register(self, app: Any) -> None:
        """Tell the queue which name is which function."""
        named: dict[str, Callable[..., None]] = {
            "abaque.render": self.render,
            "abaque.push": self.push,
            "abaque.void_surplus": self.void_surplus,
            "abaque.send_alert": self.send_alert,
            "abaque.reconcile": self.reconcile,
            "abaque.close": self.close,
        }
        for name, function in named.items():
            app.task(name=name, retry=RETRY)(_with_fresh_connection(function))

    def render(self, invoice: str) -> None:
        """Render and store an issued invoice's document."""
        render_document(invoice, now=clock.now())

    def push(self, connector: str) -> None:
        """Hand over what waits for a platform."""
        counts = push_waiting(self.platforms[connector], now=clock.now())
        if counts["failed"]:
            raise PlatformError(f"{counts['failed']} invoices were not taken; trying again later", retry=True)

    def void_surplus(self, connector: str, external_id: str) -> None:
        """Void what the platform has too often: every copy but the one it gave us the id of."""
        platform = self.platforms[connector]
        known = Push.objects.filter(connector=connector, invoice__public_id=external_id).first()
        copies = [kept for kept in platform.invoices() if kept.external_id == external_id]
        ours = known.platform_id if known is not None else ""
        keep = next((kept for kept in copies if kept.platform_id == ours), None)
        for kept in copies:
            if kept is not keep:
                platform.void(kept.platform_id)

    def send_alert(self, alert: str) -> None:
        """Mail an alert to owners and finance, where a mail server is set; the console shows it anyway."""
        found = Alert.objects.get(public_id=alert)
        people = list(
            User.objects.filter(role__in=["owner", "finance"], is_active=True).values_list("email", flat=True)
        )
        if settings.EMAIL_HOST_SET and people and found.sent_at is None:
            facts = json.dumps(found.facts, ensure_ascii=False, indent=2)
            send_mail(
                f"Abaque: {found.kind} {found.subject}",
                f"{facts}\n\n{settings.PUBLIC_URL}/console/inbox",
                None,
                people,
            )
            Alert.objects.filter(pk=found.pk).update(sent_at=clock.now())

    def reconcile(self) -> None:
        """Compare all sides."""
        reconcile_now(list(self.platforms.values()), now=clock.now(), by=SYSTEM)

    def close(self, until: str, actor: str = "") -> None:
        """Run the billing clock up to a day or an instant."""
        _ = actor  # the request that asked is recorded by the verb that queued this
        try:
            close(_moment(until), now=clock.now(), by=SYSTEM)
        except Refused as refused:
            if refused.code != "close_running":
                raise
            defer("abaque.close", until=until)


def _moment(text: str) -> datetime | date:
    return date.fromisoformat(text) if len(text) == len("2026-01-01") else datetime.fromisoformat(text)


def _with_fresh_connection(function: Callable[..., None]) -> Callable[..., None]:
    def run(**arguments: Any) -> None:
        close_old_connections()
        try:
            function(**arguments)
        finally:
            close_old_connections()

    return run
