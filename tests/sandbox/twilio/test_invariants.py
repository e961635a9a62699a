"""What holds for every call, whatever people do: random scenarios against fixed rules."""

from __future__ import annotations

import random
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import Sandbox

pytestmark = pytest.mark.anyio
TOKEN = "a0704e4e" * 4
HOOK = "https://hooks.example"
RANK = {
    "initiated": 0,
    "ringing": 1,
    "in-progress": 2,
    "completed": 3,
    "busy": 3,
    "no-answer": 3,
    "failed": 3,
    "canceled": 3,
}
OUTCOMES = ["answered", "busy", "no-answer", "failed", "canceled"]


def document(chosen: Any) -> Any:
    """A dial of one to three parties in one of its forms."""
    nouns = "".join(
        "<Number statusCallback='/child' statusCallbackEvent='initiated ringing answered completed'>"
        f"+1555000000{n}</Number>"
        for n in range(chosen.randint(1, 3))
    )
    attributes = {
        "sequential": chosen.choice(["true", "false"]),
        "answerOnBridge": chosen.choice(["true", "false"]),
        "record": chosen.choice(["do-not-record", "record-from-answer", "record-from-ringing-dual"]),
        "timeout": str(chosen.choice([5, 20])),
        "recordingStatusCallback": "/rec",
        "recordingStatusCallbackEvent": "in-progress completed absent",
    }
    written = " ".join(f"{name}='{value}'" for name, value in attributes.items())
    action = chosen.choice(["", "action='/action'"])
    return f"<Response><Dial {written} {action}>{nouns}</Dial><Say>Bye</Say></Response>"


def scenario(chosen: Any) -> Any:
    """What people do: each party something else."""

    def party() -> Any:
        return {
            "scenario": chosen.choice(OUTCOMES),
            "ringSeconds": chosen.choice([0, 1, 4, 30]),
            "talkSeconds": chosen.randint(1, 90),
        }

    script = {
        "legs": {f"+1555000000{n}": party() for n in range(3)},
        "hangUpBy": chosen.choice(["callee", "caller"]),
    }
    if chosen.random() < 0.3:
        script["callerHangsUpAfter"] = chosen.randint(1, 60)
    return script


@pytest.mark.parametrize("seed", range(40))
async def test_rules_that_hold_for_every_call(sandbox: Sandbox, receiver: Receiver, seed: Any) -> None:
    """Numbers without gaps, ranks that rise, one end, times that agree, signatures that are right."""
    chosen = random.Random(seed)
    receiver.twiml("/action", "<Response><Say>Bye</Say></Response>")
    await sandbox.configure(
        VoiceUrl=receiver.twiml("/voice", document(chosen)), StatusCallback=f"{HOOK}/status"
    )
    call = await sandbox.call_in(**scenario(chosen))
    legs = {leg["sid"]: leg for leg in [call["call"], *call["legs"]]}

    assert len(receiver.on("/status")) == 1
    for leg in call["legs"]:
        events = [r.params for r in receiver.on("/child") if r.params["CallSid"] == leg["sid"]]
        assert [e["SequenceNumber"] for e in events] == [str(n) for n in range(len(events))]
        ranks = [RANK[e["CallStatus"]] for e in events]
        assert ranks == sorted(set(ranks))
        assert ranks[-1] == 3
        moments = [parsedate_to_datetime(e["Timestamp"]) for e in events]
        assert all(earlier <= later for earlier, later in pairwise(moments))
    for request in [*receiver.on("/child"), *receiver.on("/status")]:
        leg = legs[request.params["CallSid"]]
        if RANK[request.params["CallStatus"]] == 3:
            assert (request.params["CallStatus"], request.params["CallDuration"]) == (
                leg["status"],
                leg["duration"],
            )
            assert int(request.params["Duration"]) == -(-int(leg["duration"]) // 60)
    for leg in legs.values():
        started, ended = (parsedate_to_datetime(leg[key]) for key in ("start_time", "end_time"))
        assert started <= ended
        assert int(leg["duration"]) <= (ended - started).total_seconds() + 1
        assert (leg["status"] == "completed") or leg["duration"] == "0"
    for recording in call["recordings"]:
        assert recording["status"] in {"completed", "absent"}
        statuses = [
            r.params["RecordingStatus"]
            for r in receiver.on("/rec")
            if r.params["RecordingSid"] == recording["sid"]
        ]
        assert statuses == ["in-progress", recording["status"]]
    assert sum(leg["status"] == "completed" for leg in call["legs"]) <= 1
    validator = RequestValidator(TOKEN)
    assert all(validator.validate(r.url, r.params, r.headers["x-twilio-signature"]) for r in receiver.requests)
    assert await sandbox.alerts() == []
