"""Calls to numbers of the account: the number receives a call of its own, with its own webhooks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import ACCOUNT_SID, API, NUMBERS, Sandbox

pytestmark = pytest.mark.anyio
HOOK = "https://hooks.example"
DIAL = f"<Response><Dial action='/after'>{NUMBERS[1]}</Dial></Response>"


@pytest.fixture
def numbers(sandbox: Sandbox, receiver: Receiver) -> Any:
    """Two numbers: the first executes one document, the second another."""

    async def numbers(second: str, first: str = DIAL) -> None:
        receiver.twiml("/after", "<Response><Say>After</Say></Response>")
        await sandbox.configure(VoiceUrl=receiver.twiml("/first", first), StatusCallback=f"{HOOK}/first-ended")
        await sandbox.configure(
            NUMBERS[1],
            VoiceUrl=receiver.twiml("/second", f"<Response>{second}</Response>"),
            StatusCallback=f"{HOOK}/second-ended",
        )

    return numbers


async def received(sandbox: Sandbox) -> Any:
    """The call that the second number received, when it is over."""
    calls = (await sandbox.get(f"{API}/Calls.json", To=NUMBERS[1])).json()["calls"]
    (inbound,) = [call for call in calls if call["direction"] == "inbound"]
    return await sandbox.ended(inbound["sid"])


async def test_a_dialed_number_receives_a_call(sandbox: Sandbox, receiver: Receiver, numbers: Any) -> None:
    """Another call SID, direction inbound, and the caller ID of the leg that rings it."""
    await numbers("<Say>Hello</Say><Pause length='8'/>")
    call = await sandbox.call_in()
    inbound = await received(sandbox)
    params = receiver.on("/second")[0].params
    assert (params["CallSid"], params["Direction"]) == (inbound["sid"], "inbound")
    assert (params["From"], params["To"], params["CallStatus"]) == ("+15550001111", NUMBERS[1], "ringing")
    assert (call["legs"][0]["status"], call["legs"][0]["duration"]) == ("completed", "9")
    assert (inbound["status"], inbound["call"]["duration"]) == ("completed", "9")
    after = receiver.on("/after")[0].params
    assert (after["DialCallStatus"], after["DialBridged"]) == ("completed", "true")
    assert [receiver.statuses(f"/{item}-ended") for item in ("first", "second")] == [["completed"]] * 2


@pytest.mark.parametrize(("twiml", "status"), [("<Reject reason='busy'/>", "busy"), ("<Reject/>", "no-answer")])
async def test_a_rejected_call_is_reported_to_the_caller(
    sandbox: Sandbox, receiver: Receiver, numbers: Any, twiml: str, status: str
) -> None:
    """The leg ends as the call that the number received."""
    await numbers(twiml)
    call = await sandbox.call_in()
    assert (call["legs"][0]["status"], receiver.on("/after")[0].params["DialCallStatus"]) == (status, status)


async def test_the_caller_hangs_up_and_so_does_the_call_that_came_in(sandbox: Sandbox, numbers: Any) -> None:
    """At the same second of both."""
    await numbers("<Say>Hello</Say><Pause length='600'/>")
    call = await sandbox.call_in(callerHangsUpAfter=20)
    inbound = await received(sandbox)
    assert (call["call"]["duration"], inbound["call"]["duration"]) == ("20", "20")


async def test_the_dials_timeout_ends_the_call_that_rings(sandbox: Sandbox, numbers: Any) -> None:
    """The second number lets its own party ring for longer."""
    await numbers(
        "<Dial answerOnBridge='true' timeout='60'>+15557654321</Dial>",
        DIAL.replace("<Dial", "<Dial timeout='10'"),
    )
    call = await sandbox.call_in(legs={"+15557654321": {"scenario": "no-answer"}})
    inbound = await received(sandbox)
    assert (call["legs"][0]["status"], inbound["status"]) == ("no-answer", "no-answer")
    assert inbound["legs"][0]["status"] == "canceled"


async def test_the_second_number_forwards_and_its_party_hangs_up(sandbox: Sandbox, numbers: Any) -> None:
    """Answered when the party answers, over when it hangs up."""
    await numbers("<Dial answerOnBridge='true'>+15557654321</Dial>")
    call = await sandbox.call_in(ringSeconds=6, talkSeconds=30)
    assert (call["legs"][0]["status"], call["legs"][0]["duration"]) == ("completed", "30")


async def test_a_call_of_the_api_rings_the_number(sandbox: Sandbox, receiver: Receiver, numbers: Any) -> None:
    """Both documents are executed at the same time, and the first that ends hangs up the other."""
    await numbers("<Say>Hello</Say><Pause length='4'/>")
    call = await sandbox.place(
        To=NUMBERS[1],
        Twiml="<Response><Pause length='600'/></Response>",
        StatusCallback=f"{HOOK}/s",
        StatusCallbackEvent=["initiated", "ringing", "answered", "completed"],
    )
    inbound = await received(sandbox)
    assert receiver.statuses("/s") == ["initiated", "ringing", "in-progress", "completed"]
    assert (call["call"]["duration"], inbound["call"]["duration"]) == ("5", "5")
    assert inbound["call"]["from"] == NUMBERS[0]


async def test_the_apis_document_ends_first(sandbox: Sandbox, numbers: Any) -> None:
    """The other way around."""
    await numbers("<Say>Hello</Say><Pause length='600'/>")
    call = await sandbox.place(To=NUMBERS[1], Twiml="<Response><Pause length='3'/></Response>")
    inbound = await received(sandbox)
    assert (call["call"]["duration"], inbound["call"]["duration"]) == ("3", "3")


async def test_the_first_that_answers_wins(sandbox: Sandbox, numbers: Any) -> None:
    """A number of the account among others that ring at the same time."""
    twiml = f"<Response><Dial><Number>+15557654321</Number><Number>{NUMBERS[1]}</Number></Dial></Response>"
    await numbers("<Dial answerOnBridge='true'>+15550002222</Dial>", twiml)
    legs = {"+15557654321": {"ringSeconds": 3}, "+15550002222": {"ringSeconds": 9}}
    call = await sandbox.call_in(legs=legs)
    inbound = await received(sandbox)
    assert [leg["status"] for leg in call["legs"]] == ["completed", "canceled"]
    assert (inbound["status"], inbound["legs"][0]["status"]) == ("no-answer", "canceled")


async def test_numbers_that_forward_to_each_other_end(sandbox: Sandbox, numbers: Any) -> None:
    """The sandbox says where it stops."""
    await numbers(f"<Dial answerOnBridge='true'>{NUMBERS[0]}</Dial>")
    await sandbox.call_in()
    calls = (await sandbox.get(f"{API}/Calls.json", PageSize=100)).json()["calls"]
    inbound = [await sandbox.ended(call["sid"]) for call in calls if call["direction"] == "inbound"]
    noted = [step["text"] for call in inbound for step in call["steps"] if step["kind"] == "not-emulated"]
    assert (len(inbound), ["in a row" in text for text in noted]) == (11, [True])


async def test_a_dialed_application_receives_a_call_of_its_own(sandbox: Sandbox, receiver: Receiver) -> None:
    """https://www.twilio.com/docs/voice/twiml/dial/application: To, customerId and custom parameters."""
    say = "<Response><Say>Hello from the app</Say></Response>"
    app = (await sandbox.post(f"{API}/Applications.json", VoiceUrl=receiver.twiml("/app", say))).json()["sid"]
    receiver.twiml("/done", "<Response><Hangup/></Response>")
    for attributes, to, customer in (
        ("", app, ACCOUNT_SID),
        ("copyParentTo='true' customerId='42'", NUMBERS[0], "42"),
    ):
        receiver.requests.clear()
        nested = f"<ApplicationSid>{app}</ApplicationSid><Parameter name='lead' value='7'/>"
        noun = f"<Application {attributes}>{nested}"
        twiml = f"<Response><Dial action='/done'>{noun}</Application></Dial></Response>"
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml))
        call = await sandbox.call_in()
        (asked,) = receiver.on("/app")
        assert (asked.params["To"], asked.params["From"]) == (to, "+15550001111")
        assert (asked.params["customerId"], asked.params["lead"]) == (customer, "7")
        assert (asked.params["ApplicationSid"], asked.params["Direction"]) == (app, "inbound")
        assert asked.params["CallSid"] != call["sid"]
        assert [leg["to"] for leg in call["legs"]] == [app]
        assert [request.params["DialCallStatus"] for request in receiver.on("/done")] == ["completed"]


async def test_an_application_of_nobody_cannot_be_dialed(sandbox: Sandbox, receiver: Receiver) -> None:
    """The dial fails, with an alert."""
    receiver.twiml("/done", "<Response><Hangup/></Response>")
    twiml = f"<Response><Dial action='/done'><Application>AP{'0' * 32}</Application></Dial></Response>"
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml))
    await sandbox.call_in()
    assert [request.params["DialCallStatus"] for request in receiver.on("/done")] == ["failed"]
    assert [alert["error_code"] for alert in await sandbox.alerts()] == ["13224"]
