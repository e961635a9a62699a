"""What Twilio sends: requests, callbacks, headers, order, and what the answers are worth."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from starlette.responses import RedirectResponse, Response

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import MakeSandbox, Sandbox

pytestmark = pytest.mark.anyio
AC = "AC" + "5a4db0c5" * 4
HOOK = "https://hooks.example"
SAY = "<Response><Say>Hello</Say></Response>"
GEO = {
    f"{who}{part}" for who in ("From", "To", "Caller", "Called") for part in ("City", "State", "Zip", "Country")
}
DIAL = (
    "<Response><Dial timeout='20' {dial}><Number statusCallback='/child' "
    "statusCallbackEvent='initiated ringing answered completed'>+15557654321</Number></Dial></Response>"
)


@pytest.fixture
async def answered(sandbox: Sandbox, receiver: Receiver) -> Any:
    """A number whose calls are forwarded, recorded, and told about."""
    twiml = DIAL.format(
        dial=f"action='{HOOK}/action' record='record-from-answer-dual' recordingStatusCallback='{HOOK}/rec'"
    )
    receiver.twiml("/action", "<Response/>")
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml), StatusCallback=f"{HOOK}/status")
    return await sandbox.call_in(talkSeconds=53)


async def test_post_is_form_urlencoded(receiver: Receiver, answered: Any) -> None:
    """Parameters of a POST are a form."""
    assert {r.headers["content-type"] for r in receiver.requests} == {"application/x-www-form-urlencoded"}


async def test_get_appends_the_parameters_to_the_query_string(
    sandbox: Sandbox, receiver: Receiver, query_of: Callable[[str], dict[str, str]]
) -> None:
    """The configured query stays as it is, in front."""
    receiver.twiml("/voice", SAY)
    await sandbox.configure(VoiceUrl=f"{HOOK}/voice?tenant=a%20b", VoiceMethod="GET")
    await sandbox.call_in()
    (request,) = receiver.on("/voice")
    assert request.method == "GET"
    assert request.url.startswith(f"{HOOK}/voice?tenant=a%20b&CallSid=CA")
    assert query_of(request.url)["CallStatus"] == "ringing"


async def test_headers(receiver: Receiver, answered: Any) -> None:
    """Signature, idempotency token, agent, region, host."""
    headers = receiver.on("/voice")[0].headers
    assert headers["user-agent"] == "TwilioProxy/1.1"
    assert headers["accept"] == "*/*"
    assert headers["x-home-region"] == "us1"
    assert headers["host"] == "hooks.example"
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["i-twilio-idempotency-token"])
    assert re.fullmatch(r"[A-Za-z0-9+/]{27}=", headers["x-twilio-signature"])


async def test_cookies_are_kept_and_returned(sandbox: Sandbox, receiver: Receiver) -> None:
    """A cookie set by one answer of a call comes back with its next requests, not with other calls'."""
    answer = Response(f"<Response><Redirect>{HOOK}/next</Redirect></Response>", media_type="text/xml")
    answer.set_cookie("session", "42", secure=True)
    receiver.answer("/voice", answer)
    receiver.twiml("/next", SAY)
    await sandbox.configure(VoiceUrl=f"{HOOK}/voice")
    await sandbox.call_in()
    await sandbox.call_in()
    assert [r.headers.get("cookie") for r in receiver.on("/voice")] == [None, None]
    assert receiver.on("/next")[0].headers["cookie"] == "session=42"


async def test_redirects_are_followed(sandbox: Sandbox, receiver: Receiver) -> None:
    """302 makes a GET, 307 keeps the POST with its parameters."""
    receiver.answer("/a", RedirectResponse("/b", 307))
    receiver.answer("/b", RedirectResponse("/c", 302))
    receiver.twiml("/c", SAY)
    await sandbox.configure(VoiceUrl=f"{HOOK}/a")
    assert (await sandbox.call_in())["status"] == "completed"
    assert [(r.method, bool(r.params)) for r in receiver.requests] == [
        ("POST", True),
        ("POST", True),
        ("GET", False),
    ]


async def test_more_than_10_redirects_are_11215(sandbox: Sandbox, receiver: Receiver) -> None:
    """The eleventh is an error."""
    receiver.answer("/loop", RedirectResponse("/loop", 307))
    await sandbox.configure(VoiceUrl=f"{HOOK}/loop")
    await sandbox.call_in()
    assert len(receiver.on("/loop")) == 11
    assert [a["error_code"] for a in await sandbox.alerts()] == ["11215"]


async def test_a_voice_request_always_has_these_parameters(receiver: Receiver, answered: Any) -> None:
    """(a): CallSid ... Direction, the duplicates Caller and Called, geography, and CallToken at first."""
    params = receiver.on("/voice")[0].params
    always = {"CallSid", "AccountSid", "From", "To", "CallStatus", "ApiVersion", "Direction"}
    assert set(params) == always | {"Caller", "Called", "CallToken"} | GEO
    assert (params["CallStatus"], params["Direction"], params["ApiVersion"]) == (
        "ringing",
        "inbound",
        "2010-04-01",
    )
    assert (params["Caller"], params["Called"]) == (params["From"], params["To"])
    assert (params["AccountSid"], params["CallSid"]) == (AC, answered["sid"])


async def test_unknown_geography_is_sent_empty(receiver: Receiver, answered: Any) -> None:
    """The keys are there, their values empty."""
    params = receiver.on("/voice")[0].params
    assert {params[key] for key in GEO if not key.endswith("Country")} == {""}


async def test_callers_may_be_anonymous_clients_or_sip(sandbox: Sandbox, receiver: Receiver) -> None:
    """From is told as it is; without a number there is no geography of it."""
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", SAY))
    for caller in ("anonymous", "client:alice", "sip:bob@pbx.example"):
        await sandbox.call_in(**{"from": caller})
        params = receiver.on("/voice")[-1].params
        assert params["From"] == caller
        assert "FromCity" not in params


async def test_optional_parameters_of_an_incoming_call(sandbox: Sandbox, receiver: Receiver) -> None:
    """ForwardedFrom and StirVerstat where known; CallerName only with the lookup switched on."""
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", SAY))
    scenario = {
        "forwardedFrom": "+15550003333",
        "callerName": "ADA L",
        "parameters": {"StirVerstat": "TN-Validation-Passed-A"},
    }
    await sandbox.call_in(**scenario)
    params = receiver.on("/voice")[-1].params
    assert (params["ForwardedFrom"], params["StirVerstat"]) == ("+15550003333", "TN-Validation-Passed-A")
    assert "CallerName" not in params
    await sandbox.configure(VoiceCallerIdLookup="true")
    await sandbox.call_in(**scenario)
    assert receiver.on("/voice")[-1].params["CallerName"] == "ADA L"


async def test_the_fallback_request_adds_error_code_and_url(sandbox: Sandbox, receiver: Receiver) -> None:
    """When the voice URL fails, the fallback URL hears why."""
    receiver.answer("/voice", Response("no", 503))
    fallback = receiver.twiml("/fallback", SAY)
    await sandbox.configure(VoiceUrl=f"{HOOK}/voice#rc=0", VoiceFallbackUrl=fallback)
    assert (await sandbox.call_in())["status"] == "completed"
    params = receiver.on("/fallback")[0].params
    assert (params["ErrorCode"], params["ErrorUrl"]) == ("11200", f"{HOOK}/voice")


async def test_a_status_callback_is_the_voice_set_and_more(receiver: Receiver, answered: Any) -> None:
    """(b): Timestamp, CallbackSource, SequenceNumber, and ParentCallSid on child legs."""
    for number, request in enumerate(receiver.on("/child")):
        params = request.params
        assert {"CallSid", "AccountSid", "From", "To", "Caller", "Called", "CallStatus", "ApiVersion"} <= set(
            params
        )
        assert params["Direction"] == "outbound-dial"
        assert params["ParentCallSid"] == answered["sid"]
        assert params["CallbackSource"] == "call-progress-events"
        assert params["SequenceNumber"] == str(number)
        assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000", params["Timestamp"])
    assert receiver.statuses("/child") == ["initiated", "ringing", "in-progress", "completed"]


async def test_sequence_numbers_count_only_what_is_sent(receiver: Receiver, answered: Any) -> None:
    """A full subscription ends at 3; the incoming leg's only event has 0."""
    assert receiver.on("/child")[-1].params["SequenceNumber"] == "3"
    assert [r.params["SequenceNumber"] for r in receiver.on("/status")] == ["0"]


async def test_durations_in_terminal_events_only(receiver: Receiver, answered: Any) -> None:
    """CallDuration in seconds, Duration in started minutes."""
    last = receiver.on("/child")[-1].params
    assert (last["CallDuration"], last["Duration"], last["SipResponseCode"]) == ("53", "1", "200")
    assert all(
        "CallDuration" not in r.params and "Duration" not in r.params for r in receiver.on("/child")[:-1]
    )


@pytest.mark.parametrize(
    ("outcome", "code"), [("busy", "486"), ("no-answer", "487"), ("failed", "404"), ("canceled", "487")]
)
async def test_unanswered_legs_have_no_duration_and_their_sip_code(
    sandbox: Sandbox, receiver: Receiver, outcome: str, code: str
) -> None:
    """0 seconds, 0 minutes, and the SIP answer that belongs to the end."""
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", DIAL.format(dial="")))
    await sandbox.call_in(scenario=outcome)
    params = receiver.on("/child")[-1].params
    assert (params["CallStatus"], params["CallDuration"], params["Duration"]) == (outcome, "0", "0")
    assert params["SipResponseCode"] == code


async def test_recording_parameters_come_with_completed_when_recorded(
    receiver: Receiver, answered: Any
) -> None:
    """RecordingUrl, RecordingSid, RecordingDuration on the dialed leg's end, nowhere else."""
    last = receiver.on("/child")[-1].params
    assert {"RecordingUrl", "RecordingSid", "RecordingDuration"} <= set(last)
    assert all("RecordingUrl" not in r.params for r in receiver.on("/child")[:-1] + receiver.on("/status"))


async def test_recording_parameters_of_a_recorded_outgoing_call(sandbox: Sandbox, receiver: Receiver) -> None:
    """``Record=true`` on the API tells them with that leg's end."""
    await sandbox.place(
        Twiml=SAY, Record="true", StatusCallback=f"{HOOK}/s", RecordingStatusCallback=f"{HOOK}/rec"
    )
    assert receiver.on("/s")[0].params["RecordingSid"] == receiver.on("/rec")[0].params["RecordingSid"]
    assert receiver.on("/rec")[0].params["RecordingSource"] == "OutboundAPI"


async def test_stir_status_comes_with_ringing_and_answer(receiver: Receiver, answered: Any) -> None:
    """StirStatus is told while the call is set up."""
    assert ["StirStatus" in r.params for r in receiver.on("/child")] == [False, True, True, False]


async def test_the_numbers_status_callback_hears_of_its_own_leg_and_of_the_end_only(
    receiver: Receiver, answered: Any
) -> None:
    """Terminal event of the incoming leg, with sequence number, source and time."""
    (request,) = receiver.on("/status")
    assert request.params["CallSid"] == answered["sid"]
    assert (request.params["CallStatus"], request.params["Direction"]) == ("completed", "inbound")
    captured = {
        "AccountSid", "CallSid", "Caller", "CallStatus", "Called", "Duration", "CallDuration", "Direction",
        "Timestamp", "To", "From", "SequenceNumber", "CallbackSource", "ApiVersion",
    }  # fmt: skip
    assert captured <= set(request.params)


async def test_the_numbers_status_callback_is_not_applied_to_outgoing_calls(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    """A call placed from the number tells only who its own order names."""
    await sandbox.configure(StatusCallback=f"{HOOK}/status")
    await sandbox.place(Twiml=SAY)
    assert receiver.on("/status") == []


async def test_child_callbacks_carry_the_childs_own_sid(receiver: Receiver, answered: Any) -> None:
    """Joined to the parent through ParentCallSid."""
    assert {r.params["CallSid"] for r in receiver.on("/child")} == {answered["legs"][0]["sid"]}


async def test_requests_of_an_application_carry_its_sid(sandbox: Sandbox, receiver: Receiver) -> None:
    """The application's URLs replace the number's; ApplicationSid says so."""
    body = {"VoiceUrl": receiver.twiml("/app", SAY), "StatusCallback": f"{HOOK}/app-status"}
    sid = (await sandbox.post(f"/2010-04-01/Accounts/{AC}/Applications.json", data=body)).json()["sid"]
    await sandbox.configure(
        VoiceUrl=f"{HOOK}/own", StatusCallback=f"{HOOK}/own-status", VoiceApplicationSid=sid
    )
    await sandbox.call_in()
    assert [r.path for r in receiver.requests] == ["/app", "/app-status"]
    assert {r.params["ApplicationSid"] for r in receiver.requests} == {sid}


async def test_the_recording_callback_is_a_small_set(receiver: Receiver, answered: Any) -> None:
    """(c): exactly these, all strings, of the parent leg."""
    (request,) = receiver.on("/rec")
    params = dict(request.params)
    assert set(params) == {
        "RecordingSource", "RecordingTrack", "RecordingSid", "RecordingUrl", "RecordingStatus", ("Recording"
            "Channels"),
        "ErrorCode", "CallSid", "RecordingStartTime", "AccountSid", "RecordingDuration",
    }  # fmt: skip
    assert (params["RecordingSource"], params["RecordingTrack"], params["ErrorCode"]) == (
        "DialVerb",
        "both",
        "0",
    )
    assert (params["RecordingChannels"], params["RecordingDuration"]) == ("2", "53")
    assert params["CallSid"] == answered["sid"]
    assert parsedate_to_datetime(params["RecordingStartTime"])


async def test_recording_events_on_request(sandbox: Sandbox, receiver: Receiver) -> None:
    """in-progress has no duration yet; completed has."""
    twiml = DIAL.format(
        dial=f"record='record-from-answer' recordingStatusCallback='{HOOK}/rec' "
        "recordingStatusCallbackEvent='in-progress completed absent'"
    )
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml))
    await sandbox.call_in()
    reported = [(r.params["RecordingStatus"], "RecordingDuration" in r.params) for r in receiver.on("/rec")]
    assert reported == [("in-progress", False), ("completed", True)]


async def test_an_absent_recording_tells_an_error_code(sandbox: Sandbox, receiver: Receiver) -> None:
    """Nothing was recorded: absent, a code, no duration."""
    twiml = DIAL.format(
        dial=(
            f"record='record-from-answer' recordingStatusCallback='{HOOK}/rec' "
            f"recordingStatusCallbackEvent='absent'"
        )
    )
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml))
    await sandbox.call_in(recording="absent")
    (request,) = receiver.on("/rec")
    assert (request.params["RecordingStatus"], request.params["ErrorCode"] != "0") == ("absent", True)
    assert "RecordingDuration" not in request.params


async def test_the_dial_action_has_the_dials_result(receiver: Receiver, answered: Any) -> None:
    """(d): the voice set, the dial's result, and the recording."""
    params = receiver.on("/action")[0].params
    assert (params["DialCallStatus"], params["DialBridged"], params["DialCallDuration"]) == (
        "completed",
        "true",
        "53",
    )
    assert params["DialCallSid"] == answered["legs"][0]["sid"]
    assert params["CallStatus"] == "in-progress"
    assert {"RecordingUrl", "RecordingSid", "RecordingDuration"} <= set(params)


async def test_the_dial_action_says_completed_when_the_caller_hung_up(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    """CallStatus in it is the parent leg's."""
    action = receiver.twiml("/action", "<Response><Say>Nobody hears this</Say></Response>")
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", DIAL.format(dial=f"action='{action}'")))
    call = await sandbox.call_in(hangUpBy="caller")
    assert receiver.on("/action")[0].params["CallStatus"] == "completed"
    assert not any("Nobody hears this" in step["text"] for step in call["steps"])


@pytest.mark.parametrize("outcome", ["busy", "no-answer", "failed"])
async def test_the_dial_action_of_an_unanswered_dial(
    sandbox: Sandbox, receiver: Receiver, outcome: str
) -> None:
    """The call goes on with the action's TwiML."""
    action = receiver.twiml("/action", SAY)
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", DIAL.format(dial=f"action='{action}'")))
    call = await sandbox.call_in(scenario=outcome)
    params = receiver.on("/action")[0].params
    assert (params["DialCallStatus"], params["DialBridged"]) == (outcome, "false")
    assert call["status"] == "completed"


async def test_events_fire_in_order_each_its_own_request(
    sandbox: Sandbox, receiver: Receiver, answered: Any
) -> None:
    """The journal has them as they were sent, first attempt each."""
    sent = [w for w in await sandbox.webhooks() if w["url"] == f"{HOOK}/child"]
    assert [w["params"]["SequenceNumber"] for w in sent] == ["0", "1", "2", "3"]
    assert {w["attempt"] for w in sent} == {1}


async def test_the_order_of_arrival_is_not_guaranteed(sandbox: Sandbox, receiver: Receiver) -> None:
    """On order an event arrives after its successor."""
    await sandbox.control(
        "POST", "/faults", {"fault": "reorder", "kind": "status", "callStatus": "ringing", "times": 1}
    )
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", DIAL.format(dial="")))
    await sandbox.call_in()
    assert receiver.statuses("/child") == ["initiated", "in-progress", "ringing", "completed"]


async def test_a_lost_callback_is_not_sent_again(sandbox: Sandbox, receiver: Receiver) -> None:
    """At most 1 + retries attempts: no queue, no replay."""
    receiver.answer("/child", Response("down", 500))
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", DIAL.format(dial="")))
    await sandbox.call_in()
    assert len(receiver.on("/child")) == 4
    assert {w["attempt"] for w in await sandbox.webhooks()} == {1}


async def test_duplicates_carry_the_same_sequence_number(sandbox: Sandbox, receiver: Receiver) -> None:
    """``CallSid|SequenceNumber`` tells them."""
    await sandbox.control("POST", "/faults", {"fault": "duplicate", "callStatus": "completed"})
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", DIAL.format(dial="")))
    await sandbox.call_in()
    assert [r.params["SequenceNumber"] for r in receiver.on("/child")] == ["0", "1", "2", "3", "3"]


async def test_the_idempotency_token_is_constant_over_retries(sandbox: Sandbox, receiver: Receiver) -> None:
    """Attempts of one request share it, requests differ."""
    receiver.answer(
        "/voice", lambda number: Response("no", 500) if number == 0 else Response(SAY, media_type="text/xml")
    )
    await sandbox.configure(VoiceUrl=f"{HOOK}/voice#rc=2&rp=5xx", StatusCallback=f"{HOOK}/status")
    await sandbox.call_in()
    first, second, third = [r.headers["i-twilio-idempotency-token"] for r in receiver.requests]
    assert first == second != third


@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        (Response(status_code=204), []),
        (Response("<Response/>", media_type="text/xml"), []),
        (Response("OK", media_type="text/plain"), []),
        (Response("gone", 404), ["15003"]),
        (Response("down", 500), ["15003"]),
        (Response("<broken", media_type="text/xml"), ["12200"]),
        (Response("{}", media_type="application/json"), ["12300"]),
    ],
)
async def test_the_expected_reply_to_a_callback(
    sandbox: Sandbox, receiver: Receiver, answer: Any, codes: list[Any]
) -> None:
    """2xx without noise; anything else is a warning among the alerts."""
    receiver.answer("/status", answer)
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", SAY), StatusCallback=f"{HOOK}/status")
    call = await sandbox.call_in()
    alerts = await sandbox.alerts()
    assert [(a["error_code"], a["log_level"]) for a in alerts] == [(code, "warning") for code in codes]
    assert call["status"] == "completed"


@pytest.mark.parametrize(
    ("answer", "code", "plays"),
    [
        (Response(SAY, media_type="text/xml"), None, "<Say> Hello"),
        (Response(SAY, media_type="application/xml"), None, "<Say> Hello"),
        (Response(SAY, media_type="text/html"), None, "<Say> Hello"),
        (Response("noise", media_type="audio/mpeg"), None, "<Play>"),
        (Response("Read me", media_type="text/plain"), None, "<Say> Read me"),
        (Response(SAY, media_type="text/plain"), None, "<Say> Hello"),
        (Response(SAY), "12300", None),
        (Response("{}", media_type="application/json"), "12300", None),
        (Response("<broken", media_type="text/xml"), "12100", None),
        (Response("gone", 404), "11200", None),
    ],
)
async def test_the_expected_reply_to_a_voice_request(
    sandbox: Sandbox, receiver: Receiver, answer: Any, code: str | None, plays: str | None
) -> None:
    """TwiML, audio or text; else an error, and without a fallback the caller hears that one occurred."""
    await sandbox.configure(VoiceUrl=receiver.answer("/voice", answer))
    call = await sandbox.call_in()
    assert [a["error_code"] for a in await sandbox.alerts()] == ([code] if code else [])
    assert any("application error" in step["text"] for step in call["steps"]) == bool(code)
    assert plays is None or any(plays in step["text"] for step in call["steps"])


async def test_time_passes_in_the_data_and_not_on_the_machine(
    make_sandbox: MakeSandbox, receiver: Receiver
) -> None:
    """At the fastest clock an hour of talking is an hour in every field."""
    async with make_sandbox(factor=math.inf) as sandbox:
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", DIAL.format(dial="")))
        call = await sandbox.call_in(talkSeconds=3600, ringSeconds=10)
        leg = call["legs"][0]
        assert leg["duration"] == "3600"
        started, ended = (parsedate_to_datetime(leg[key]) for key in ("start_time", "end_time"))
        assert abs((ended - started).total_seconds() - 3610.5) <= 1
        ringing, answered = (parsedate_to_datetime(r.params["Timestamp"]) for r in receiver.on("/child")[1:3])
        assert (answered - ringing).total_seconds() == 10


@pytest.mark.parametrize(
    ("number", "country"),
    [("+442071838750", "GB"), ("+12125550100", "US"), ("+18765550100", "JM"), ("+999123456", "")],
)
async def test_the_country_of_a_number_is_reported(
    sandbox: Sandbox, receiver: Receiver, number: str, country: str
) -> None:
    """By its country code, empty where there is none."""
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", SAY))
    await sandbox.call_in(**{"from": number})
    assert receiver.on("/voice")[0].params["FromCountry"] == country


async def test_a_fast_clock_lets_no_callback_overtake_another(sandbox: Sandbox, receiver: Receiver) -> None:
    """What real time would have kept apart is kept apart, however slowly a request is answered."""
    log = []

    async def slow(number: Any) -> Any:
        log.append(f"begin {number}")
        for _ in range(1000):  # everything else that is ready gets its turn
            await asyncio.sleep(0)
        log.append(f"end {number}")
        return Response(status_code=204)

    receiver.answer("/child", slow)
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", DIAL.format(dial="")))
    await sandbox.call_in(setupSeconds=3)
    assert log == [f"{what} {number}" for number in range(4) for what in ("begin", "end")]


async def test_callbacks_of_the_same_moment_are_under_way_together(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    """A slow receiver holds nothing up: the first request is answered after the second has come."""
    second = asyncio.Event()

    async def answer(number: Any) -> Any:
        if number == 0:
            await second.wait()
        second.set()
        return Response(status_code=204)

    receiver.answer("/child", answer)
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", DIAL.format(dial="")))
    await sandbox.call_in(setupSeconds=0)
    assert receiver.statuses("/child")[:2] == ["initiated", "ringing"]
    assert await sandbox.alerts() == []


async def test_answers_to_get_may_be_cached_and_those_to_post_never(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    """The second GET of a URL asks with If-None-Match, and a 304 stands for the answer that is known."""
    redirect = "<Response><Pause length='1'/><Redirect method='{method}'>/next</Redirect></Response>"
    tagged = {"ETag": '"1"'}

    def next_page(number: Any, method: Any) -> Any:
        if number == 1 and method == "GET":
            return Response(status_code=304)
        last = number >= 2
        body = SAY if last else redirect.format(method=method)
        return Response(body, media_type="text/xml", headers={} if last else tagged)

    for method in ("GET", "POST"):
        receiver.requests.clear()
        receiver.answer("/next", lambda number, method=method: next_page(number, method))
        body = f"<Response><Say>Hello</Say><Redirect method='{method}'>/next</Redirect></Response>"
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", body))
        assert (await sandbox.call_in())["status"] == "completed"
        asked = [r.headers.get("if-none-match") for r in receiver.on("/next")]
        assert asked == ([None, '"1"', '"1"'] if method == "GET" else [None, None, None])
