"""Playing the API's description: cases made from it go to what answers, and the answers are held against it."""

import warnings
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from abaque.api.urls import api

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import requests
    import schemathesis
    from schemathesis import checks
    from schemathesis.specs.openapi import checks as described

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
    named: dict[str, str],
    answer: Callable[[Any], Answered],
    *,
    examples: int,
) -> str:
    """Return what is wrong with an operation's answers, nothing if all is well.

    `named`: what of its address exists; half of the cases go there. The cases are the same in every run.
    """
    operation = OPERATIONS[label]
    cases = operation.as_strategy(mode)
    if named:
        cases |= operation.as_strategy(mode, path_parameters=named)

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def holds(case: Any) -> None:
        wanted = case.as_transport_kwargs("http://testserver", {"Authorization": f"Bearer {key}"})
        request = requests.Request(**{name: wanted[name] for name in wanted if name != "cookies"}).prepare()
        status, headers, content = answer(request)
        fields = {name.lower(): [value] for name, value in headers.items()}
        case.validate_response(
            schemathesis.Response(status, fields, content, request, elapsed=0, verify=False), checks=CHECKS
        )

    try:
        holds()
    except BaseExceptionGroup as error:
        return "\n".join(map(str, error.exceptions))
    except (AssertionError, ValueError) as error:
        return str(error)
    return ""
