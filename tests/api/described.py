"""Playing the API's description: cases made from it go to what answers, and the answers are held against it."""

import warnings
from collections.abc import Callable
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from abaque.api.urls import api

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import requests
    import schemathesis
    from schemathesis import checks
    from schemathesis.specs.openapi import checks as described

schemathesis.openapi.format(
    "time-zone", st.sampled_from(["UTC", "Europe/Paris", "Pacific/Apia", "Asia/Kolkata"])
)
# A year is bounded, or most spans would be of thousands of them.
_YEARS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1))  # noqa: DTZ001  # the offset is written below
schemathesis.openapi.format("date", _YEARS.map(lambda at: at.date().isoformat()))
schemathesis.openapi.format(
    "date-time", _YEARS.map(lambda at: f"{at.replace(microsecond=0).isoformat()}+01:00")
)

CHECKS = [
    checks.not_a_server_error,
    described.status_code_conformance,
    described.content_type_conformance,
    described.response_schema_conformance,
    described.response_headers_conformance,
]
MODES = list(schemathesis.GenerationMode)
OPERATIONS = {
    found.ok().label: found.ok()
    for found in schemathesis.openapi.from_dict(api.get_openapi_schema()).get_all_operations()
}
Answered = tuple[int, dict[str, str], bytes]


def fault_of(
    label: str,
    mode: Any,
    key: str,
    known: dict[str, dict[str, str]],
    answer: Callable[[Any], Answered],
    *,
    examples: int,
) -> str:
    """Return what is wrong with an operation's answers, nothing if all is well.

    `known`: what exists, as `path_parameters` and `query` can name it; half of the cases do. The cases are the
    same in every run.
    """
    operation = OPERATIONS[label]
    strategies = [operation.as_strategy(mode)] + ([operation.as_strategy(mode, **known)] if known else [])

    def holds(case: Any) -> None:
        wanted = case.as_transport_kwargs("http://testserver", {"Authorization": f"Bearer {key}"})
        request = requests.Request(**{name: wanted[name] for name in wanted if name != "cookies"}).prepare()
        status, headers, content = answer(request)
        fields = {name.lower(): [value] for name, value in headers.items()}
        case.validate_response(
            schemathesis.Response(status, fields, content, request, elapsed=0, verify=False), checks=CHECKS
        )

    try:
        for cases in strategies:
            settings(
                max_examples=examples // len(strategies),
                derandomize=True,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )(given(cases)(holds))()
    except BaseExceptionGroup as error:
        return "\n".join(map(str, error.exceptions))
    except (AssertionError, ValueError) as error:
        return str(error)
    return ""
