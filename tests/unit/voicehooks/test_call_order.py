"""Who calls whom in a test call, and what is asked of Twilio."""

from __future__ import annotations

from typing import Any

import pytest

from voicehooks.commands.call.order import STRANGER, Order, decide
from voicehooks.output.errors import CommandError

OURS, OTHER, LEAD = "+15551234567", "+15551234568", "+15559876543"
URL = "https://project.supabase.co/functions/v1/twilio-webhook"
OPTIONS = {
    "StatusCallback": URL,
    "StatusCallbackEvent": ["initiated", "completed"],
    "Record": True,
    "RecordingStatusCallbackEvent": "in-progress completed absent",
}
OUTPUTS = {"numbers": {OURS: {"record": "record-from-answer"}, OTHER: {}}, "callOptions": OPTIONS}


def order(to: str, *, sandbox: bool = False, outputs: dict[str, Any] = OUTPUTS, **given: str) -> Order:
    """Decide for the stack dev."""
    given = {"caller": "", "agent": "", **given}
    return decide(to=to, stack="dev", is_sandbox=sandbox, outputs=outputs, **given)


def test_somebody_calls_our_number_in_the_sandbox() -> None:
    """An emulator can make anybody call; whether it is recorded is the number's setting."""
    made = order(OURS, sandbox=True)
    assert (made.incoming, made.caller, made.records) == (True, STRANGER, True)
    assert order(OTHER, sandbox=True, caller=LEAD).caller == LEAD
    assert order(OTHER, sandbox=True).records is False


@pytest.mark.parametrize("sandbox", [True, False])
def test_others_are_called_from_a_number_of_ours(*, sandbox: bool) -> None:
    """The first one, or the one that was given."""
    made = order(LEAD, sandbox=sandbox)
    assert (made.incoming, made.caller, made.records) == (False, OURS, True)
    assert order(LEAD, sandbox=sandbox, caller=OTHER).caller == OTHER


def test_form_brings_the_options_along() -> None:
    """The stack's options as they go over the wire, and TwiML that says what it is."""
    form = order(LEAD).form()
    assert (form["To"], form["From"], form["Record"]) == (LEAD, OURS, "true")
    assert form["StatusCallbackEvent"] == ["initiated", "completed"]
    assert form["RecordingStatusCallbackEvent"] == "in-progress completed absent"
    assert form["Twiml"].startswith("<Response><Say>")


def test_agent_is_rung_first() -> None:
    """Twilio calls the agent; the lead is dialed with events of its own, and everything is escaped."""
    outputs = {**OUTPUTS, "callOptions": {**OPTIONS, "StatusCallback": URL + "?a=1&b=2"}}
    form = order(LEAD, agent="client:ana", outputs=outputs).form()
    assert form["To"] == "client:ana"
    assert form["Twiml"] == (
        f'<Response><Dial callerId="{OURS}"><Number statusCallback="{URL}?a=1&amp;b=2"'
        f' statusCallbackEvent="initiated completed">{LEAD}</Number></Dial></Response>'
    )


@pytest.mark.parametrize(
    ("to", "given", "why"),
    [
        ("5551234", {}, "not a number in E.164 form"),
        (LEAD, {"caller": "12"}, "--from 12 is not a number"),
        (LEAD, {"agent": "Ana"}, "--agent Ana cannot be dialed"),
        (LEAD, {"caller": "+15550000000"}, "not a number of the stack dev"),
    ],
)
def test_impossible_calls_are_refused(to: str, given: dict[str, str], why: str) -> None:
    """One sentence with what is wrong and what would be right, before anything is asked of Twilio."""
    with pytest.raises(CommandError, match=why) as refused:
        order(to, **given)
    assert refused.value.do


def test_only_number_cannot_call_itself() -> None:
    """On a real account nobody else can be made to call."""
    with pytest.raises(CommandError, match="it is the only number of dev"):
        order(OURS, outputs={"numbers": {OURS: {}}})


def test_stack_without_numbers_is_refused() -> None:
    """Nothing is deployed."""
    with pytest.raises(CommandError, match="no numbers deployed; deploy it first: pulumi up --stack dev"):
        order(OURS, outputs={})
