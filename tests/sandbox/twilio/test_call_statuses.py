"""From events to CallStatus, on every kind of leg."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.responses import Response

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import Sandbox

pytestmark = pytest.mark.anyio
AC = "AC" + "5a4db0c5" * 4
HOOK = "https://hooks.example"
SAY = "<Response><Say>Hello</Say></Response>"
EVERY_EVENT = ["initiated", "ringing", "answered", "completed"]
NUMBER = (
    "<Number statusCallback='/child' statusCallbackEvent='initiated ringing answered completed'>{to}</Number>"
)


def dial(*parties: Any, attributes: Any = "") -> Any:
    """TwiML that dials these parties and tells all of it."""
    numbers = "".join(NUMBER.format(to=to) for to in parties)
    return f"<Response><Dial {attributes}>{numbers}</Dial></Response>"


@pytest.mark.parametrize(
    ("outcome", "statuses"),
    [
        ("answered", ["initiated", "ringing", "in-progress", "completed"]),
        ("busy", ["initiated", "ringing", "busy"]),
        ("no-answer", ["initiated", "ringing", "no-answer"]),
        ("failed", ["initiated", "failed"]),
        ("canceled", ["initiated", "ringing", "canceled"]),
    ],
)
async def test_events_of_a_dialed_leg(
    sandbox: Sandbox, receiver: Receiver, outcome: str, statuses: list[Any]
) -> None:
    """The answered event is reported as in-progress; the completed event as whatever the end was."""
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", dial("+15557654321")))
    call = await sandbox.call_in(scenario=outcome)
    assert receiver.statuses("/child") == statuses
    assert call["legs"][0]["status"] == statuses[-1]


@pytest.mark.parametrize(
    ("outcome", "statuses"),
    [
        ("answered", ["initiated", "ringing", "in-progress", "completed"]),
        ("busy", ["initiated", "ringing", "busy"]),
        ("no-answer", ["initiated", "ringing", "no-answer"]),
        ("failed", ["initiated", "failed"]),
    ],
)
async def test_events_of_an_outgoing_call(
    sandbox: Sandbox, receiver: Receiver, outcome: str, statuses: list[Any]
) -> None:
    """The same on the leg that the API ordered, each event with its number."""
    await sandbox.script(everybody={"scenario": outcome})
    call = await sandbox.place(Twiml=SAY, StatusCallback=f"{HOOK}/s", StatusCallbackEvent=EVERY_EVENT)
    assert receiver.statuses("/s") == statuses
    assert [r.params["SequenceNumber"] for r in receiver.on("/s")] == [str(n) for n in range(len(statuses))]
    assert {r.params["Direction"] for r in receiver.on("/s")} == {"outbound-api"}
    assert call["status"] == statuses[-1]


async def test_ringing_may_be_missing(sandbox: Sandbox, receiver: Receiver) -> None:
    """A party that answers at once never rings."""
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", dial("+15557654321")))
    await sandbox.call_in(ringSeconds=0)
    assert receiver.statuses("/child") == ["initiated", "in-progress", "completed"]


async def test_dialed_legs_are_never_queued(sandbox: Sandbox, receiver: Receiver) -> None:
    """The resource of a leg that is being dialed is not queued."""
    seen = []

    def look(_: Any) -> Any:

        params = receiver.on("/child")[0].params
        seen.append(sandbox.emulator.calls.find(params["CallSid"])["status"])
        return Response(status_code=204)

    receiver.answer("/child", look)
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", dial("+15557654321")))
    await sandbox.call_in()
    assert "queued" not in seen


async def test_an_incoming_call_that_was_answered_completes(sandbox: Sandbox, receiver: Receiver) -> None:
    """Whatever became of the dial."""
    await sandbox.configure(
        VoiceUrl=receiver.twiml("/voice", dial("+15557654321")), StatusCallback=f"{HOOK}/status"
    )
    await sandbox.call_in(scenario="busy")
    assert receiver.statuses("/status") == ["completed"]


@pytest.mark.parametrize(
    ("reject", "status", "code"),
    [("<Reject/>", "no-answer", "487"), ("<Reject reason='busy'/>", "busy", "486")],
)
async def test_busy_and_no_answer_of_an_incoming_call_by_reject(
    sandbox: Sandbox, receiver: Receiver, reject: str, status: str, code: str
) -> None:
    """Refused as the first verb: unanswered, 0 seconds."""
    await sandbox.configure(
        VoiceUrl=receiver.twiml("/voice", f"<Response>{reject}</Response>"), StatusCallback=f"{HOOK}/status"
    )
    call = await sandbox.call_in()
    params = receiver.on("/status")[0].params
    assert (params["CallStatus"], params["CallDuration"], params["SipResponseCode"]) == (status, "0", code)
    assert (call["status"], call["call"]["duration"], call["call"]["price"]) == (status, "0", None)


async def test_the_caller_hangs_up_first_with_answer_on_bridge(sandbox: Sandbox, receiver: Receiver) -> None:
    """Nobody answered and nothing was bridged: the incoming leg is no-answer, the dialed one canceled."""
    twiml = dial("+15557654321", attributes="answerOnBridge='true'")
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml), StatusCallback=f"{HOOK}/status")
    call = await sandbox.call_in(scenario="canceled")
    assert (call["status"], call["legs"][0]["status"]) == ("no-answer", "canceled")
    assert receiver.statuses("/status") == ["no-answer"]


async def test_without_answer_on_bridge_the_incoming_leg_completes(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    """The dial answered it already."""
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", dial("+15557654321")))
    assert (await sandbox.call_in(scenario="canceled"))["status"] == "completed"


async def test_answer_on_bridge_answers_when_the_party_does(sandbox: Sandbox, receiver: Receiver) -> None:
    """The incoming leg lasts as long as the conversation."""
    twiml = dial("+15557654321", attributes="answerOnBridge='true'")
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml))
    call = await sandbox.call_in(ringSeconds=20, talkSeconds=30)
    assert (call["call"]["duration"], call["legs"][0]["duration"]) == ("30", "30")


async def test_the_losers_of_simultaneous_ringing_are_canceled(sandbox: Sandbox, receiver: Receiver) -> None:
    """One answers, the others are canceled at that moment."""
    await sandbox.configure(
        VoiceUrl=receiver.twiml("/voice", dial("+15550000001", "+15550000002", "+15550000003"))
    )
    call = await sandbox.call_in(
        legs={
            "+15550000001": {"ringSeconds": 9},
            "+15550000002": {"ringSeconds": 3},
            "+15550000003": {"scenario": "busy", "ringSeconds": 1},
        }
    )
    assert {leg["to"]: leg["status"] for leg in call["legs"]} == {
        "+15550000001": "canceled",
        "+15550000002": "completed",
        "+15550000003": "busy",
    }


async def test_a_failed_fetch_without_fallback_is_answered_with_a_message(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    """The caller hears that an error occurred, so the call is completed and has seconds.

    https://www.twilio.com/docs/usage/security/availability-reliability
    """
    await sandbox.configure(
        VoiceUrl=receiver.answer("/voice", Response("no", 500)), StatusCallback=f"{HOOK}/status"
    )
    call = await sandbox.call_in()
    assert (call["status"], call["call"]["duration"]) == ("completed", "4")
    (status,) = receiver.on("/status")
    assert (status.status, status.params["SipResponseCode"]) == ("completed", "200")


async def test_a_failed_action_without_fallback_is_answered_with_a_message(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    """In the middle of a call as well."""
    receiver.answer("/action", Response("no", 500))
    twiml = "<Response><Gather action='/action'/></Response>"
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml))
    call = await sandbox.call_in(gather=[{"digits": "1#"}])
    assert (call["status"], call["call"]["duration"]) == ("completed", str(1 + 4))


async def test_a_number_without_voice_url_fails_the_call(sandbox: Sandbox) -> None:
    """There is nobody to ask; an alert says so."""
    assert (await sandbox.call_in())["status"] == "failed"
    assert len(await sandbox.alerts()) == 1


async def test_a_trunk_wins_over_everything(sandbox: Sandbox, receiver: Receiver) -> None:
    """The voice URL is not asked; the story says that the sandbox has no such trunk."""
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", SAY), TrunkSid="TK" + "1" * 32)
    call = await sandbox.call_in()
    assert receiver.requests == []
    assert any(step["kind"] == "not-emulated" for step in call["steps"])
