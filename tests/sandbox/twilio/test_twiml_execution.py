"""TwiML: each verb as the documentation has it."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

import pytest
from starlette.responses import Response

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import Sandbox

pytestmark = pytest.mark.anyio
HOOK = "https://hooks.example"
SAY = "<Response><Say>Hello</Say></Response>"


@pytest.fixture
def run(sandbox: Sandbox, receiver: Receiver) -> Any:
    """Call a number that answers with this TwiML."""

    async def run(twiml: Any, **scenario: Any) -> Any:
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", f"<Response>{twiml}</Response>"))
        return await sandbox.call_in(**scenario)

    return run


def stories(call: Any, kind: Any = "twiml") -> Any:
    """The texts of a call's steps of one kind."""
    return [step["text"] for step in call["steps"] if step["kind"] == kind]


async def test_an_unknown_attribute_is_12200_and_ignored(sandbox: Sandbox, run: Any) -> None:
    """The call goes on."""
    call = await run("<Say colour='red'>Hello</Say>")
    assert (call["status"], [a["error_code"] for a in await sandbox.alerts()]) == ("completed", ["12200"])
    assert "colour" in (await sandbox.alerts())[0]["alert_text"]


async def test_an_unknown_verb_is_12200_and_ignored(sandbox: Sandbox, run: Any) -> None:
    """Names are case-sensitive: ``say`` is no verb."""
    call = await run("<say>Hello</say><Say>World</Say>")
    assert (stories(call), [a["error_code"] for a in await sandbox.alerts()]) == (["<Say> World"], ["12200"])


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<Response>",
        "\n<?xml version='1.0'?><Response/>",
        "<Other/>",
        "nonsense",
        "<!DOCTYPE x><Response/>",
    ],
)
async def test_malformed_xml_is_12100_and_goes_to_the_fallback(
    sandbox: Sandbox, receiver: Receiver, body: str
) -> None:
    """Even a blank line before the declaration."""
    receiver.answer("/voice", Response(body, media_type="text/xml"))
    fallback = receiver.twiml("/fallback", SAY)
    await sandbox.configure(VoiceUrl=f"{HOOK}/voice", VoiceFallbackUrl=fallback)
    assert (await sandbox.call_in())["status"] == "completed"
    assert receiver.on("/fallback")[0].params["ErrorCode"] == "12100"


@pytest.mark.parametrize("verb", ["Echo", "Pay", "Sms", "Refer"])
async def test_verbs_that_exist_but_are_not_emulated_say_so(sandbox: Sandbox, run: Any, verb: str) -> None:
    """No warning of Twilio's, a line in the story instead, which says why."""
    call = await run(f"<{verb}/><Say>After</Say>")
    (text,) = stories(call, "not-emulated")
    assert text.startswith(f"<{verb}> is TwiML, but this sandbox skips it: ")
    assert await sandbox.alerts() == []
    assert stories(call) == ["<Say> After"]


async def test_an_empty_response_answers_and_hangs_up(run: Any) -> None:
    """0 seconds, completed."""
    call = await run("")
    assert (call["status"], call["call"]["duration"]) == ("completed", "0")


# --- Dial


async def test_dial_defaults_the_caller_id_to_the_caller(run: Any) -> None:
    """Without callerId the party sees who called."""
    assert (await run("<Dial>+15557654321</Dial>"))["legs"][0]["from"] == "+15550001111"


@pytest.mark.parametrize("caller_id", ["+15551234567", "+15551234568"])
async def test_dial_shows_a_caller_id_of_the_account(run: Any, caller_id: str) -> None:
    """The called number itself or another of the account's."""
    call = await run(f"<Dial callerId='{caller_id}'>+15557654321</Dial>")
    assert call["legs"][0]["from"] == caller_id


async def test_dial_refuses_a_foreign_caller_id(sandbox: Sandbox, run: Any) -> None:
    """13214, nobody is dialed."""
    call = await run("<Dial callerId='+15559999999'>+15557654321</Dial>")
    assert (call["legs"], [a["error_code"] for a in await sandbox.alerts()]) == ([], ["13214"])


@pytest.mark.parametrize(
    ("record", "channels", "seconds"),
    [
        ("do-not-record", None, None),
        ("false", None, None),
        ("true", 1, "5"),
        ("record-from-answer", 1, "5"),
        ("record-from-answer-dual", 2, "5"),
        ("record-from-ringing", 1, "9"),
        ("record-from-ringing-dual", 2, "9"),
    ],
)
async def test_dial_records_as_told(run: Any, record: str, channels: int | None, seconds: str | None) -> None:
    """From the answer or from the ringing, mono or dual."""
    call = await run(f"<Dial record='{record}'>+15557654321</Dial>", ringSeconds=4, talkSeconds=5)
    shown = [(recording["channels"], recording["duration"]) for recording in call["recordings"]]
    assert shown == ([] if channels is None else [(channels, seconds)])


@pytest.mark.parametrize("track", ["inbound", "outbound"])
async def test_a_single_track_is_mono(receiver: Receiver, run: Any, track: str) -> None:
    """Whatever the record attribute says."""
    call = await run(
        f"<Dial record='record-from-answer-dual' recordingTrack='{track}' "
        f"recordingStatusCallback='/rec'>+15557654321</Dial>"
    )
    assert call["recordings"][0]["channels"] == 1
    assert receiver.on("/rec")[0].params["RecordingTrack"] == track


async def test_dial_timeout_is_30_seconds_and_a_buffer(run: Any) -> None:
    """A party that answers within timeout + 5 s is connected, a later one is not."""
    assert (await run("<Dial>+15557654321</Dial>", ringSeconds=34))["legs"][0]["status"] == "completed"
    assert (await run("<Dial>+15557654321</Dial>", ringSeconds=36))["legs"][0]["status"] == "no-answer"
    assert (await run("<Dial timeout='1'>+15557654321</Dial>", ringSeconds=9))["legs"][0][
        "status"
    ] == "completed"


async def test_dial_time_limit_ends_the_conversation(run: Any) -> None:
    """After timeLimit seconds the parties are parted and the call goes on."""
    call = await run("<Dial timeLimit='10'>+15557654321</Dial><Say>Bye</Say>", talkSeconds=60)
    assert (call["legs"][0]["duration"], stories(call)[-1]) == ("10", "<Say> Bye")


async def test_without_action_the_next_verb_runs(run: Any) -> None:
    """Voicemail after an unanswered dial."""
    call = await run("<Dial>+15557654321</Dial><Say>Nobody there</Say>", scenario="busy")
    assert stories(call)[-1] == "<Say> Nobody there"


async def test_with_action_later_verbs_are_unreachable(receiver: Receiver, run: Any) -> None:
    """The action's document takes over."""
    receiver.twiml("/action", "<Response><Say>Taken over</Say></Response>")
    call = await run("<Dial action='/action'>+15557654321</Dial><Say>Unreachable</Say>")
    assert stories(call)[-1] == "<Say> Taken over"


async def test_relative_urls_resolve_against_the_document(sandbox: Sandbox, receiver: Receiver) -> None:
    """Not against the host alone."""
    receiver.twiml("/a/b/voice", "<Response><Dial action='next'>+15557654321</Dial></Response>")
    receiver.twiml("/a/b/next", SAY)
    await sandbox.configure(VoiceUrl=f"{HOOK}/a/b/voice?x=1")
    await sandbox.call_in()
    assert len(receiver.on("/a/b/next")) == 1


async def test_dial_has_no_status_callback(sandbox: Sandbox, receiver: Receiver, run: Any) -> None:
    """12200, "not allowed to appear in element 'Dial'", and nobody is told."""
    await run("<Dial statusCallback='/s' statusCallbackEvent='answered'>+15557654321</Dial>")
    texts = [a["alert_text"] for a in await sandbox.alerts()]
    assert len(texts) == 2
    assert all("not+allowed+to+appear+in+element+%27Dial%27" in text for text in texts)
    assert receiver.on("/s") == []


async def test_nouns_default_to_the_completed_event(receiver: Receiver, run: Any) -> None:
    """``statusCallbackEvent`` defaults to completed."""
    await run("<Dial><Number statusCallback='/s'>+15557654321</Number></Dial>")
    assert [(r.status, r.method) for r in receiver.on("/s")] == [("completed", "POST")]


async def test_a_nouns_callback_can_be_get(receiver: Receiver, run: Any) -> None:
    """StatusCallbackMethod."""
    await run("<Dial><Number statusCallback='/s' statusCallbackMethod='GET'>+15557654321</Number></Dial>")
    assert [(r.method, r.status) for r in receiver.on("/s")] == [("GET", "completed")]


@pytest.mark.parametrize(
    ("noun", "to"),
    [
        ("<Number>+15557654321</Number>", "+15557654321"),
        ("<Client>alice</Client>", "client:alice"),
        ("<Client><Identity>bob</Identity></Client>", "client:bob"),
        ("<Sip>sip:sales@pbx.example</Sip>", "sip:sales@pbx.example"),
    ],
)
async def test_numbers_clients_and_sip_addresses_are_dialed(
    receiver: Receiver, run: Any, noun: str, to: str
) -> None:
    """Each is a leg with its own SID and events."""
    name = noun[1:].split(">", maxsplit=1)[0]
    call = await run("<Dial>" + noun.replace(f"<{name}>", f"<{name} statusCallback='/s'>", 1) + "</Dial>")
    assert call["legs"][0]["to"] == to
    assert receiver.on("/s")[0].params["To"] == to


async def test_at_most_10_parties_ring_at_the_same_time(sandbox: Sandbox, run: Any) -> None:
    """The eleventh is left out, with an alert."""
    call = await run(
        "<Dial>"
        + "".join(f"<Number>+1555000000{n}</Number>" for n in range(10))
        + "<Number>+15550000010</Number></Dial>"
    )
    assert len(call["legs"]) == 10
    assert len(await sandbox.alerts()) == 1


async def test_sequential_dialing_tries_one_after_the_other(run: Any) -> None:
    """The first that answers ends it; those after him are never dialed."""
    call = await run(
        (
            "<Dial "
            "sequential='true'><Number>+15550000001</Number><Number>+15550000002</Number><Number>+15550000003</Number></Dial>"
        ),
        legs={"+15550000001": {"scenario": "busy"}, "+15550000002": {}},
    )
    assert [(leg["to"], leg["status"]) for leg in call["legs"]] == [
        ("+15550000001", "busy"),
        ("+15550000002", "completed"),
    ]


async def test_a_whisper_is_asked_for_with_the_childs_parameters(receiver: Receiver, run: Any) -> None:
    """``url`` on the noun is fetched for the called party before the parties are connected."""
    receiver.twiml("/whisper", "<Response><Say>A call for you</Say></Response>")
    call = await run("<Dial><Number url='/whisper'>+15557654321</Number></Dial>")
    params = receiver.on("/whisper")[0].params
    assert (params["CallSid"], params["ParentCallSid"]) == (call["legs"][0]["sid"], call["sid"])


@pytest.mark.parametrize("number", ["5557654321", "(555) 765-4321", "1-555-765-4321", "+1 555.765.4321"])
async def test_us_numbers_are_dialed_in_any_format(sandbox: Sandbox, receiver: Receiver, number: str) -> None:
    """Twilio docs, TwiML <Number>: "Twilio will also accept unformatted US numbers"."""
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", f"<Response><Dial>{number}</Dial></Response>"))
    call = await sandbox.call_in()
    assert [leg["to"] for leg in call["legs"]] == ["+15557654321"]


async def test_a_text_that_is_not_a_number_is_named_as_it_is(sandbox: Sandbox, receiver: Receiver) -> None:
    """Error 13224 (Twilio docs, error dictionary): a SIP address belongs into <Sip>."""
    address = "sip:kate@example.com"
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", f"<Response><Dial>{address}</Dial></Response>"))
    await sandbox.call_in()
    alert = (await sandbox.alerts())[0]
    assert (alert["error_code"], address in unquote_plus(alert["alert_text"])) == ("13224", True)


@pytest.mark.parametrize(("to", "code"), [("12", "13224"), ("+442071838750", "13227")])
async def test_a_number_that_cannot_be_dialed(sandbox: Sandbox, run: Any, to: str, code: str) -> None:
    """Not a number, or a country that is not enabled: an alert, and the dial failed."""
    call = await run(f"<Dial action='/action'>{to}</Dial>")
    assert (call["legs"], (await sandbox.alerts())[-1]["error_code"]) == ([], code)


# --- Record, Start


async def test_record_asks_its_action_with_the_recording(receiver: Receiver, run: Any) -> None:
    """RecordingUrl, RecordingDuration and Digits."""
    receiver.twiml("/action", "<Response/>")
    await run("<Record action='/action' maxLength='30'/>", recordSeconds=12, recordEndsBy="#")
    params = receiver.on("/action")[0].params
    assert (params["RecordingDuration"], params["Digits"]) == ("12", "#")
    assert params["RecordingSid"] in params["RecordingUrl"]


async def test_record_is_cut_at_max_length(receiver: Receiver, run: Any) -> None:
    """MaxLength seconds."""
    receiver.twiml("/action", "<Response/>")
    await run("<Record action='/action' maxLength='30'/>", recordSeconds=100)
    assert receiver.on("/action")[0].params["RecordingDuration"] == "30"


async def test_record_says_hangup_when_the_caller_hung_up(receiver: Receiver, run: Any) -> None:
    """Digits=hangup, and the answer is not executed."""
    receiver.twiml("/action", "<Response><Say>Unheard</Say></Response>")
    call = await run("<Record action='/action'/>", recordEndsBy="hangup")
    params = receiver.on("/action")[0].params
    assert (params["Digits"], params["CallStatus"]) == ("hangup", "completed")
    assert not any("Unheard" in text for text in stories(call))


async def test_record_without_action_asks_the_same_document_again(receiver: Receiver, run: Any) -> None:
    """The loop that surprises people: the voice URL is asked after each message."""
    call = await run("<Record/>", recordSeconds=2, callerHangsUpAfter=7)
    assert len(receiver.on("/voice")) > 2
    assert call["status"] == "completed"


async def test_record_is_mono_and_tells_its_callback(receiver: Receiver, run: Any) -> None:
    """RecordingSource=RecordVerb, always one channel."""
    receiver.twiml("/action", "<Response/>")
    await run("<Record action='/action' recordingStatusCallback='/rec'/>")
    params = receiver.on("/rec")[0].params
    assert (params["RecordingSource"], params["RecordingChannels"], params["RecordingStatus"]) == (
        "RecordVerb",
        "1",
        "completed",
    )


async def test_start_recording_records_the_whole_leg_in_dual(receiver: Receiver, run: Any) -> None:
    """From where it stands to the end of the call, whatever is dialed."""
    call = await run(
        "<Start><Recording recordingStatusCallback='/rec' "
        "recordingStatusCallbackEvent='in-progress completed'/></Start>"
        "<Pause length='10'/><Dial>+15557654321</Dial>",
        talkSeconds=20,
        ringSeconds=0,
        setupSeconds=0,
    )
    assert [r.params["RecordingStatus"] for r in receiver.on("/rec")] == ["in-progress", "completed"]
    assert (call["recordings"][0]["channels"], call["recordings"][0]["duration"]) == (2, "30")


# --- Reject, Hangup, Say, Play, Pause, Redirect


async def test_reject_must_be_the_first_verb(run: Any) -> None:
    """Later it can only hang up what was answered."""
    assert (await run("<Say>Hello</Say><Reject/>"))["status"] == "completed"


async def test_a_wrong_reject_reason_is_13810(sandbox: Sandbox, run: Any) -> None:
    """And the call is rejected nonetheless."""
    call = await run("<Reject reason='rude'/>")
    assert (call["status"], [a["error_code"] for a in await sandbox.alerts()]) == ("no-answer", ["13810"])


async def test_hangup_ends_the_call(run: Any) -> None:
    """Verbs after it are not executed."""
    call = await run("<Say>Bye</Say><Hangup/><Say>Never</Say>")
    assert stories(call) == ["<Say> Bye", "<Hangup>"]


async def test_pause_say_and_play_take_time(run: Any) -> None:
    """Length in seconds, loops in turns."""
    call = await run("<Pause length='7'/><Say loop='3'>Hi</Say><Play loop='2'>/a.mp3</Play>")
    assert call["call"]["duration"] == str(3 * 1 + 2 * 2)  # a pause at the beginning delays the answer
    call = await run("<Say>Hi</Say><Pause/><Pause length='5'/>")
    assert call["call"]["duration"] == "7"


@pytest.mark.parametrize("twiml", ["<Pause length='7'/>", "<Redirect>/paused</Redirect>"])
async def test_a_pause_alone_is_picked_up_afterwards(receiver: Receiver, run: Any, twiml: str) -> None:
    """https://www.twilio.com/docs/voice/twiml/pause: it waits "before picking up the call"."""
    receiver.twiml("/paused", "<Response><Pause length='7'/></Response>")
    call = await run(twiml)
    assert (call["status"], call["call"]["duration"]) == ("completed", "0")


@pytest.mark.parametrize("verb", ["Echo", "Connect", "Pay", "Sms"])
async def test_a_call_whose_verb_is_skipped_is_no_missed_call(receiver: Receiver, run: Any, verb: str) -> None:
    """It is answered; no action is requested, since no outcome is known."""
    call = await run(f"<{verb} action='/action'/>")
    assert (call["status"], receiver.on("/action")) == ("completed", [])


@pytest.mark.parametrize("noun", ["Sim", "SipTrunk", "WhatsApp"])
async def test_a_dial_that_is_skipped_reports_no_failure(receiver: Receiver, run: Any, noun: str) -> None:
    """The next verb follows, and the action is not requested."""
    call = await run(f"<Dial action='/action'><{noun}>x</{noun}></Dial><Say>After</Say>")
    assert (receiver.on("/action"), stories(call)) == ([], ["<Say> After"])
    assert any(noun in text for text in stories(call, "not-emulated"))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/a.wav", "http://localhost/a.wav", "http://listed.example/a.wav"]
)
async def test_play_fetches_its_file(sandbox: Sandbox, receiver: Receiver, run: Any, url: str) -> None:
    """https://www.twilio.com/docs/voice/twiml/play: by GET, without the call's parameters."""
    assert await sandbox.control("PUT", "/media-hosts", {"hosts": ["listed.example"]}) == {
        "hosts": ["listed.example"]
    }
    receiver.answer("/a.wav", Response(b"RIFF", media_type="audio/wav"))
    call = await run(f"<Play loop='2'>{url}</Play>")
    assert [(request.method, request.params) for request in receiver.on("/a.wav")] == [("GET", {})]
    assert (await sandbox.alerts(), call["call"]["duration"]) == ([], "4")


@pytest.mark.parametrize(
    ("answer", "code"), [(Response("", 404), "11200"), (Response("x", media_type="text/plain"), "12300")]
)
async def test_a_file_that_cannot_be_played_is_an_alert(
    sandbox: Sandbox, receiver: Receiver, run: Any, answer: Any, code: str
) -> None:
    """Error dictionary 11200 and 12300; the next verb follows."""
    receiver.answer("/a.wav", answer)
    call = await run("<Play>http://127.0.0.1/a.wav</Play><Say>After</Say>")
    assert [alert["error_code"] for alert in await sandbox.alerts()] == [code]
    assert stories(call)[-1] == "<Say> After"


async def test_play_goes_nowhere_else(sandbox: Sandbox, receiver: Receiver, run: Any) -> None:
    """Neither at once nor by a redirect; both are noted."""
    call = await run("<Play>https://hooks.example/a.wav</Play>")
    assert (receiver.on("/a.wav"), len(stories(call, "not-emulated"))) == ([], 1)
    moved = Response("", 302, headers={"location": "https://hooks.example/a.wav"})
    receiver.answer("/moved.wav", moved)
    call = await run("<Play>http://127.0.0.1/moved.wav</Play>")
    assert (len(receiver.on("/moved.wav")), receiver.on("/a.wav")) == (1, [])
    assert (len(stories(call, "not-emulated")), await sandbox.alerts()) == (1, [])


@pytest.mark.parametrize(("voice", "codes"), [("alice", []), ("Polly.Joanna-Neural", []), ("robot", ["13511"])])
async def test_an_unknown_voice_is_13511(sandbox: Sandbox, run: Any, voice: str, codes: list[str]) -> None:
    """A warning of the error dictionary; the text is said."""
    call = await run(f"<Say voice='{voice}'>Hello</Say>")
    assert ([a["error_code"] for a in await sandbox.alerts()], stories(call)) == (codes, ["<Say> Hello"])


@pytest.mark.parametrize(
    ("twiml", "named"),
    [
        ("<Play digits='1'/>", ["digits"]),
        ("<Dial callReason='Sales' ringTone='de'>+15557654321</Dial>", ["callReason", "ringTone"]),
        ("<Record timeout='3' playBeep='true' action='/action'/>", ["playBeep", "timeout"]),
        ("<Dial><Number sendDigits='1'>+15557654321</Number></Dial>", ["sendDigits"]),
        ("<Start><Recording trim='trim-silence'/></Start>", ["trim"]),
    ],
)
async def test_attributes_that_are_ignored_are_named(
    receiver: Receiver, run: Any, twiml: str, named: list[str]
) -> None:
    """In the call's steps."""
    receiver.twiml("/action", "<Response/>")
    (text,) = stories(await run(twiml), "not-emulated")
    assert all(name in text for name in named)


async def test_parameters_of_the_api_that_are_ignored_are_named(sandbox: Sandbox) -> None:
    """In the call's steps."""
    call = await sandbox.place(Twiml=SAY, SendDigits="1", CallReason="Sales")
    (text,) = stories(call, "not-emulated")
    assert ("SendDigits" in text, "CallReason" in text) == (True, True)


async def test_a_clients_parameters_are_not_part_of_its_address(receiver: Receiver, run: Any) -> None:
    """https://www.twilio.com/docs/voice/twiml/client: they are for the client's SDK."""
    client = "<Identity>bob</Identity><Parameter name='lead' value='42'/>"
    call = await run(f"<Dial><Client statusCallback='/s'>{client}</Client></Dial>")
    assert (call["legs"][0]["to"], receiver.on("/s")[0].params["To"]) == ("client:bob", "client:bob")


async def test_an_endless_loop_ends_with_the_caller(run: Any) -> None:
    """``loop=0`` until somebody hangs up."""
    call = await run("<Play loop='0'>/a.mp3</Play>", callerHangsUpAfter=90)
    assert call["call"]["duration"] == "90"


async def test_redirect_goes_on_with_another_document(receiver: Receiver, run: Any) -> None:
    """POST by default, GET on request; the call is in progress by then or still ringing."""
    receiver.twiml("/next", SAY)
    call = await run("<Redirect>/next</Redirect><Say>Unreachable</Say>")
    assert [r.method for r in receiver.on("/next")] == ["POST"]
    assert stories(call)[-1] == "<Say> Hello"
    await run("<Redirect method='GET'>/next</Redirect>")
    assert receiver.on("/next")[-1].method == "GET"


@pytest.mark.parametrize("verb", ["<Hangup/>", "<Reject/>"])
async def test_a_whisper_can_refuse_the_call(receiver: Receiver, run: Any, verb: str) -> None:
    """The called party is gone before anybody was connected; the call goes on."""
    receiver.twiml("/whisper", f"<Response>{verb}</Response>")
    receiver.twiml("/action", SAY)
    call = await run("<Dial action='/action'><Number url='/whisper'>+15557654321</Number></Dial>")
    assert receiver.on("/action")[0].params["DialBridged"] == "false"
    assert (call["status"], stories(call)[-1]) == ("completed", "<Say> Hello")


@pytest.mark.parametrize(
    "twiml",
    [
        "<Dial><Sim>DE00000000000000000000000000000000</Sim></Dial>",
        "<Start><Siprec name='a'/></Start>",
        "<Stop><Transcription/></Stop>",
        "<Stream url='wss://a.example'/>",
    ],
)
async def test_attributes_and_nouns_that_are_not_emulated_say_so(
    receiver: Receiver, run: Any, twiml: str
) -> None:
    """In the call's story, never silently."""
    receiver.twiml("/action", "<Response/>")
    assert stories(await run(twiml), "not-emulated")


async def test_no_events_of_the_incoming_leg_can_be_ordered(sandbox: Sandbox, receiver: Receiver) -> None:
    """A number has no StatusCallbackEvent: only the end is told, whatever the update says."""
    receiver.twiml("/voice", SAY)
    await sandbox.configure(
        VoiceUrl=f"{HOOK}/voice",
        StatusCallback=f"{HOOK}/status",
        StatusCallbackEvent="initiated ringing answered",
    )
    await sandbox.call_in()
    assert receiver.statuses("/status") == ["completed"]


async def test_a_document_that_redirects_to_itself_is_ended(receiver: Receiver, run: Any) -> None:
    """Real Twilio would go on until the time limit; no time passes in such a loop, and the sandbox says so."""
    call = await run("<Redirect>/voice</Redirect>")
    assert (call["status"], len(receiver.on("/voice"))) == ("failed", 101)
    assert "followed each other in no time" in stories(call, "not-emulated")[0]


async def test_a_loop_in_which_time_passes_goes_on(receiver: Receiver, run: Any) -> None:
    """A menu that asks again and again, until the caller hangs up."""
    call = await run("<Gather timeout='1'/><Redirect>/voice</Redirect>", callerHangsUpAfter=200)
    assert (call["status"], len(receiver.on("/voice"))) == ("completed", 200)


async def test_reject_after_a_pause_answers_and_hangs_up(run: Any) -> None:
    """A pause leaves the call unanswered, and yet Reject is not the first verb any more."""
    call = await run("<Pause length='2'/><Reject reason='busy'/>")
    assert call["status"] != "busy"
