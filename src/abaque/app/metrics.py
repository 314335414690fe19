"""`/metrics` in Prometheus' text format: lag, backlog, holds. No customer is named."""

from django.http import HttpRequest, HttpResponse

from abaque.storage import hot

_GAUGES = {
    "abaque_backlog_events": "SELECT coalesce(sum(accepted), 0) FROM intake WHERE metered_at IS NULL",
    "abaque_lag_seconds": "SELECT coalesce(extract(epoch FROM now() - min(received_at)), 0) FROM intake"
    " WHERE metered_at IS NULL",
    "abaque_events_accepted_total": "SELECT coalesce(sum(accepted), 0) FROM intake",
    "abaque_holds_open": "SELECT count(*) FROM hold WHERE released_at IS NULL",
    "abaque_findings_open": "SELECT count(*) FROM finding WHERE closed_at IS NULL",
    "abaque_oldest_job_seconds": "SELECT coalesce(extract(epoch FROM now() - min(scheduled_at)), 0)"
    " FROM procrastinate_jobs WHERE status = 'todo'",
}


def metrics(_request: HttpRequest) -> HttpResponse:
    """Return the gauges as they are now."""
    lines = [f"{name} {float(hot.rows(sql)[0][0]):g}" for name, sql in _GAUGES.items()]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")
