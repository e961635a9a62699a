"""What the sandbox's control plane answers about a deployed stack: rows, functions, tables and logs."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from typing import Any

import httpx
import pytest

from tests.support.clone import NUMBER, Clone
from tests.support.waiting import PATIENCE, wait_for

pytestmark = pytest.mark.slow

AGENT = "+15557654321"


@pytest.fixture
def call(deployed: Clone) -> dict[str, Any]:
    """A finished call that an agent answered."""
    return deployed.call(legs={AGENT: {"talkSeconds": 3}})


def requests_of(clone: Clone, sid: str) -> list[dict[str, Any]]:
    """The call's webhook requests, oldest first."""
    found: list[dict[str, Any]] = clone.control("GET", f"webhook-requests?call_sid={sid}")["webhook_requests"]
    return found


def rows_of(clone: Clone, request: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows that a request changed."""
    changes: list[dict[str, Any]] = clone.control("GET", f"webhook-requests/{request['id']}/rows")["changes"]
    return changes


def test_each_request_has_the_rows_that_it_changed(deployed: Clone, call: dict[str, Any]) -> None:
    """Each event row belongs to exactly one request, and the changes of a call's row follow each other."""
    requests = requests_of(deployed, call["sid"])
    changes = {request["id"]: rows_of(deployed, request) for request in requests}

    assert all(not change["inferred"] for found in changes.values() for change in found)
    stored = [
        (request["params"], change["record"]["params"])
        for request in requests
        for change in changes[request["id"]]
        if change["table"] == "twilio_call_events"
    ]
    assert len(stored) == len(requests)
    assert all(sent == kept for sent, kept in stored)
    (leg,) = call["legs"]
    for sid in (call["sid"], leg["sid"]):
        versions: dict[int, dict[str, Any]] = {
            change["id"]: change
            for found in changes.values()
            for change in found
            if change["table"] == "twilio_calls" and change["record"]["call_sid"] == sid
        }
        first, *later = [versions[number] for number in sorted(versions)]
        assert (first["type"], first["old_record"]) == ("INSERT", None)
        before = first
        for change in later:
            assert (change["type"], change["old_record"]) == ("UPDATE", before["record"])
            before = change
        (row,) = deployed.query(f"select to_jsonb(c) as row from twilio_calls c where call_sid = '{sid}'")
        assert before["record"] == row["row"]
    assert call["sid"] in {row["call_sid"] for row in deployed.control("GET", "tables/twilio_calls")["rows"]}


def test_requests_that_the_handler_stores_together(deployed: Clone, call: dict[str, Any]) -> None:
    """Callbacks at the same time share transactions; each has its own event, and duplicates have nothing."""
    (sent, *_) = [
        request for request in requests_of(deployed, call["sid"]) if request["params"].get("SequenceNumber")
    ]
    last = max(request["id"] for request in requests_of(deployed, call["sid"]))
    url = f"{deployed.values['twilio_base_url']}/_sandbox/webhook-requests/{sent['id']}/resend"

    async def resend_all() -> None:
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            bodies = [{"params": {"SequenceNumber": str(100 + number // 2)}} for number in range(24)]
            for answer in await asyncio.gather(*(client.post(url, json=body) for body in bodies)):
                answer.raise_for_status()

    asyncio.run(resend_all())
    again = [request for request in requests_of(deployed, call["sid"]) if request["id"] > last]
    assert [request["status"] for request in again] == [204] * 24
    changes = {request["id"]: rows_of(deployed, request) for request in again}
    events = {
        request["params"]["SequenceNumber"]: change["record"]["event_key"]
        for request in again
        for change in changes[request["id"]]
        if change["table"] == "twilio_call_events"
        and change["record"]["params"] == request["params"]
        and change["shared_with"] == []
    }
    assert len(set(events.values())) == 12
    assert sum(1 for found in changes.values() if found == []) == 12
    transactions = {found[0]["transaction"] for found in changes.values() if found}
    assert len(transactions) < 12, "the handler combined none of them"
    for number, found in changes.items():
        for change in found:
            others = [changes[other] for other in change["shared_with"]]
            assert all(change["id"] in {item["id"] for item in other} for other in others)
            assert number not in change["shared_with"]


def test_the_explained_signature_is_the_one_that_was_sent(deployed: Clone, call: dict[str, Any]) -> None:
    """The string, signed as Twilio documents it, gives the digest; a wrong signature says so."""
    request = next(item for item in requests_of(deployed, call["sid"]) if item["kind"] == "voice")
    shown = deployed.control("GET", f"webhook-requests/{request['id']}/signature")
    token = deployed.control("GET", "account")["authToken"]
    digest = hmac.new(token.encode(), shown["string"].encode(), hashlib.sha1).digest()
    assert shown["string"] == shown["url"] + "".join(
        parameter["name"] + parameter["value"] for parameter in shown["parameters"]
    )
    assert shown["sent"] == shown["computed"] == base64.b64encode(digest).decode()
    assert (shown["valid"], shown["verdict"]) == (True, "signed with the auth token; matches")

    again = deployed.control("POST", f"webhook-requests/{request['id']}/resend", json={"signature": "wrong"})
    wrong = deployed.control("GET", f"webhook-requests/{again['webhook_request']['id']}/signature")
    assert wrong["computed"] == shown["computed"]
    assert (wrong["valid"], wrong["key"]) == (False, "wrong key")
    assert again["webhook_request"]["status"] == 403
    assert rows_of(deployed, again["webhook_request"]) == []


def test_the_project_is_shown_from_the_same_origin(deployed: Clone, call: dict[str, Any]) -> None:
    """Numbers, calls, functions, logs and the project's own control plane, all on Twilio's port."""
    (number,) = [
        item for item in deployed.control("GET", "numbers")["numbers"] if item["phone_number"] == NUMBER
    ]
    assert number["route"].startswith(f"POST {deployed.values['webhook_url']}")
    assert number["forward_to"] == [AGENT]
    (shown,) = deployed.control("GET", "calls")["calls"]
    assert (shown["sid"], shown["legs"], shown["problem"]) == (call["sid"], 1, None)
    assert deployed.control("GET", f"calls?before={call['sid']}") == {"calls": []}

    functions = deployed.control("GET", "functions")
    assert "twilio-webhook" in {function["slug"] for function in functions["functions"]}
    assert "VOICEHOOKS_AUTH_TOKEN" in functions["secrets"]
    lines = wait_for(
        lambda: deployed.control("GET", "functions/twilio-webhook/logs")["lines"],
        "a line of the function's log",
    )
    rest = deployed.control("GET", f"functions/twilio-webhook/logs?after={lines[0]['id']}")["lines"]
    assert [item["id"] for item in rest][: len(lines) - 1] == [line["id"] for line in lines[1:]]
    assert deployed.control("GET", "tables")["tables"] == [
        "twilio_call_events",
        "twilio_call_summaries",
        "twilio_calls",
        "twilio_errors",
        "twilio_recordings",
    ]
    assert deployed.control("GET", "supabase/status") == deployed.supabase_control("GET", "status")
    assert deployed.control("GET", "supabase/mail") == {"mail": []}
    assert deployed.control("GET", "supabase/faults")["paused"] is False
    refused = httpx.post(
        f"{deployed.values['twilio_base_url']}/_sandbox/supabase/faults",
        json={"no-such": 1},
        timeout=PATIENCE,
    )
    assert (refused.status_code, "There is no fault no-such" in refused.json()["message"]) == (400, True)
    paths = deployed.control("GET", "openapi.json")["paths"]
    assert {"/_sandbox/supabase/database/stop", "/_sandbox/webhook-requests/{id}/rows"} <= paths.keys()
