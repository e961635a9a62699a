"""Random call histories: the events that Twilio would send for a call, some of them lost.

Only Python's `random` with a seed is used, so that a failing history can be made again.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

ACCOUNT = "AC" + "5a4db0c5" * 4
_NUMBERS = ["+15551234567", "+15551234568"]
_AGENTS = ["+15557654321", "sip:sales@example.com", "client:agent_1"]
_UNANSWERED = ["busy", "no-answer", "failed", "canceled"]
_START = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


@dataclass
class History:
    """One call: its events in the order Twilio had them happen."""

    call_sid: str
    events: list[dict[str, Any]] = field(default_factory=list)
    reservation: dict[str, Any] | None = None
    """What place-call stores before it creates the call; its id replaces "PLACE" in the events."""


class Author:
    """Writes histories.

    Args:
        seed: The same seed writes the same histories.
        prefix: Hex digits that all SIDs begin with, so that two tellings of a history differ in them.
    """

    def __init__(self, seed: int, prefix: str) -> None:
        self._random = random.Random(seed)
        self._prefix = prefix
        self._sids = 0
        self._clock = _START

    def write(self) -> History:
        """Write the next history."""
        kind = self._random.choice(["incoming", "incoming", "agent-first", "direct", "browser", "own code"])
        history = History(self._sid("CA"))
        self._clock = _START + timedelta(minutes=self._sids)
        if kind == "incoming":
            self._incoming(history)
        elif kind == "browser":
            self._browser(history)
        else:
            self._outgoing(history, kind)
        self._extras(history)
        history.events = [event for event in history.events if self._random.random() > 0.07]
        return history

    def _incoming(self, history: History) -> None:
        leg = self._leg(history.call_sid, "inbound", "+1555" + self._digits(7), self._random.choice(_NUMBERS))
        self._add(history, "voice", {**leg, "CallStatus": "ringing", "ApiVersion": "2010-04-01"})
        answered = self._dialed_legs(
            history, leg["From"], self._random.sample(_AGENTS, self._random.randint(0, 3))
        )
        left = not answered and self._random.random() < 0.4
        if left:
            self._tick(20)
            recording = self._sid("RE")
            message = {
                "RecordingUrl": f"https://api.twilio.com/Recordings/{recording}",
                "RecordingSid": recording,
            }
            duration = str(self._random.choice([0, 12]))
            self._add(
                history,
                "record-action",
                {**leg, **message, "CallStatus": "completed", "RecordingDuration": duration},
            )
            self._recording(history, recording, "RecordVerb", duration)
        status = "completed" if answered or left else self._random.choice(["completed", "no-answer", "busy"])
        self._status(history, leg, status, 0, duration=30)

    def _browser(self, history: History) -> None:
        lead = "+1555" + self._digits(7)
        leg = self._leg(history.call_sid, "inbound", "client:agent_1", lead)
        self._add(history, "voice", {**leg, "CallStatus": "ringing"})
        self._dialed_legs(history, _NUMBERS[0], [lead])
        self._status(history, leg, "completed", 0, duration=33)

    def _outgoing(self, history: History, kind: str) -> None:
        lead, agent = "+1555" + self._digits(7), self._random.choice(_AGENTS)
        agent_first = kind != "direct"
        leg = self._leg(history.call_sid, "outbound-api", _NUMBERS[0], agent if agent_first else lead)
        if kind != "own code":
            params = {
                "AccountSid": ACCOUNT,
                "From": leg["From"],
                "To": leg["To"],
                "AgentFirst": str(agent_first).lower(),
            }
            reference = {"Reference": f"lead-{self._sids}"}
            history.reservation = params | reference | ({"Dial": lead} if agent_first else {})
            self._add(history, "placed", {**leg, "CallStatus": "queued"})
        end = self._random.choice(["completed", "completed", *_UNANSWERED])
        sequence = self._steps(history, leg, answered=end == "completed")
        if end == "completed" and (agent_first or self._random.random() < 0.5):
            self._dialed_legs(history, leg["From"], [lead] if agent_first else [agent])
        self._status(history, leg, end, sequence, duration=40 if end == "completed" else 0)
        if history.reservation is not None:
            for event in history.events:
                event["place"] = "PLACE"

    def _dialed_legs(self, history: History, caller: str, parties: list[str]) -> bool:
        """Ring the parties together; the first may answer. Returns whether it did."""
        answered = bool(parties) and self._random.random() < 0.6
        legs = [
            {**self._leg(self._sid("CA"), "outbound-dial", caller, to), "ParentCallSid": history.call_sid}
            for to in parties
        ]
        sequences = [self._steps(history, leg, answered=answered and i == 0) for i, leg in enumerate(legs)]
        talk = self._random.randint(1, 60)
        self._tick(talk)
        ends = [
            "completed" if answered and i == 0 else "canceled" if answered else self._random.choice(_UNANSWERED)
            for i in range(len(legs))
        ]
        for leg, end, sequence in zip(legs, ends, sequences, strict=True):
            self._status(history, leg, end, sequence, duration=talk if end == "completed" else 0)
        if not legs:
            return False
        top = {key: value for key, value in history.events[0]["params"].items() if key != "CallStatus"}
        outcome = {"CallStatus": "in-progress", "DialCallStatus": ends[0], "DialCallSid": legs[0]["CallSid"]}
        if answered:
            outcome["DialCallDuration"] = str(talk)
            recording = self._sid("RE")
            self._recording(history, recording, "DialVerb", str(talk))
            if self._random.random() < 0.5:
                outcome |= {
                    "RecordingSid": recording,
                    "RecordingUrl": f"https://api.twilio.com/Recordings/{recording}",
                }
        self._add(history, "dial-action", {**top, **outcome})
        return answered

    def _steps(self, history: History, leg: dict[str, str], *, answered: bool) -> int:
        """Report initiated, ringing (some carriers skip it) and the answer; returns the next SequenceNumber."""
        steps = (
            ["initiated"]
            + (["ringing"] if self._random.random() < 0.9 else [])
            + (["in-progress"] if answered else [])
        )
        for sequence, status in enumerate(steps):
            self._status(history, leg, status, sequence)
        return len(steps)

    def _status(
        self, history: History, leg: dict[str, str], status: str, sequence: int, duration: int | None = None
    ) -> None:
        self._tick(self._random.randint(0, 3))
        params = {
            **leg,
            "CallStatus": status,
            "SequenceNumber": str(sequence),
            "CallbackSource": "call-progress-events",
        }
        params["Timestamp"] = self._now()
        if duration is not None:
            params["CallDuration"] = str(duration)
        self._add(history, "status", params)

    def _recording(self, history: History, sid: str, source: str, seconds: str) -> None:
        common = {
            "AccountSid": ACCOUNT,
            "CallSid": history.call_sid,
            "RecordingSid": sid,
            "RecordingUrl": f"https://api.twilio.com/Recordings/{sid}",
            "RecordingSource": source,
            "RecordingStartTime": self._now(),
        }
        self._add(history, "recording", {**common, "RecordingStatus": "in-progress"})
        end = self._random.choice(["completed", "completed", "completed", "absent"])
        self._add(history, "recording", {**common, "RecordingStatus": end, "RecordingDuration": seconds})

    def _extras(self, history: History) -> None:
        """What `reconcile` fetches later, and an event of a kind that nobody knows yet."""
        if self._random.random() < 0.3:
            ended = [
                e["params"] for e in history.events if e["kind"] == "status" and "CallDuration" in e["params"]
            ]
            for params in ended:
                keys = (
                    "CallSid",
                    "ParentCallSid",
                    "AccountSid",
                    "From",
                    "To",
                    "Direction",
                    "CallStatus",
                    "CallDuration",
                )
                facts = {key: params[key] for key in keys if key in params}
                self._add(
                    history,
                    "reconciled",
                    {**facts, "StartTime": format_datetime(_START), "EndTime": self._now()},
                )
        if self._random.random() < 0.2:
            self._add(
                history, "other", {"CallSid": history.call_sid, "AccountSid": ACCOUNT, "StreamEvent": "started"}
            )

    def _add(self, history: History, kind: str, params: dict[str, str]) -> None:
        received = self._clock + timedelta(milliseconds=len(history.events) * 7)
        history.events.append({"kind": kind, "path": "", "params": params, "received_at": received.isoformat()})

    def _leg(self, sid: str, direction: str, caller: str, called: str) -> dict[str, str]:
        return {"CallSid": sid, "AccountSid": ACCOUNT, "Direction": direction, "From": caller, "To": called}

    def _sid(self, kind: str) -> str:
        self._sids += 1
        return f"{kind}{self._prefix}{self._sids:0{32 - len(self._prefix)}x}"

    def _digits(self, count: int) -> str:
        return "".join(self._random.choice("0123456789") for _ in range(count))

    def _tick(self, seconds: int) -> None:
        self._clock += timedelta(seconds=seconds)

    def _now(self) -> str:
        return format_datetime(self._clock)
