"""The door does what its description says: events made from it, good and bad, each with an answer it promises."""

from typing import Any

import pytest
from tests.api.described import MODES, Answered, fault_of
from tests.api.door.speaking import Client, rows


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_every_answer_is_one_that_is_described(client: Client, mode: Any) -> None:
    def answer(request: Any) -> Answered:
        headers = {name.lower(): value for name, value in request.headers.items()}
        key = headers.get("authorization", "").removeprefix("Bearer ")
        query = request.path_url.partition("?")[2]
        body = request.body or b""
        found = client.post(
            body, headers.get("content-type", ""), key=key, query=query, method=request.method
        )
        return found.status, found.headers, found.content

    assert fault_of("POST /v1/events", mode, client.key, {}, answer, examples=60) == ""
    if mode is MODES[0]:
        [(stored,)] = rows("SELECT count(*) FROM event")
        assert stored > 0
