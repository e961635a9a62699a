"""Event Streams: the API through Twilio's own client, and the delivery of events to webhook sinks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.responses import Response
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.sandbox.twilio.receiver import Received, Receiver
from tests.sandbox.twilio.sandbox_client import AUTH_TOKEN, MakeSandbox, Sandbox

ERROR = "com.twilio.error-logs.error.logged"
PARTIAL = "com.twilio.voice.insights.call-summary.partial"
COMPLETE = "com.twilio.voice.insights.call-summary.complete"
PATH = "/functions/v1/twilio-events"


def test_subscribed_events_through_the_client(client: Client) -> None:
    """A subscription's types are added, moved to another schema version and removed one by one."""
    events = client.events.v1
    sink = events.sinks.create(
        description="d", sink_configuration={"destination": "https://a.example"}, sink_type="webhook"
    )
    assert [item.sid for item in events.sinks.list(in_use=False)] == [sink.sid]
    made = events.subscriptions.create(description="d", sink_sid=sink.sid, types=[{"type": ERROR}])
    assert [item.sid for item in events.sinks.list(in_use=True)] == [sink.sid]
    subscribed = events.subscriptions(made.sid).subscribed_events
    assert subscribed.create(type=PARTIAL).schema_version == 3
    assert subscribed(PARTIAL).update(schema_version=2).schema_version == 2
    assert {item.type: item.schema_version for item in subscribed.list()} == {ERROR: 1, PARTIAL: 2}
    assert subscribed(ERROR).delete()
    with pytest.raises(TwilioRestException) as missing:
        subscribed(ERROR).fetch()
    assert missing.value.status == 404
    assert events.event_types(ERROR).fetch().schema_id == "ErrorLogs.Error"
    assert events.sinks(sink.sid).sink_test.create().result == "submitted"
    assert events.sinks(sink.sid).sink_validate.create(test_id="x").result == "valid"


@pytest.mark.anyio
async def test_summary_of_every_leg_is_signed_with_the_bodys_hash(sandbox: Sandbox, receiver: Receiver) -> None:
    """Twilio's validator accepts the request as it is, and refuses it with another body."""
    await _subscribe(sandbox, receiver, PARTIAL, COMPLETE)
    dial = "<Response><Dial>+15557654321</Dial></Response>"
    await sandbox.configure(VoiceUrl=receiver.twiml("/v", dial))
    call = await sandbox.call_in()
    await _delivered(sandbox)
    requests = receiver.on(PATH)
    for request in requests:
        signature, validator = request.headers["x-twilio-signature"], RequestValidator(AUTH_TOKEN)
        assert validator.validate(request.url, request.body.decode(), signature)
        assert not validator.validate(request.url, request.body.decode() + " ", signature)
    events = _events(requests)
    legs = {call["sid"], *(leg["sid"] for leg in call["legs"])}
    assert len(legs) == 2
    for kind, state in ((PARTIAL, "partial"), (COMPLETE, "complete")):
        found = [event["data"] for event in events if event["type"] == kind]
        assert {data["call_sid"] for data in found} == legs
        assert {data["processing_state"] for data in found} == {state}
    inbound = next(e["data"] for e in events if e["data"]["call_sid"] == call["sid"])
    assert (inbound["call_state"], inbound["properties"]["direction"]) == ("completed", "inbound")
    assert len({event["id"] for event in events}) == 4


@pytest.mark.anyio
async def test_error_is_reported(sandbox: Sandbox, receiver: Receiver) -> None:
    """What the Debugger logs arrives as an event."""
    await _subscribe(sandbox, receiver, ERROR)
    await sandbox.configure(VoiceUrl=receiver.answer("/broken", Response("no", 500)))
    await sandbox.call_in()
    await _delivered(sandbox)
    alerts = {alert["sid"]: alert["error_code"] for alert in await sandbox.alerts()}
    assert alerts
    data = [event["data"] for event in _events(receiver.on(PATH))]
    assert {item["sid"]: item["error_code"] for item in data} == alerts


@pytest.mark.anyio
@pytest.mark.parametrize(("status", "attempts"), [(503, 3), (429, 3), (404, 1), (403, 1)])
async def test_server_errors_are_tried_again(
    sandbox: Sandbox, receiver: Receiver, status: int, attempts: int
) -> None:
    """429 and 5xx are tried again with the same events; any other 4xx discards them."""
    receiver.answer(PATH, lambda n: Response(status_code=status if n < 2 else 204))
    sink = await _subscribe(sandbox, receiver, PARTIAL, keep_answer=True)
    await sandbox.post(f"/v1/Sinks/{sink}/Test")
    await _delivered(sandbox)
    requests = receiver.on(PATH)
    assert len(requests) == attempts
    assert len({request.body for request in requests}) == 1


@pytest.mark.anyio
async def test_retries_end_after_four_hours(sandbox: Sandbox, receiver: Receiver) -> None:
    """A sink that never answers loses the events."""
    receiver.answer(PATH, Response(status_code=500))
    sink = await _subscribe(sandbox, receiver, PARTIAL, keep_answer=True)
    await sandbox.post(f"/v1/Sinks/{sink}/Test")
    assert (await _delivered(sandbox))["under_way"] == 0
    assert len(receiver.on(PATH)) > 10


@pytest.mark.anyio
async def test_duplicates_and_order_on_request(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """Faults of the kind `event` repeat a request, or send it after a later one."""
    async with make_sandbox(factor=20) as sandbox:
        sink = await _subscribe(sandbox, receiver, PARTIAL)
        await sandbox.control("POST", "/faults", [{"fault": "reorder", "kind": "event", "times": 1}])
        await sandbox.configure(VoiceUrl=receiver.twiml("/v", "<Response/>"))
        call = await sandbox.call_in()
        await sandbox.control("POST", "/faults", [{"fault": "duplicate", "kind": "event", "times": 1}])
        await sandbox.post(f"/v1/Sinks/{sink}/Test")
        await _delivered(sandbox)
    first, second, late = _events(receiver.on(PATH))
    assert first == second
    assert "test_id" in first["data"]
    assert late["data"]["call_sid"] == call["sid"]


async def _subscribe(sandbox: Sandbox, receiver: Receiver, *types: str, keep_answer: bool = False) -> str:
    """A webhook sink with a subscription to these types; its SID."""
    if not keep_answer:
        receiver.answer(PATH, Response(status_code=204))
    destination = f"https://hooks.example{PATH}"
    form = {"SinkType": "webhook", "SinkConfiguration": json.dumps({"destination": destination})}
    sink = (await sandbox.post("/v1/Sinks", data={"Description": "d", **form})).json()
    wanted = [json.dumps({"type": item}) for item in types]
    made = await sandbox.post("/v1/Subscriptions", Description="d", SinkSid=sink["sid"], Types=wanted)
    assert made.status_code == 201, made.text
    return str(sink["sid"])


async def _delivered(sandbox: Sandbox) -> dict[str, Any]:
    found = await sandbox.control("GET", "/event-requests?wait=30")
    assert found["under_way"] == 0
    return dict(found)


def _events(requests: list[Received]) -> list[dict[str, Any]]:
    return [event for request in requests for event in json.loads(request.body)]
