"""``<Gather>``: https://www.twilio.com/docs/voice/twiml/gather, also in the TwiML for a called party."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import MakeSandbox, Sandbox

pytestmark = pytest.mark.anyio
HOOK = "https://hooks.example"
MENU = "<Gather action='/menu'><Say>Press a key</Say></Gather><Say>Nothing heard</Say>"


@pytest.fixture
def run(sandbox: Sandbox, receiver: Receiver) -> Any:
    """Call a number that answers with this TwiML."""

    async def run(twiml: str, *turns: Any, **scenario: Any) -> Any:
        receiver.twiml("/menu", "<Response><Say>Thank you</Say></Response>")
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", f"<Response>{twiml}</Response>"))
        return await sandbox.call_in(**({"gather": list(turns)} if turns else {}), **scenario)

    return run


def said(call: Any) -> list[str]:
    """What a call's steps have executed."""
    return [step["text"] for step in call["steps"] if step["kind"] == "twiml"]


def heard(receiver: Receiver, path: str = "/menu") -> list[dict[str, str]]:
    """What the action requests tell of the input."""
    names = {"Digits", "FinishedOnKey", "SpeechResult", "Confidence", "msg"}
    return [{k: v for k, v in request.params.items() if k in names} for request in receiver.on(path)]


async def test_digits_are_sent_to_the_action(receiver: Receiver, run: Any) -> None:
    """As parameters of a POST request; the call is answered by then."""
    call = await run(MENU, {"digits": "1"})
    assert heard(receiver) == [{"Digits": "1", "FinishedOnKey": "", "msg": "Gather End"}]
    request = receiver.on("/menu")[0]
    assert (request.method, request.status) == ("POST", "in-progress")
    assert said(call)[-1] == "<Say> Thank you"


async def test_the_method_can_be_get(receiver: Receiver, run: Any) -> None:
    """``method``: GET or POST."""
    await run("<Gather action='/menu' method='GET'/>", {"digits": "1"})
    assert receiver.on("/menu")[0].method == "GET"


async def test_without_input_the_next_verb_follows(receiver: Receiver, run: Any) -> None:
    """After 5 s: "If no input is received before timeout, <Gather> falls through to the next verb"."""
    call = await run(MENU, {"timeout": True})
    assert (receiver.on("/menu"), said(call)[-1]) == ([], "<Say> Nothing heard")
    assert call["call"]["duration"] == str(1 + 5 + 1)


async def test_a_gather_alone_answers_and_ends_completed(run: Any) -> None:
    """After the default timeout: "The request includes no more verbs, so Twilio ends the call"."""
    call = await run("<Gather/>")
    assert (call["status"], call["call"]["duration"]) == ("completed", "5")


async def test_timeout_begins_after_the_prompts_and_again_after_each_key(run: Any) -> None:
    """The time of nested verbs does not count."""
    call = await run("<Gather timeout='3' action='/menu'><Pause length='10'/></Gather>", {"timeout": True})
    assert call["call"]["duration"] == "13"
    call = await run("<Gather timeout='3' action='/menu'><Pause length='10'/></Gather>", {"digits": "12"})
    assert call["call"]["duration"] == str(10 + 1 + 3 + 1)


async def test_action_on_empty_result_asks_the_action(receiver: Receiver, run: Any) -> None:
    """``actionOnEmptyResult``: the action is asked although there is no input."""
    call = await run(MENU.replace("<Gather", "<Gather actionOnEmptyResult='true'"), {"timeout": True})
    assert (heard(receiver), said(call)[-1]) == ([{"Digits": ""}], "<Say> Thank you")


async def test_without_an_action_the_same_document_is_asked_again(receiver: Receiver, run: Any) -> None:
    """The default of ``action`` is the current document's URL."""
    await run("<Gather/>", {"digits": "7"})
    assert [request.params.get("Digits") for request in receiver.on("/voice")] == [None, "7"]


@pytest.mark.parametrize(
    ("attributes", "pressed", "digits", "key"),
    [
        ("", "123#4", "123", "#"),
        ("finishOnKey='*'", "12#3*4", "12#3", "*"),
        ("finishOnKey=''", "12#*", "12#*", ""),
        ("", "#12", "12", ""),  # "only works when a digit sequence precedes it"
        ("numDigits='4'", "12345", "1234", ""),
        ("numDigits='4'", "12#", "12", "#"),
        ("numDigits='4'", "12", "12", ""),
    ],
)
async def test_what_submits_the_digits(
    receiver: Receiver, run: Any, attributes: str, pressed: str, digits: str, key: str
) -> None:
    """``finishOnKey`` (which is not sent), ``numDigits``, or the time."""
    await run(f"<Gather action='/menu' {attributes}/>", {"digits": pressed})
    assert heard(receiver) == [{"Digits": digits, "FinishedOnKey": key, "msg": "Gather End"}]


async def test_speech_is_sent_with_its_confidence(receiver: Receiver, run: Any) -> None:
    """``SpeechResult``, and ``Confidence`` from 0.0 to 1.0."""
    await run(
        "<Gather input='dtmf speech' action='/menu' language='en-GB' hints='sales, support'/>",
        {"speech": "sales", "confidence": 0.75},
    )
    assert heard(receiver) == [{"SpeechResult": "sales", "Confidence": "0.75"}]


async def test_speech_timeout_ends_the_speech(run: Any) -> None:
    """``speechTimeout``: seconds of silence; by default those of ``timeout``."""
    twiml = "<Gather input='speech' action='/menu' timeout='7' {}/>"
    call = await run(twiml.format(""), {"speech": "sales"})
    assert call["call"]["duration"] == str(1 + 7 + 1)
    call = await run(twiml.format("speechTimeout='2'"), {"speech": "sales"})
    assert call["call"]["duration"] == str(1 + 2 + 1)


@pytest.mark.parametrize(
    ("accepted", "turn"),
    [("dtmf", {"speech": "sales"}), ("speech", {"digits": "12"}), ("dtmf", {"digits": "#"})],
)
async def test_what_the_input_does_not_take_is_not_heard(
    receiver: Receiver, run: Any, accepted: str, turn: Any
) -> None:
    """``input``: dtmf by default, speech, or both."""
    call = await run(f"<Gather input='{accepted}' action='/menu'/><Say>Nothing heard</Say>", turn)
    assert (receiver.on("/menu"), said(call)[-1]) == ([], "<Say> Nothing heard")


async def test_each_gather_takes_its_turn(receiver: Receiver, run: Any) -> None:
    """A menu of two levels, and no turn left for a third."""
    receiver.twiml("/second", "<Response><Gather action='/third'/></Response>")
    receiver.twiml("/third", "<Response><Gather action='/fourth'/><Say>Silence</Say></Response>")
    call = await run("<Gather action='/second'/>", {"digits": "1"}, {"digits": "22"})
    digits = [
        request.params["Digits"] for path in ("/second", "/third", "/fourth") for request in receiver.on(path)
    ]
    assert (digits, said(call)[-1]) == (["1", "22"], "<Say> Silence")


async def test_no_action_is_asked_when_the_caller_hangs_up(receiver: Receiver, run: Any) -> None:
    """The call ends as completed."""
    call = await run(
        MENU.replace("<Gather", "<Gather timeout='60' actionOnEmptyResult='true'"), callerHangsUpAfter=9
    )
    assert (receiver.on("/menu"), call["status"], call["call"]["duration"]) == ([], "completed", "9")


@pytest.mark.parametrize(
    ("attribute", "code"), [("finishOnKey='12'", "13310"), ("timeout='0'", "13313"), ("numDigits='x'", "13314")]
)
async def test_a_wrong_value_is_a_warning(sandbox: Sandbox, run: Any, attribute: str, code: str) -> None:
    """Error dictionary: the default is used instead."""
    await run(f"<Gather {attribute}/>")
    assert [(alert["error_code"], alert["log_level"]) for alert in await sandbox.alerts()] == [
        (code, "warning")
    ]


async def test_what_is_not_emulated_is_noted(run: Any) -> None:
    """Partial results are never sent."""
    call = await run("<Gather input='speech' partialResultCallback='/partial'/>")
    assert "partialResultCallback" in next(s["text"] for s in call["steps"] if s["kind"] == "not-emulated")


# --- In the TwiML at <Number url>: https://www.twilio.com/docs/voice/twiml/number

SCREEN = "<Dial action='/after'><Number url='/screen'>+15557654321</Number></Dial>"


@pytest.fixture
def screen(receiver: Receiver) -> None:
    """Twilio's own sample: a called party presses a key or is hung up on."""
    receiver.twiml(
        "/screen", "<Response><Gather action='/accept' numDigits='1'><Say>1?</Say></Gather><Hangup/></Response>"
    )
    receiver.twiml("/accept", "<Response><Say>Connecting</Say></Response>")
    receiver.twiml("/after", "<Response><Say>After</Say></Response>")


@pytest.mark.usefixtures("screen")
async def test_a_called_party_accepts_with_a_key(receiver: Receiver, run: Any) -> None:
    """The action is asked with the child's parameters, and the parties are connected."""
    call = await run(SCREEN, {"digits": "1"})
    request = receiver.on("/accept")[0]
    assert (request.params["Digits"], request.params["CallSid"]) == ("1", call["legs"][0]["sid"])
    assert receiver.on("/after")[0].params["DialBridged"] == "true"


@pytest.mark.usefixtures("screen")
async def test_a_called_party_that_presses_nothing_is_hung_up_on(receiver: Receiver, run: Any) -> None:
    """The page names <Gather> and <Hangup> as the way to decline a call."""
    await run(SCREEN, {"timeout": True})
    assert (receiver.on("/accept"), receiver.on("/after")[0].params["DialBridged"]) == ([], "false")


@pytest.mark.usefixtures("screen")
async def test_a_party_with_a_list_of_its_own_takes_its_turns_from_it(receiver: Receiver, run: Any) -> None:
    """The caller's menu and the called party's key are two lists."""
    receiver.twiml("/chosen", f"<Response>{SCREEN}</Response>")
    legs = {"+15557654321": {"gather": [{"digits": "1"}]}}
    await run("<Gather action='/chosen'/>", {"digits": "2"}, {"timeout": True}, legs=legs)
    assert receiver.on("/after")[0].params["DialBridged"] == "true"


async def test_an_outgoing_calls_party_presses_keys(sandbox: Sandbox, receiver: Receiver) -> None:
    """As the scripts by destination say."""
    await sandbox.script(**{"+15557654321": {"gather": [{"digits": "5"}]}})
    receiver.twiml("/menu", "<Response/>")
    await sandbox.place(Twiml=f"<Response><Gather action='{HOOK}/menu'/></Response>")
    assert heard(receiver)[0]["Digits"] == "5"


# --- Live, through the control plane


async def listening(sandbox: Sandbox, to: str = "+15551234567") -> Any:
    """A call in real time that a <Gather> listens to."""
    started = await sandbox.control("POST", "/calls", {"from": "+15550001111", "to": to})
    live = sandbox.emulator.switchboard.live(started["sid"])
    await sandbox.until(lambda: live.listening is not None, started["sid"])
    return live


@pytest.mark.parametrize(
    ("attributes", "body", "expected"),
    [
        ("numDigits='2'", {"digits": "12"}, {"Digits": "12", "FinishedOnKey": "", "msg": "Gather End"}),
        ("", {"digits": "3#"}, {"Digits": "3", "FinishedOnKey": "#", "msg": "Gather End"}),
        (
            "input='speech' speechTimeout='auto'",
            {"speech": "sales"},
            {"SpeechResult": "sales", "Confidence": "0.9"},
        ),
    ],
)
async def test_keys_and_speech_interrupt_the_prompt(
    make_sandbox: MakeSandbox, receiver: Receiver, attributes: str, body: Any, expected: Any
) -> None:
    """What is nested would last ten minutes."""
    async with make_sandbox(factor=60) as sandbox:
        receiver.twiml("/menu", "<Response/>")
        twiml = f"<Response><Gather action='/menu' {attributes}><Pause length='600'/></Gather></Response>"
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml))
        live = await listening(sandbox)
        await sandbox.control("POST", f"/calls/{live.root.sid}/digits", body)
        await sandbox.ended(live.root.sid)
        assert heard(receiver) == [expected]


async def test_speech_waits_for_the_prompt_without_barge_in(
    make_sandbox: MakeSandbox, receiver: Receiver
) -> None:
    """``bargeIn="false"``: the prompt is played to its end first."""
    async with make_sandbox(factor=600) as sandbox:
        receiver.twiml("/menu", "<Response/>")
        attributes = "input='speech' bargeIn='false' speechTimeout='1' action='/menu'"
        twiml = f"<Response><Gather {attributes}><Pause length='60'/></Gather></Response>"
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml))
        live = await listening(sandbox)
        await sandbox.control("POST", f"/calls/{live.root.sid}/digits", {"speech": "sales"})
        call = await sandbox.ended(live.root.sid)
        assert heard(receiver)[0]["SpeechResult"] == "sales"
        assert float(call["call"]["duration"]) >= 60


@pytest.mark.parametrize("body", [{}, {"digits": "x"}, {"digits": "1", "speech": "a"}, {"speech": ""}])
async def test_odd_input_is_refused(sandbox: Sandbox, body: Any) -> None:
    """One sentence, 400."""
    refused = await sandbox.client.post(f"/_sandbox/calls/CA{'0' * 32}/digits", json=body)
    assert (refused.status_code, "at a <Gather>" in refused.json()["message"]) == (400, True)


async def test_keys_that_nothing_hears_are_refused(sandbox: Sandbox, run: Any) -> None:
    """A call that is over, and one that does not exist."""
    call = await run("<Say>Hello</Say>")

    async def press(sid: str) -> httpx.Response:
        return await sandbox.client.post(f"/_sandbox/calls/{sid}/digits", json={"digits": "1"})

    assert "is over" in (await press(call["sid"])).json()["message"]
    assert (await press(f"CA{'0' * 32}")).status_code == 404


@pytest.mark.parametrize(
    "turns", [1, {}, ["1"], [{"digits": 1}], [{"timeout": False}], [{"speech": "a", "confidence": 2}]]
)
async def test_a_scenario_with_odd_turns_is_refused(sandbox: Sandbox, turns: Any) -> None:
    """One sentence, 400."""
    body = {"to": "+15551234567", "gather": turns}
    refused = await sandbox.client.post("/_sandbox/calls", json=body)
    assert (refused.status_code, "Gather" in refused.json()["message"]) == (400, True)
