"""What is asked of Twilio for a test call: who calls whom, and with which parameters. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from pulumi_twilio.destinations import is_destination, is_e164

from voicehooks.output.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["STRANGER", "Order", "decide"]

STRANGER = "+15550100001"
_SPOKEN = "This is a test call. You may hang up."


@dataclass(frozen=True)
class Order:
    """One test call.

    Attributes:
        to: whom it is about: one of our numbers that somebody calls, or whom we call.
        caller: who calls.
        agent: who is rung first, or empty.
        incoming: somebody calls our number; else Twilio makes a call for us.
        records: whether a recording of an answered call is expected.
        options: the stack's output `callOptions`, what calls created by API bring along.
    """

    to: str
    caller: str
    agent: str
    incoming: bool
    records: bool
    options: Mapping[str, Any]

    @property
    def summary(self) -> str:
        """Who calls whom."""
        return f"{self.caller} -> {self.agent} -> {self.to}" if self.agent else f"{self.caller} -> {self.to}"

    def form(self) -> dict[str, Any]:
        """The parameters of Twilio's Calls resource; for an outgoing call."""
        options = {name: _on_the_wire(value) for name, value in self.options.items()}
        inner = self._connect() if self.agent else f'<Say>{_SPOKEN}</Say><Pause length="2"/>'
        twiml = f"<Response>{inner}</Response>"
        return {**options, "To": self.agent or self.to, "From": self.caller, "Twiml": twiml}

    def _connect(self) -> str:
        attributes = ""
        if "StatusCallback" in self.options:
            events = " ".join(self.options.get("StatusCallbackEvent") or ["completed"])
            attributes = (
                f" statusCallback={quoteattr(self.options['StatusCallback'])}"
                f" statusCallbackEvent={quoteattr(events)}"
            )
        return f"<Dial callerId={quoteattr(self.caller)}><Number{attributes}>{escape(self.to)}</Number></Dial>"


def _on_the_wire(value: Any) -> Any:
    """The value for a form, in which a list repeats its key."""
    return str(value).lower() if isinstance(value, bool) else value


def decide(
    *, to: str, caller: str, agent: str, stack: str, is_sandbox: bool, outputs: Mapping[str, Any]
) -> Order:
    """Decide how the call is made.

    Args:
        to: as given.
        caller: as given, or empty.
        agent: as given, or empty.
        stack: the environment's name.
        is_sandbox: whether it is the sandbox, which can make another caller call.
        outputs: the stack's.

    Raises:
        CommandError: a number is none, or the environment cannot make this call.
    """
    what = f"no call to {to}"
    numbers: dict[str, Any] = outputs.get("numbers") or {}
    if not numbers:
        raise CommandError(
            what, f"the stack {stack} has no numbers deployed", f"deploy it first: pulumi up --stack {stack}"
        )
    if not is_e164(to):
        raise CommandError(what, "it is not a number in E.164 form", "write it as +15551234567")
    if caller and not is_e164(caller):
        raise CommandError(what, f"--from {caller} is not a number in E.164 form", "write it as +15551234567")
    if agent and not is_destination(agent):
        raise CommandError(
            what, f"--agent {agent} cannot be dialed", "give +15551234567, sip:user@host or client:name"
        )
    if is_sandbox and to in numbers and not agent:
        records = numbers[to].get("record", "do-not-record") != "do-not-record"
        return Order(to, caller or STRANGER, "", incoming=True, records=records, options={})
    caller = caller or next((number for number in numbers if number != to), "")
    if not caller or caller == to:
        raise CommandError(
            what,
            f"it is the only number of {stack}, and Twilio needs a number of the account to call from",
            "call your own phone with it: voicehooks call YOUR_NUMBER --stack " + stack,
        )
    if caller not in numbers:
        raise CommandError(
            what,
            f"--from {caller} is not a number of the stack {stack} (those are: {', '.join(sorted(numbers))})",
            f"give one of them, or add it under voicehooks:numbers in Pulumi.{stack}.yaml",
        )
    options: dict[str, Any] = outputs.get("callOptions") or {}
    return Order(to, caller, agent, incoming=False, records=bool(options.get("Record")), options=options)
