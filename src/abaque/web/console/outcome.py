"""What became of an issue, said to the person who asked for it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abaque.core.fault import Fault
from abaque.documents.words import fault_sentence
from abaque.web.figures import lang

_NAMED_MAX = 5


def say_kept(request: HttpRequest, done: dict[str, Any] | None) -> None:
    """Say how many invoices were issued, and why the others were kept."""
    if done is None:
        return
    issued, kept = done["issued"], done["kept"]
    if issued:
        said = ngettext("%(n)s invoice is issued.", "%(n)s invoices are issued.", len(issued))
        messages.success(request, said % {"n": len(issued)})
    reasons = list(
        dict.fromkeys(fault_sentence(Fault(each["code"], **each["params"]), lang()) for each in kept)
    )
    for reason in reasons[:_NAMED_MAX]:
        messages.warning(request, reason)
    if len(reasons) > _NAMED_MAX:
        messages.warning(request, _("and %(n)s more of this kind") % {"n": len(reasons) - _NAMED_MAX})
