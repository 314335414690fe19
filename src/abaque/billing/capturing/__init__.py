"""The event entrance: a body of events in, a verdict for each of them out, durably."""

from abaque.billing.capturing.bodies import MAX_BODY, BadBody, Form, form_of, read_body
from abaque.billing.capturing.capture import (
    VERDICTS,
    Intake,
    Sent,
    Unauthorized,
    Verdict,
    capture,
    capture_hopefully,
    prepare,
)

__all__ = [
    "MAX_BODY",
    "VERDICTS",
    "BadBody",
    "Form",
    "Intake",
    "Sent",
    "Unauthorized",
    "Verdict",
    "capture",
    "capture_hopefully",
    "form_of",
    "prepare",
    "read_body",
]
