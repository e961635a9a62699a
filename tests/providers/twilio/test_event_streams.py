"""EventSink and EventSubscription: created and deleted by the program, or adopted and given back."""

from __future__ import annotations

import json
from collections.abc import Coroutine
from typing import Any

import pytest

from tests.providers.servicer_client import CheckFailed, Refused, Resource
from tests.providers.twilio.conftest import Emulator, run
from tests.support.interception import intercepted

ERROR = "com.twilio.error-logs.error.logged"
PARTIAL = "com.twilio.voice.insights.call-summary.partial"
COMPLETE = "com.twilio.voice.insights.call-summary.complete"
URL = "https://crm.example.com/twilio/events"
SINK = {"description": "crm", "destination": URL}


def sinks(emulator: Emulator) -> list[dict[str, Any]]:
    """The account's sinks as Twilio answers them."""
    return list(emulator.http.get("/v1/Sinks").json()["sinks"])


def types_of(emulator: Emulator, sid: str) -> dict[str, int]:
    """A subscription's types with their versions."""
    answer = emulator.http.get(f"/v1/Subscriptions/{sid}/SubscribedEvents").json()
    return {item["type"]: item["schema_version"] for item in answer["types"]}


def create_sink(emulator: Emulator, **given: Any) -> Resource:
    """Create a sink's resource."""
    sink: Resource = run(emulator.plugin().create("EventSink", "events", {**SINK, **given}))
    return sink


def subscribe(emulator: Emulator, sink_sid: str, **types: int) -> Resource:
    """Create a subscription's resource."""
    given = {"description": "crm", "sinkSid": sink_sid, "types": types or {ERROR: 1, PARTIAL: 1}}
    subscription: Resource = run(emulator.plugin().create("EventSubscription", "calls", given))
    return subscription


def there(reading: Coroutine[Any, Any, Resource | None]) -> Resource:
    """Read a resource that exists."""
    found = run(reading)
    assert found is not None
    return found


def foreign(emulator: Emulator) -> tuple[str, str]:
    """A sink and a subscription that somebody else made."""
    form = {
        "Description": "theirs",
        "SinkType": "webhook",
        "SinkConfiguration": json.dumps({"destination": URL}),
    }
    sink = emulator.http.post("/v1/Sinks", data=form).json()["sid"]
    types = json.dumps({"type": ERROR, "schema_version": 2})
    made = emulator.http.post(
        "/v1/Subscriptions", data={"Description": "theirs", "SinkSid": sink, "Types": types}
    )
    return sink, made.json()["sid"]


def test_created_and_deleted(emulator: Emulator) -> None:
    """Both are created as the program says, and nothing is left of them."""
    sink = create_sink(emulator)
    subscription = subscribe(emulator, sink.state["sinkSid"])
    (found,) = sinks(emulator)
    assert found["sink_configuration"] == {"destination": URL, "method": "POST"}
    assert types_of(emulator, subscription.id) == {ERROR: 1, PARTIAL: 1}
    run(emulator.plugin().delete(subscription))
    run(emulator.plugin().delete(sink))
    assert sinks(emulator) == []


def test_preview_writes_nothing(emulator: Emulator) -> None:
    """A preview only reads; it names a sink with the same destination."""
    sid, _ = foreign(emulator)
    client = emulator.plugin()
    run(client.create("EventSink", "events", SINK, preview=True))
    assert sid in client.said
    assert [sink["sid"] for sink in sinks(emulator)] == [sid]


@pytest.mark.parametrize(
    ("kind", "given", "text"),
    [
        ("EventSink", {"description": " ", "destination": URL}, "empty"),
        ("EventSink", {"description": "d", "destination": "crm.example.com"}, "destination"),
        ("EventSubscription", {"description": "d", "sinkSid": "x", "types": {ERROR: 1}}, "DG"),
        ("EventSubscription", {"description": "d", "sinkSid": "DG" + "0" * 32, "types": {}}, "at least one"),
        ("EventSubscription", {"description": "d", "sinkSid": "DG" + "0" * 32, "types": {ERROR: 0}}, "begin"),
    ],
)
def test_bad_inputs(emulator: Emulator, kind: str, given: dict[str, Any], text: str) -> None:
    """Each is one sentence at the property, before anything is written."""
    with pytest.raises(CheckFailed, match=text):
        run(emulator.plugin().create(kind, "r", given))
    assert sinks(emulator) == []


def test_types_change_one_by_one(emulator: Emulator) -> None:
    """An update subscribes to new types and removes old ones; the subscription stays the same."""
    sink = create_sink(emulator)
    subscription = subscribe(emulator, sink.state["sinkSid"])
    given = {**subscription.inputs, "types": {PARTIAL: 3, COMPLETE: 1}}
    changes = run(emulator.plugin().diff(subscription, given))
    assert set(changes) == {f'types["{name}"]' for name in (ERROR, PARTIAL, COMPLETE)}
    updated = run(emulator.plugin().update(subscription, given))
    assert updated.id == subscription.id
    assert types_of(emulator, subscription.id) == {PARTIAL: 3, COMPLETE: 1}


def test_drift_is_shown_by_type(emulator: Emulator) -> None:
    """What somebody changed in the console is a difference of that type, and of the description."""
    sink = create_sink(emulator)
    subscription = subscribe(emulator, sink.state["sinkSid"])
    path = f"/v1/Subscriptions/{subscription.id}"
    emulator.http.delete(f"{path}/SubscribedEvents/{ERROR}").raise_for_status()
    emulator.http.post(path, data={"Description": "theirs"}).raise_for_status()
    refreshed = there(emulator.plugin().read(subscription))
    changes = run(emulator.plugin().diff(refreshed, subscription.inputs))
    assert set(changes) == {"description", f'types["{ERROR}"]'}


def test_restricted_type_is_never_removed(emulator: Emulator) -> None:
    """Twilio would not let the account subscribe to it again; preview and update refuse."""
    sink = create_sink(emulator)
    subscription = subscribe(emulator, sink.state["sinkSid"])
    given = {**subscription.inputs, "types": {PARTIAL: 1}}

    answer = json.dumps({"type": ERROR, "status": "restricted"}).encode()
    with intercepted(emulator.url) as proxy:
        proxy.garble(answer, "GET", f"/v1/Types/{ERROR}")
        for preview in (True, False):
            with pytest.raises(Refused, match="restricted"):
                run(emulator.plugin(baseUrl=proxy.url).update(subscription, given, preview=preview))
    assert types_of(emulator, subscription.id) == {ERROR: 1, PARTIAL: 1}


def test_another_destination_is_another_sink(emulator: Emulator) -> None:
    """Twilio changes only the description."""
    sink = create_sink(emulator)
    changes = run(emulator.plugin().diff(sink, {**SINK, "destination": f"{URL}/2", "description": "new"}))
    assert {path: change.split("_")[-1] for path, change in changes.items()} == {
        "destination": "REPLACE",
        "description": "UPDATE",
    }
    run(emulator.plugin().update(sink, {**SINK, "description": "new"}))
    assert [item["description"] for item in sinks(emulator)] == ["new"]


def test_sink_in_use_is_not_deleted(emulator: Emulator) -> None:
    """A subscription that somebody else made would lose its events."""
    sink = create_sink(emulator)
    form = {"Description": "t", "SinkSid": sink.id, "Types": json.dumps({"type": ERROR})}
    theirs = emulator.http.post("/v1/Subscriptions", data=form).json()["sid"]
    with pytest.raises(Refused, match=theirs):
        run(emulator.plugin().delete(sink))
    assert [item["sid"] for item in sinks(emulator)] == [sink.id]


def test_imported_ones_are_given_back(emulator: Emulator) -> None:
    """They are not deleted; description and types are what they were."""
    sink_sid, sid = foreign(emulator)
    sink = there(emulator.plugin().import_("EventSink", "events", sink_sid))
    subscription = there(emulator.plugin().import_("EventSubscription", "calls", sid))
    sink = run(emulator.plugin().update(sink, {**sink.inputs, "description": "ours"}))
    given = {**subscription.inputs, "description": "ours", "types": {PARTIAL: 1}}
    subscription = run(emulator.plugin().update(subscription, given))
    run(emulator.plugin().delete(subscription))
    run(emulator.plugin().delete(sink))
    assert [(item["sid"], item["description"]) for item in sinks(emulator)] == [(sink_sid, "theirs")]
    assert types_of(emulator, sid) == {ERROR: 2}
    assert emulator.http.get(f"/v1/Subscriptions/{sid}").json()["description"] == "theirs"


def test_failed_sink_is_named(emulator: Emulator) -> None:
    """A refresh says that Twilio sends no more events."""
    sink = create_sink(emulator)
    emulator.http.post(f"/_sandbox/event-sinks/{sink.id}", json={"status": "failed"}).raise_for_status()
    client = emulator.plugin()
    refreshed = there(client.read(sink))
    assert refreshed.state["status"] == "failed"
    assert "receives no events" in client.said


def test_gone(emulator: Emulator) -> None:
    """What somebody deleted is gone, and its deletion is no error."""
    sink = create_sink(emulator)
    subscription = subscribe(emulator, sink.id)
    emulator.http.delete(f"/v1/Subscriptions/{subscription.id}").raise_for_status()
    emulator.http.delete(f"/v1/Sinks/{sink.id}").raise_for_status()
    assert run(emulator.plugin().read(sink)) is None
    assert run(emulator.plugin().read(subscription)) is None
    run(emulator.plugin().delete(subscription))
    run(emulator.plugin().delete(sink))


def test_only_a_sink_with_the_same_destination_is_announced(emulator: Emulator) -> None:
    """Another one is nobody's mistake; one that exists is named with the command that imports it."""
    sid, _ = foreign(emulator)
    client = emulator.plugin()
    sink = run(client.create("EventSink", "events", {**SINK, "destination": f"{URL}/2"}))
    assert client.said == ""
    assert sink.state["status"] == "active"
    assert sink.state["originalDescription"] == ""
    run(client.create("EventSink", "others", SINK))
    assert f"pulumi import twilio:index:EventSink others {sid}" in client.said


@pytest.mark.parametrize(("status", "unclear"), [(503, True), (400, False)])
@pytest.mark.parametrize("kind", ["EventSink", "EventSubscription"])
def test_a_creation_without_an_answer_is_not_repeated(
    emulator: Emulator, kind: str, status: int, unclear: bool
) -> None:
    """It could create a second one; a refusal created nothing, and is Twilio's own."""
    sink_sid, _ = foreign(emulator)
    given = SINK if kind == "EventSink" else {"description": "d", "sinkSid": sink_sid, "types": {ERROR: 1}}
    fault = {"fault": "rest-error", "status": status, "code": 20001, "message": "no", "method": "POST"}
    emulator.http.post("/_sandbox/faults", json=[{**fault, "times": 1}]).raise_for_status()
    with pytest.raises(Refused, match="Twilio 20001") as refused:
        run(emulator.plugin().create(kind, "it", {**given, "description": "ours"}))
    assert (f"pulumi import twilio:index:{kind} it D" in str(refused.value)) is unclear
    assert len(sinks(emulator)) == 1


def test_a_sink_of_another_kind_is_not_imported(emulator: Emulator) -> None:
    """A Kinesis stream has no destination that a program of this provider could give."""
    form = {"Description": "theirs", "SinkType": "kinesis", "SinkConfiguration": json.dumps({"arn": "x"})}
    sid = emulator.http.post("/v1/Sinks", data=form).json()["sid"]
    with pytest.raises(Refused, match=f"{sid} is a kinesis sink"):
        run(emulator.plugin().import_("EventSink", "events", sid))


def test_a_subscription_of_another_sink_keeps_no_sink(emulator: Emulator) -> None:
    """Only one that sends to this sink would lose its events."""
    foreign(emulator)
    sink = create_sink(emulator, destination=f"{URL}/2")
    run(emulator.plugin().delete(sink))
    assert [item["description"] for item in sinks(emulator)] == ["theirs"]


def test_a_refresh_keeps_what_was_there_at_first(emulator: Emulator) -> None:
    """Of imported ones that the program changed since, and what somebody moved shows as drift."""
    sink_sid, sid = foreign(emulator)
    sink = there(emulator.plugin().import_("EventSink", "events", sink_sid))
    assert sink.inputs == {"description": "theirs", "destination": URL}
    subscription = there(emulator.plugin().import_("EventSubscription", "calls", sid))
    assert subscription.inputs == {"description": "theirs", "sinkSid": sink_sid, "types": {ERROR: 2}}
    sink = run(emulator.plugin().update(sink, {**sink.inputs, "description": "ours"}))
    given = {**subscription.inputs, "description": "ours", "types": {PARTIAL: 1, ERROR: 1}}
    subscription = run(emulator.plugin().update(subscription, given))
    assert types_of(emulator, sid) == {PARTIAL: 1, ERROR: 1}
    sink = there(emulator.plugin().read(sink))
    assert (sink.inputs["description"], sink.state["originalDescription"]) == ("ours", "theirs")
    subscription = there(emulator.plugin().read(subscription))
    assert subscription.inputs == given
    assert subscription.state["originalDescription"] == "theirs"
    assert subscription.state["originalTypes"] == {ERROR: 2}
    emulator.http.post(
        f"/v1/Subscriptions/{sid}/SubscribedEvents", data={"Type": COMPLETE, "SchemaVersion": "1"}
    ).raise_for_status()
    client = emulator.plugin()
    run(client.delete(subscription))
    assert f"the subscription {sid} is not deleted" in client.said
    assert types_of(emulator, sid) == {ERROR: 2, COMPLETE: 1}
    run(client.delete(sink))
    assert f"the sink {sink_sid} is not deleted" in client.said


def test_types_of_others_stay(emulator: Emulator) -> None:
    """An update removes only what leaves the program, and writes only what differs."""
    sink = create_sink(emulator)
    subscription = subscribe(emulator, sink.id, **{ERROR: 2, PARTIAL: 1})
    path = f"/v1/Subscriptions/{subscription.id}/SubscribedEvents"
    emulator.http.post(path, data={"Type": COMPLETE, "SchemaVersion": "1"}).raise_for_status()
    emulator.forget_requests()
    run(emulator.plugin().update(subscription, {**subscription.inputs, "types": {ERROR: 2}}))
    assert types_of(emulator, subscription.id) == {ERROR: 2, COMPLETE: 1}
    writes = [(r["method"], r["path"]) for r in emulator.requests() if r["method"] != "GET"]
    assert writes == [("POST", path.removesuffix("/SubscribedEvents")), ("DELETE", f"{path}/{PARTIAL}")]


def test_a_restricted_type_stays_when_a_subscription_is_given_back(emulator: Emulator) -> None:
    """A destroy does not fail for it; it says so and removes the others."""
    _, sid = foreign(emulator)
    subscription = there(emulator.plugin().import_("EventSubscription", "calls", sid))
    given = {**subscription.inputs, "types": {ERROR: 2, PARTIAL: 1, COMPLETE: 1}}
    subscription = run(emulator.plugin().update(subscription, given))
    with intercepted(emulator.url) as proxy:
        answer = json.dumps({"type": PARTIAL, "status": "restricted"}).encode()
        proxy.garble(answer, "GET", f"/v1/Types/{PARTIAL}")
        client = emulator.plugin(baseUrl=proxy.url)
        run(client.delete(subscription))
    assert f"{PARTIAL} stays subscribed" in client.said
    assert types_of(emulator, sid) == {ERROR: 2, PARTIAL: 1}
