"""The Calls resource: create, read, list, redirect, cancel, complete."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any

import pytest
from starlette.responses import Response

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import API, MakeSandbox, Sandbox

pytestmark = pytest.mark.anyio
AC = "AC" + "5a4db0c5" * 4
CALLS = f"/2010-04-01/Accounts/{AC}/Calls"
EVERY_EVENT = ["initiated", "ringing", "answered", "completed"]
SAY = "<Response><Say>Hello</Say></Response>"
HOLD = "<Response><Pause length='600'/></Response>"


async def test_a_created_call_is_queued_and_shows_strings_and_dates(sandbox: Sandbox) -> None:
    """201 with status queued; numbers are strings, dates RFC 2822 (the spec check looks at each)."""
    call = await sandbox.order(Twiml=SAY)
    assert (call["status"], call["direction"], call["duration"]) == ("queued", "outbound-api", None)
    assert (call["to_formatted"], call["queue_time"]) == ("(555) 765-4321", "0")
    ended = (await sandbox.ended(call["sid"]))["call"]
    assert (ended["status"], ended["duration"], ended["price_unit"]) == ("completed", "1", "USD")
    assert ended["phone_number_sid"] == (await sandbox.number())["sid"]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"To": ""}, 21201),
        ({"From": ""}, 21213),
        ({"Twiml": ""}, 21205),
        ({"Url": "nonsense"}, 21205),
        ({"Url": "https://a.example", "StatusCallback": "https://a_b.example"}, 21205),
        ({"Url": "https://a.example", "Method": "PUT"}, 21207),
        ({"To": "12"}, 21211),
        ({"From": "12"}, 21212),
        ({"From": "+15550009999"}, 21210),
        ({"To": "+442071838750"}, 21215),
        ({"Twiml": "x" * 4001}, 21200),
        ({"Timeout": "601"}, 21200),
        ({"SendDigits": "1" * 33}, 21200),
        ({"CallReason": "x" * 51}, 21200),
        ({"RecordingTrack": "left"}, 21200),
        ({"Twiml": "", "ApplicationSid": "AP" + "0" * 32}, 21218),
    ],
)
async def test_a_call_that_cannot_be_created(sandbox: Sandbox, form: Any, code: int) -> None:
    """Each refusal has Twilio's code and makes no call."""
    data = {"To": "+15557654321", "From": "+15551234567", "Twiml": SAY, **form}
    response = await sandbox.post(f"{CALLS}.json", data=data)
    assert (response.status_code, response.json()["code"]) == (400, code)
    assert (await sandbox.get(f"{CALLS}.json")).json()["calls"] == []


async def test_an_enabled_country_can_be_called(sandbox: Sandbox) -> None:
    """The dialing permission decides."""
    update = '[{"iso_code":"GB","low_risk_numbers_enabled":"true"}]'
    await sandbox.post("/v1/DialingPermissions/BulkCountryUpdates", UpdateRequest=update)
    assert (await sandbox.place(To="+442071838750", Twiml=SAY))["status"] == "completed"


async def test_url_wins_over_twiml(sandbox: Sandbox, receiver: Receiver) -> None:
    """Twiml is ignored when Url is given too."""
    url = receiver.twiml("/voice", SAY)
    await sandbox.place(Url=url, Twiml="<Response><Reject/></Response>")
    assert [request.status for request in receiver.on("/voice")] == ["in-progress"]


async def test_with_an_application_the_urls_of_the_call_are_ignored(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    """Method, FallbackUrl and StatusCallback come from the application."""
    voice = receiver.twiml("/app-voice", SAY)
    application = await sandbox.post(
        f"/2010-04-01/Accounts/{AC}/Applications.json",
        VoiceUrl=voice,
        StatusCallback="https://hooks.example/app-status",
    )
    sid = application.json()["sid"]
    await sandbox.place(
        ApplicationSid=sid, StatusCallback="https://hooks.example/own", StatusCallbackEvent="initiated"
    )
    assert receiver.on("/own") == []
    assert receiver.statuses("/app-status") == ["completed"]
    assert receiver.on("/app-voice")[0].params["ApplicationSid"] == sid


async def test_only_the_completed_event_is_reported_by_default(sandbox: Sandbox, receiver: Receiver) -> None:
    """Without StatusCallbackEvent a call tells its end, with SequenceNumber 0."""
    await sandbox.place(Twiml=SAY, StatusCallback="https://hooks.example/s")
    assert [(r.status, r.params["SequenceNumber"]) for r in receiver.on("/s")] == [("completed", "0")]


async def test_events_joined_by_spaces_name_no_event(sandbox: Sandbox, receiver: Receiver) -> None:
    """The key is repeated once per event; one joined value broke a real product."""
    await sandbox.place(
        Twiml=SAY,
        StatusCallback="https://hooks.example/s",
        StatusCallbackEvent="initiated ringing answered completed",
    )
    assert receiver.on("/s") == []


async def test_update_redirects_a_live_call(sandbox: Sandbox, receiver: Receiver) -> None:
    """Url on a call in progress makes Twilio ask there at once; its StatusCallback is taken along."""
    url = receiver.twiml("/second", "<Response><Hangup/></Response>")
    await sandbox.control("POST", "/clock", {"factor": 1000})
    call = await sandbox.order(Twiml="<Response><Pause length='14000'/></Response>")
    path = f"{CALLS}/{call['sid']}.json"
    await sandbox.until(
        lambda: sandbox.emulator.calls.find(call["sid"])["status"] == "in-progress", call["sid"]
    )
    updated = await sandbox.post(path, Url=url, StatusCallback="https://hooks.example/s")
    assert updated.status_code == 200
    ended = await sandbox.ended(call["sid"])
    assert (ended["status"], len(receiver.on("/second")), receiver.statuses("/s")) == (
        "completed",
        1,
        ["completed"],
    )


async def test_a_status_callback_without_a_redirect_is_ignored(sandbox: Sandbox, receiver: Receiver) -> None:
    """On update StatusCallback is only taken together with Url."""
    await sandbox.control("POST", "/clock", {"factor": 1000})
    call = await sandbox.order(Twiml="<Response><Pause length='14000'/></Response>")
    await sandbox.until(
        lambda: sandbox.emulator.calls.find(call["sid"])["status"] == "in-progress", call["sid"]
    )
    await sandbox.post(f"{CALLS}/{call['sid']}.json", StatusCallback="https://hooks.example/s")
    await sandbox.post(f"{CALLS}/{call['sid']}.json", Status="completed")
    await sandbox.ended(call["sid"])
    assert receiver.on("/s") == []


async def test_complete_ends_a_live_call(sandbox: Sandbox, receiver: Receiver) -> None:
    """Status=completed hangs up an answered call."""
    await sandbox.control("POST", "/clock", {"factor": 1000})
    call = await sandbox.order(
        Twiml="<Response><Pause length='14000'/></Response>", StatusCallback="https://hooks.example/s"
    )
    await sandbox.until(
        lambda: sandbox.emulator.calls.find(call["sid"])["status"] == "in-progress", call["sid"]
    )
    await sandbox.post(f"{CALLS}/{call['sid']}.json", Status="completed")
    await sandbox.ended(call["sid"])
    assert receiver.statuses("/s") == ["completed"]


async def test_cancel_while_ringing_ends_as_canceled(sandbox: Sandbox, receiver: Receiver) -> None:
    """Status=canceled while it rings; an answered call cannot be canceled."""
    await sandbox.script(everybody={"ringSeconds": 50})
    await sandbox.control("POST", "/clock", {"factor": 100})
    call = await sandbox.order(Twiml=SAY, StatusCallback="https://hooks.example/s")
    await sandbox.until(lambda: sandbox.emulator.calls.find(call["sid"])["status"] == "ringing", call["sid"])
    assert (await sandbox.post(f"{CALLS}/{call['sid']}.json", Status="canceled")).status_code == 200
    assert (await sandbox.ended(call["sid"]))["status"] == "canceled"
    assert receiver.statuses("/s") == ["canceled"]


async def test_cancel_while_queued_fires_no_callback(sandbox: Sandbox, receiver: Receiver) -> None:
    """A call canceled before it was dialed is reported to nobody."""
    call = await sandbox.order(
        Twiml=SAY, StatusCallback="https://hooks.example/s", StatusCallbackEvent=EVERY_EVENT
    )
    response = await sandbox.post(f"{CALLS}/{call['sid']}.json", Status="canceled")
    assert response.status_code == 200
    assert (await sandbox.ended(call["sid"]))["status"] == "canceled"
    assert receiver.on("/s") == []


async def test_a_call_that_is_over_cannot_be_changed(sandbox: Sandbox) -> None:
    """20404 for an end after the end, 21220 for a redirect.

    https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource; that a call which is over is not
    found is what clients report who hang up late.
    """
    ended = await sandbox.place(Twiml=SAY)
    for form, expected in (
        ({"Status": "completed"}, (404, 20404)),
        ({"Status": "canceled"}, (404, 20404)),
        ({"Twiml": SAY}, (400, 21220)),
    ):
        response = await sandbox.post(f"{CALLS}/{ended['sid']}.json", data=form)
        assert (response.status_code, response.json()["code"]) == expected


async def test_canceling_a_call_in_progress_has_no_effect(make_sandbox: MakeSandbox) -> None:
    """``canceled`` is for calls that are queued or ringing.

    https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource
    """
    async with make_sandbox(factor=60) as sandbox:
        call = await sandbox.order(Twiml="<Response><Pause length='3600'/></Response>")
        live = sandbox.emulator.switchboard.live(call["sid"])
        await sandbox.until(lambda: live.root.answered, call["sid"])
        for status in ("canceled", "completed"):
            response = await sandbox.post(f"{CALLS}/{call['sid']}.json", Status=status)
            assert (response.status_code, live.root.over) == (200, status == "completed")


async def test_completing_a_dialed_leg_lets_the_call_go_on(sandbox: Sandbox, receiver: Receiver) -> None:
    """The child ends, the parent goes on with its action."""
    action = receiver.twiml("/action", "<Response/>")
    await sandbox.script(everybody={"talkSeconds": None})
    await sandbox.control("POST", "/clock", {"factor": 1000})
    call = await sandbox.order(
        To="+15557654321",
        Twiml=f"<Response><Dial action='{action}'><Number>+15550002222</Number></Dial></Response>",
    )

    def child() -> Any:
        return next(iter(sandbox.emulator.calls.children(call["sid"])), {"status": ""})

    await sandbox.until(lambda: child()["status"] == "in-progress", call["sid"])
    await sandbox.post(f"{CALLS}/{child()['sid']}.json", Status="completed")
    ended = await sandbox.ended(call["sid"])
    assert (ended["status"], ended["legs"][0]["status"]) == ("completed", "completed")
    assert receiver.on("/action")[0].params["DialCallStatus"] == "completed"


# --- Redirecting a leg that <Dial> made: https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource


@pytest.fixture
async def connected(sandbox: Sandbox, receiver: Receiver) -> Any:
    """A call whose caller and called party talk until something happens; its SID and the leg's."""
    await sandbox.control("POST", "/clock", {"factor": 1000})
    receiver.twiml("/action", "<Response><Say>After</Say></Response>")
    events = "statusCallback='/leg' statusCallbackEvent='initiated ringing answered completed'"
    twiml = f"<Response><Dial action='/action'><Number {events}>+15550002222</Number></Dial></Response>"
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml))
    started = await sandbox.control("POST", "/calls", {"to": "+15551234567", "talkSeconds": None})

    def leg() -> Any:
        return next(iter(sandbox.emulator.calls.children(started["sid"])), {"status": ""})

    await sandbox.until(lambda: leg()["status"] == "in-progress", started["sid"])
    return started["sid"], leg()["sid"]


@pytest.mark.parametrize("by_url", [True, False])
async def test_a_redirected_leg_and_its_call_go_separate_ways(
    sandbox: Sandbox, receiver: Receiver, connected: Any, by_url: bool
) -> None:
    """The leg executes the new TwiML, and the caller goes on with the action of the <Dial>."""
    sid, leg = connected
    held = receiver.twiml("/held", "<Response><Say>Please hold</Say><Pause length='600'/></Response>")
    twiml = "<Response><Say>Please hold</Say><Pause length='600'/></Response>"
    form = {"Url": held} if by_url else {"Twiml": twiml}
    response = await sandbox.post(f"{CALLS}/{leg}.json", data=form)
    assert (response.status_code, response.json()["status"]) == (200, "in-progress")
    ended = await sandbox.ended(sid)
    action = receiver.on("/action")[0].params
    assert (action["DialCallStatus"], action["DialBridged"]) == ("completed", "true")
    assert int(ended["legs"][0]["duration"]) >= 601
    assert int(ended["call"]["duration"]) < 601
    assert any(s["text"] == "<Say> Please hold" and s["call_sid"] == leg for s in ended["steps"])
    assert [request.params["CallSid"] for request in receiver.on("/held")] == ([leg] if by_url else [])
    reported = [(request.params["SequenceNumber"], request.status) for request in receiver.on("/leg")]
    assert reported == [("0", "initiated"), ("1", "ringing"), ("2", "in-progress"), ("3", "completed")]


async def test_a_redirected_leg_is_a_call_that_can_be_updated(
    sandbox: Sandbox, receiver: Receiver, connected: Any
) -> None:
    """Redirected again, and then ended."""
    sid, leg = connected
    hold = "<Response><Pause length='36000'/></Response>"
    await sandbox.post(f"{CALLS}/{leg}.json", Twiml=hold)
    await sandbox.until(lambda: sandbox.emulator.switchboard.live(leg), sid)
    await sandbox.post(f"{CALLS}/{leg}.json", Url=receiver.twiml("/again", hold))
    await sandbox.until(lambda: receiver.on("/again"), leg)
    response = await sandbox.post(f"{CALLS}/{leg}.json", Status="completed")
    assert (response.status_code, response.json()["status"]) == (200, "completed")
    assert (await sandbox.ended(sid))["legs"][0]["status"] == "completed"


async def test_a_leg_that_still_rings_cannot_be_redirected(sandbox: Sandbox, receiver: Receiver) -> None:
    """21220, "Call is not in-progress. Cannot redirect."."""
    await sandbox.control("POST", "/clock", {"factor": 1})
    twiml = "<Response><Dial>+15550002222</Dial></Response>"
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml))
    started = await sandbox.control("POST", "/calls", {"to": "+15551234567", "ringSeconds": 60})
    await sandbox.until(lambda: sandbox.emulator.calls.children(started["sid"]), started["sid"])
    (leg,) = sandbox.emulator.calls.children(started["sid"])
    response = await sandbox.post(f"{CALLS}/{leg['sid']}.json", Twiml=SAY)
    assert (response.status_code, response.json()["code"]) == (400, 21220)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"Status": "completed"}, 2),
        ({"Status": "busy"}, 1),
        ({"To": "+15550002222"}, 1),
        ({"From": "+15551234567"}, 3),
        ({"StartTime>": "2020-01-01"}, 3),
        ({"StartTime<": "2020-01-01"}, 0),
        ({"StartTime": "2020-01-01"}, 0),
        ({"EndTime>": "2020-01-01"}, 3),
        ({"EndTime<": "2020-01-01"}, 0),
        ({"ParentCallSid": "CA" + "0" * 32}, 0),
    ],
)
async def test_list_filters(sandbox: Sandbox, query: Any, count: int) -> None:
    """The comparison sign is part of the parameter's name; ``>`` means on or after."""
    await sandbox.script(**{"+15550002222": {"scenario": "busy"}})
    await sandbox.place(Twiml=SAY)
    await sandbox.place(Twiml=SAY)
    await sandbox.place(To="+15550002222", Twiml=SAY)
    assert len((await sandbox.get(f"{CALLS}.json", **query)).json()["calls"]) == count


async def test_start_time_today_is_on_or_after(sandbox: Sandbox) -> None:
    """Today's calls are in ``StartTime>=today`` and ``StartTime=today``, and not in ``StartTime<=today``.

    Source: twilio-oai, ListCall: "on this date", "before this date", "on or after this date". The official
    clients send a date as its first moment.
    """
    ended = (await sandbox.place(Twiml=SAY))["call"]

    today = parsedate_to_datetime(ended["start_time"]).date().isoformat()
    for value in (today, f"{today}T00:00:00Z"):
        for key, count in (("StartTime>", 1), ("StartTime", 1), ("StartTime<", 0)):
            assert len((await sandbox.get(f"{CALLS}.json", **{key: value})).json()["calls"]) == count
    response = await sandbox.get(f"{CALLS}.json", StartTime="yesterday")
    assert (response.status_code, response.json()["code"]) == (400, 20001)


async def test_children_are_listed_by_parent(sandbox: Sandbox) -> None:
    """ParentCallSid finds the legs of a ``<Dial>``."""
    ended = await sandbox.place(Twiml="<Response><Dial>+15550002222</Dial></Response>")
    found = (await sandbox.get(f"{CALLS}.json", ParentCallSid=ended["sid"])).json()["calls"]
    assert [(c["direction"], c["to"]) for c in found] == [("outbound-dial", "+15550002222")]


async def test_events_of_a_call_hold_requests_and_answers(sandbox: Sandbox, receiver: Receiver) -> None:
    """``Events.json`` shows each webhook that Twilio made, with what came back."""
    url = receiver.twiml("/voice", SAY)
    ended = await sandbox.place(Url=url, StatusCallback="https://hooks.example/s")
    events = (await sandbox.get(f"{CALLS}/{ended['sid']}/Events.json")).json()["events"]
    assert [e["request"]["url"] for e in events] == [url, "https://hooks.example/s"]
    assert events[0]["response"]["response_code"] == 200
    assert events[0]["response"]["response_body"] == SAY
    assert events[0]["request"]["parameters"]["call_sid"] == ended["sid"]


async def test_notifications_of_a_call_hold_its_warnings(sandbox: Sandbox, receiver: Receiver) -> None:
    """An error of the call is among its notifications, request and response with the single one."""
    url = receiver.answer("/broken", Response("no", 500))
    ended = await sandbox.place(Url=url)
    found = (await sandbox.get(f"{CALLS}/{ended['sid']}/Notifications.json", Log="0")).json()["notifications"]
    assert [(n["error_code"], n["request_url"]) for n in found] == [("11200", url)]
    path = f"{CALLS}/{ended['sid']}/Notifications/{found[0]['sid']}.json"
    assert (await sandbox.get(path)).json()["response_body"] == "no"
    assert (await sandbox.get(f"{CALLS}/{ended['sid']}/Notifications.json", Log="1")).json()[
        "notifications"
    ] == []


async def test_a_finished_call_can_be_deleted(sandbox: Sandbox) -> None:
    """204, then 404."""
    ended = await sandbox.place(Twiml=SAY)
    assert (await sandbox.delete(f"{CALLS}/{ended['sid']}.json")).status_code == 204
    assert (await sandbox.get(f"{CALLS}/{ended['sid']}.json")).json()["code"] == 20404


async def test_clients_and_sip_addresses_can_be_called(sandbox: Sandbox) -> None:
    """To may be ``client:`` or ``sip:``; their caller ID is not checked as a number."""
    for to in ("client:alice", "sip:bob@pbx.example"):
        assert (await sandbox.place(To=to, From="client:crm", Twiml=SAY))["call"]["to"] == to


# --- Machine detection: https://www.twilio.com/docs/voice/answering-machine-detection


async def test_the_call_waits_for_machine_detection(sandbox: Sandbox, receiver: Receiver) -> None:
    """The answer is reported at once; AnsweredBy comes with the TwiML request and the end, seconds later."""
    url = receiver.twiml("/voice", SAY)
    await sandbox.script(everybody={"answeredBy": "machine_start", "detectionSeconds": 4})
    ended = await sandbox.place(
        Url=url,
        MachineDetection="Enable",
        StatusCallback="https://hooks.example/s",
        StatusCallbackEvent=["answered", "completed"],
    )
    answered, completed = (request.params for request in receiver.on("/s"))
    detected = {"AnsweredBy": "machine_start", "MachineDetectionDuration": "4000"}
    assert "AnsweredBy" not in answered
    assert detected.items() <= receiver.on("/voice")[0].params.items()
    assert detected.items() <= completed.items()
    assert (ended["call"]["answered_by"], ended["call"]["duration"]) == ("machine_start", str(4 + 1))


async def test_sent_digits_turn_machine_detection_off(sandbox: Sandbox) -> None:
    """https://www.twilio.com/docs/voice/api/call-resource, SendDigits."""
    ended = await sandbox.place(Twiml=SAY, MachineDetection="Enable", SendDigits="1")
    assert (ended["call"]["answered_by"], ended["call"]["duration"]) == (None, "1")


@pytest.mark.parametrize(
    ("mode", "party", "reported"),
    [
        ("Enable", "human", "human"),
        ("Enable", "machine_end_silence", "machine_start"),
        ("DetectMessageEnd", "human", "human"),
        ("DetectMessageEnd", "machine_start", "machine_end_beep"),
        ("DetectMessageEnd", "machine_end_silence", "machine_end_silence"),
    ],
)
async def test_each_mode_has_its_values(sandbox: Sandbox, mode: str, party: str, reported: str) -> None:
    """``machine_start`` is of Enable, ``machine_end_...`` of DetectMessageEnd."""
    await sandbox.script(everybody={"answeredBy": party})
    ended = await sandbox.place(Twiml=SAY, MachineDetection=mode)
    assert ended["call"]["answered_by"] == reported


async def test_machine_detection_times_out_as_unknown(sandbox: Sandbox) -> None:
    """After MachineDetectionTimeout seconds."""
    await sandbox.script(everybody={"detectionSeconds": 60})
    ended = await sandbox.place(Twiml=SAY, MachineDetection="Enable", MachineDetectionTimeout="5")
    assert (ended["call"]["answered_by"], ended["call"]["duration"]) == ("unknown", str(5 + 1))


async def test_time_limit_ends_a_call(sandbox: Sandbox) -> None:
    """TimeLimit seconds after the answer the call is over."""
    ended = await sandbox.place(Twiml="<Response><Pause length='600'/></Response>", TimeLimit="30")
    assert ended["call"]["duration"] == "30"


async def test_asynchronous_machine_detection_tells_apart(sandbox: Sandbox, receiver: Receiver) -> None:
    """With AsyncAmd the call does not wait: the result comes in a callback of its own, when it is there."""
    url = receiver.twiml("/voice", "<Response><Pause length='9'/></Response>")
    await sandbox.script(everybody={"detectionSeconds": 4})
    await sandbox.place(
        Url=url,
        MachineDetection="Enable",
        AsyncAmd="true",
        AsyncAmdStatusCallback="https://hooks.example/amd",
        StatusCallback="https://hooks.example/s",
        StatusCallbackEvent="answered",
    )
    (reported,) = receiver.on("/amd")
    assert set(reported.params) == {"CallSid", "AccountSid", "AnsweredBy", "MachineDetectionDuration"}
    assert "AnsweredBy" not in receiver.on("/s")[0].params
    assert "AnsweredBy" not in receiver.on("/voice")[0].params
    assert reported.params["MachineDetectionDuration"] == "4000"


# --- Calls per second: https://www.twilio.com/docs/voice/make-calls


async def test_one_call_per_second_starts_and_the_rest_is_queued(sandbox: Sandbox) -> None:
    """``queue_time`` is in milliseconds; each starts a second after the one before."""
    placed = [await sandbox.order(Twiml=SAY) for _ in range(4)]
    calls = [(await sandbox.ended(item["sid"]))["call"] for item in placed]
    waited = [int(call["queue_time"]) for call in calls]
    assert waited[0] == 0
    assert waited == sorted(waited)
    live = [await sandbox.control("GET", f"/calls/{item['sid']}") for item in placed]
    dialed = [next(s["moment"] for s in item["steps"] if s["text"].endswith("queued")) for item in live]
    starts = [datetime.fromisoformat(moment) for moment in dialed]
    assert all((later - earlier).total_seconds() >= 0.99 for earlier, later in pairwise(starts))


async def test_the_queue_can_be_turned_off(sandbox: Sandbox) -> None:
    """For tests of what comes after."""
    await sandbox.control("POST", "/account", {"callsPerSecond": None})
    assert {(await sandbox.order(Twiml=SAY))["queue_time"] for _ in range(3)} == {"0"}
    refused = await sandbox.client.post("/_sandbox/account", json={"callsPerSecond": 0})
    assert (refused.status_code, "callsPerSecond" in refused.json()["message"]) == (400, True)


# --- Softphones: https://www.twilio.com/docs/voice/sdks/javascript/twiliodevice


async def test_a_softphone_calls_through_a_twiml_app(sandbox: Sandbox, receiver: Receiver) -> None:
    """The app's URLs are asked, with what the client passes to ``connect``."""
    twiml = "<Response><Dial callerId='+15551234567'>+15557654321</Dial></Response>"
    app = await sandbox.post(
        f"{API}/Applications.json",
        VoiceUrl=receiver.twiml("/app", twiml),
        StatusCallback="https://hooks.example/s",
    )
    sid = app.json()["sid"]
    body = {"from": "client:alice", "to": sid, "parameters": {"To": "+15557654321", "lead": "42"}}
    started = await sandbox.control("POST", "/calls", body)
    ended = await sandbox.ended(started["sid"])
    params = receiver.on("/app")[0].params
    expected = {
        "From": "client:alice",
        "To": "+15557654321",
        "Direction": "inbound",
        "ApplicationSid": sid,
        "lead": "42",
        "CallStatus": "ringing",
    }
    assert expected.items() <= params.items()
    assert receiver.statuses("/s") == ["completed"]
    assert (ended["call"]["to"], ended["legs"][0]["from"]) == ("", "+15551234567")


@pytest.mark.parametrize("body", [{"to": "AP" + "0" * 32}, {"from": "+15550001111", "to": None}])
async def test_a_call_to_no_app_or_from_no_softphone_is_refused(sandbox: Sandbox, body: Any) -> None:
    """One sentence, 400."""
    app = (await sandbox.post(f"{API}/Applications.json", VoiceUrl="https://hooks.example/app")).json()
    refused = await sandbox.client.post("/_sandbox/calls", json={**body, "to": body["to"] or app["sid"]})
    assert (refused.status_code, len(refused.json()["message"].splitlines())) == (400, 1)
