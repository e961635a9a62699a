"""Generated requests to every operation that Twilio's OpenAPI document and the sandbox have.

Each parameter has values that its schema allows, values that it does not, and any text; no answer is a 500 of
the sandbox, every success has the described shape, and every refusal is an error as Twilio writes it.
"""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import MakeSandbox, Sandbox
from tests.sandbox.twilio.test_conformance import filled, prepared

_FIXTURES = Path(__file__).parents[2] / "fixtures" / "twilio_specs"
OPERATIONS: dict[str, dict[str, Any]] = json.loads((_FIXTURES / "operations.json").read_text("utf-8"))
_KEPT = {
    # These end what the other requests of an example need.
    "POST /2010-04-01/Accounts/{Sid}.json",
}
ODD = st.one_of(
    st.text(max_size=80),
    st.sampled_from(
        ["", "9" * 25, "-1", "0", "²", "\x00", "true", "2026-13-45", "2026-01-01T00:00:00Z", "%", "*"]
    ),
    st.integers().map(str),
    st.from_regex(r"(AC|PN|AP|CA|QU|CF|SK|TK)[0-9a-f]{32}", fullmatch=True),
    st.sampled_from(
        ["https://a.example/x", "http://[", "https://a_b.example", "+15551234567", "client:x", "sip:a@b"]
    ),
)


def values(rule: dict[str, Any]) -> st.SearchStrategy[str]:
    """Values for a parameter: what its schema allows more often than anything else."""
    if "enum" in rule:
        return st.one_of(st.sampled_from(rule["enum"]), ODD)
    if rule.get("type") == "integer":
        return st.one_of(st.integers(0, 1000).map(str), ODD)
    if rule.get("type") == "boolean":
        return st.one_of(st.sampled_from(["true", "false"]), ODD)
    return ODD


def requests(key: str) -> st.SearchStrategy[dict[str, str]]:
    """The parameters of one request to an operation."""
    operation = OPERATIONS[key]
    rules = operation.get("form") or {name: {} for name in operation.get("query", ())}
    return st.fixed_dictionaries({}, optional={name: values(rule) for name, rule in rules.items()})


@pytest.mark.slow
@pytest.mark.parametrize(
    "key", [key for key in OPERATIONS if not key.startswith("DELETE") and key not in _KEPT]
)
def test_any_request_is_answered_as_twilio_would(
    key: str, make_sandbox: MakeSandbox, receiver: Receiver
) -> None:
    """A described success, or an error with code, message, more_info and status."""
    with asyncio.Runner() as runner:
        opened = make_sandbox()
        sandbox = runner.run(opened.__aenter__())
        path = filled(key.split(" ", 1)[1], runner.run(prepared(sandbox, receiver)))

        @settings(max_examples=40, deadline=None, database=None)
        @given(requests(key))
        def check(parameters: dict[str, str]) -> None:
            runner.run(answer(sandbox, key.partition(" ")[0], path, parameters))

        try:
            check()
        finally:
            runner.run(opened.__aexit__(None, None, None))


async def answer(sandbox: Sandbox, method: str, path: str, parameters: dict[str, str]) -> None:
    """Make a request; the client checks every success by the description."""
    where = {"data" if method == "POST" else "params": parameters}
    response = await sandbox.client.request(method, path, **where)
    assert response.status_code < 500, (parameters, response.text)
    if not response.is_success:
        body = response.json()
        assert body["status"] == response.status_code
        assert set(body) >= {"code", "message"}
        assert re.fullmatch(r"https://www\.twilio\.com/docs/errors/\d+", body["more_info"])
