"""The control plane, faults of callbacks, state, time."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from voicehooks_sandbox.twilio import create_app

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import MakeSandbox, Sandbox
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.anyio
AC = "AC" + "5a4db0c5" * 4
TOKEN = "a0704e4e" * 4
ACCOUNT_PATH = f"/2010-04-01/Accounts/{AC}"
NUMBERS = f"{ACCOUNT_PATH}/IncomingPhoneNumbers.json"
HOOK = "https://hooks.example"
DIAL = (
    "<Response><Dial record='record-from-answer' recordingStatusCallback='/rec'>"
    "<Number statusCallback='/child' "
    "statusCallbackEvent='initiated ringing answered completed'>+15557654321</Number></Dial></Response>"
)


@pytest.fixture
async def ready(sandbox: Sandbox, receiver: Receiver) -> Any:
    """A sandbox with one configured number."""
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", DIAL), StatusCallback=f"{HOOK}/status")
    return sandbox


async def test_health_needs_no_credentials(sandbox: Sandbox) -> None:
    """Ready means ready."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(sandbox.app), base_url="http://127.0.0.1"
    ) as stranger:
        assert (await stranger.get("/_sandbox/health")).json() == {
            "ok": True,
            "account_sid": AC,
            "calls_under_way": 0,
        }


async def test_a_call_is_answered_at_once_and_tells_its_story(ready: Any) -> None:
    """SID first; status, legs, recordings and steps when asked."""
    started = await ready.control("POST", "/calls", {"to": "+15551234567"})
    assert started["status"] == "ringing"
    call = await ready.ended(started["sid"])
    offsets = [step["offset"] for step in call["steps"]]
    assert offsets == sorted(offsets)
    assert {"twiml", "status", "webhook", "recording", "end"} <= {step["kind"] for step in call["steps"]}
    assert (len(call["legs"]), len(call["recordings"]), call["call"]["status"]) == (1, 1, "completed")


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({"to": "+15550009999"}, "+15550009999"),
        ({"to": "+15551234567", "scenario": "explodes"}, "explodes"),
        ({"to": "+15551234567", "ringSecond": 1}, "ringSecond"),
        ({"to": "+15551234567", "ringSeconds": -1}, "ringSeconds"),
        ({"to": "+15551234567", "ringSeconds": "2"}, "ringSeconds"),
        ({"to": "+15551234567", "legs": []}, "legs"),
        ({"to": "+15551234567", "legs": {"+15550000001": {"x": 1}}}, "'x'"),
        ([], "object"),
    ],
)
async def test_a_wrong_body_is_refused_in_one_sentence(
    sandbox: Sandbox, body: dict[str, Any] | list[Any], part: str
) -> None:
    """What is wrong is named."""
    response = await sandbox.client.post("/_sandbox/calls", json=body)
    assert response.status_code == 400
    assert part in response.json()["message"]


async def test_no_json_is_refused(sandbox: Sandbox) -> None:
    """The body is named, no traceback."""
    response = await sandbox.client.post("/_sandbox/faults", content=b"{")
    assert (response.status_code, "not JSON" in response.json()["message"]) == (400, True)


async def test_an_unknown_call_is_404(sandbox: Sandbox) -> None:
    """In one sentence."""
    response = await sandbox.client.get("/_sandbox/calls/CA1")
    assert (response.status_code, response.json()) == (404, {"message": "There is no call CA1."})


async def test_numbers_are_stocked_by_name_and_by_count(sandbox: Sandbox) -> None:
    """Those that exist are left alone."""
    assert (await sandbox.control("POST", "/numbers", {"count": 3}))["stocked"] == 3
    named = {"phone_numbers": ["+15551234567", "+441234567890"]}
    assert (await sandbox.control("POST", "/numbers", named))["numbers"][0]["phone_number"] == "+441234567890"
    refused = await sandbox.client.post("/_sandbox/numbers", json={"phone_numbers": ["12"]})
    assert refused.status_code == 400


async def test_reset_of_the_calls_keeps_the_configuration(ready: Any) -> None:
    """Calls, recordings, alerts and journals go, also of a call in progress; numbers and applications stay."""
    app = (await ready.post(f"{ACCOUNT_PATH}/Applications.json", FriendlyName="kept")).json()["sid"]
    before = await ready.number()
    await ready.call_in()
    await ready.configure(StatusCallback="https://hooks.example/x#rc=9")  # refused: an alert
    await ready.call_in(talkSeconds=1)
    assert await ready.alerts()
    await ready.configure(StatusCallback=before["status_callback"] or "")

    await ready.control("POST", "/reset", {"only": "calls"})

    assert (await ready.get(f"{ACCOUNT_PATH}/Calls.json")).json()["calls"] == []
    assert (await ready.get(f"{ACCOUNT_PATH}/Recordings.json")).json()["recordings"] == []
    assert await ready.alerts() == []
    assert (await ready.control("GET", "/webhook-requests"))["webhook_requests"] == []
    assert {**await ready.number(), "date_updated": ""} == {**before, "date_updated": ""}
    assert [
        a["sid"] for a in (await ready.get(f"{ACCOUNT_PATH}/Applications.json")).json()["applications"]
    ] == [app]
    assert (await ready.call_in())["status"] == "completed"
    refused = await ready.client.post("/_sandbox/reset", json={"only": "numbers"})
    assert (refused.status_code, refused.json()["message"]) == (
        400,
        '"only" is "calls" or not given, not \'numbers\'.',
    )


async def test_webhook_requests_hold_the_whole_exchange(ready: Any) -> None:
    """Time, URL, parameters, attempt; status, body and duration of the answer."""
    call = await ready.call_in()
    first = (await ready.control("GET", f"/webhook-requests?call_sid={call['sid']}"))["webhook_requests"][0]
    assert (first["kind"], first["url"], first["attempt"], first["status"]) == (
        "voice",
        f"{HOOK}/voice",
        1,
        200,
    )
    assert (first["params"]["CallSid"], first["body"]) == (call["sid"], DIAL)
    assert first["duration_ms"] >= 0
    assert abs(first["time"] - time.time()) < 60
    rest = (await ready.control("GET", f"/webhook-requests?after={first['id']}"))["webhook_requests"]
    assert first["id"] not in {item["id"] for item in rest}


async def test_api_requests_hold_what_was_asked(sandbox: Sandbox) -> None:
    """Method, path, parameters, status; and counts by method and template."""
    await sandbox.configure(VoiceUrl="https://a.example/v")
    last = (await sandbox.control("GET", "/api-requests"))["api_requests"][-1]
    assert (last["method"], last["status"], last["params"]) == (
        "POST",
        200,
        [["VoiceUrl", "https://a.example/v"]],
    )
    assert "Authorization" not in str(last)
    await sandbox.control("DELETE", "/api-requests")
    assert (await sandbox.control("GET", "/api-requests?count=1"))["counts"] == {}


async def test_dropped_callbacks_never_arrive(ready: Any, receiver: Receiver) -> None:
    """As often as ordered."""
    await ready.control("POST", "/faults", {"fault": "drop", "kind": "status", "url": "/child", "times": 2})
    await ready.call_in()
    assert receiver.statuses("/child") == ["in-progress", "completed"]
    assert len(receiver.on("/status")) == 1


async def test_delayed_callbacks_arrive_after_their_successors(ready: Any, receiver: Receiver) -> None:
    """A real delay; the call does not wait for it."""
    await ready.control(
        "POST", "/faults", {"fault": "delay", "seconds": 0.3, "callStatus": "ringing", "kind": "status"}
    )
    await ready.call_in()
    assert receiver.statuses("/child")[-1] == "ringing"


async def test_recording_callbacks_can_be_struck_apart(ready: Any, receiver: Receiver) -> None:
    """By kind and recording status."""
    await ready.control(
        "POST", "/faults", {"fault": "duplicate", "kind": "recording", "recordingStatus": "completed"}
    )
    await ready.call_in()
    assert (len(receiver.on("/rec")), len(receiver.on("/child"))) == (2, 4)


async def test_the_last_callback_held_back_is_sent_in_the_end(ready: Any, receiver: Receiver) -> None:
    """Reordering loses nothing."""
    await ready.control("POST", "/faults", {"fault": "reorder", "kind": "recording"})
    await ready.call_in()
    assert len(receiver.on("/rec")) == 1


@pytest.mark.parametrize("fault", [{"fault": "explode"}, {"fault": "drop", "when": "now"}, "drop", {}])
async def test_an_unknown_fault_is_refused(sandbox: Sandbox, fault: dict[str, Any] | str) -> None:
    """And nothing is in force."""
    response = await sandbox.client.post("/_sandbox/faults", json=fault)
    assert response.status_code == 400
    assert (await sandbox.control("GET", "/faults"))["faults"] == []


async def test_reset_goes_back_to_the_beginning(ready: Any) -> None:
    """Numbers, faults, calls and journals."""
    await ready.control("POST", "/numbers", {"count": 5})
    await ready.control("POST", "/faults", {"fault": "drop"})
    await ready.call_in()
    await ready.control("POST", "/reset")
    listed = (await ready.get(NUMBERS)).json()["incoming_phone_numbers"]
    assert [(n["phone_number"], n["voice_url"]) for n in listed] == [
        ("+15551234567", None),
        ("+15551234568", None),
        ("+15551234569", None),
    ]
    assert (await ready.control("GET", "/faults"))["faults"] == []
    assert (await ready.control("GET", "/webhook-requests"))["webhook_requests"] == []


async def test_reset_stops_calls_under_way(ready: Any, receiver: Receiver) -> None:
    """Nothing of them is reported afterwards."""
    await ready.control("POST", "/clock", {"factor": 1})
    started = await ready.control("POST", "/calls", {"to": "+15551234567", "talkSeconds": None})
    await ready.until(lambda: receiver.statuses("/child"), started["sid"])
    await ready.control("POST", "/reset")
    assert (await ready.control("GET", "/health"))["calls_under_way"] == 0


async def test_scripts_of_parties_hold_for_calls_that_bring_none(ready: Any) -> None:
    """By destination, ``*`` for everybody; a call's own keys win."""
    await ready.script(everybody={"talkSeconds": 7}, **{"+15557654321": {"scenario": "busy"}})
    assert (await ready.call_in())["legs"][0]["status"] == "busy"
    own = await ready.call_in(legs={"+15557654321": {"scenario": "answered", "talkSeconds": 9}})
    assert own["legs"][0]["duration"] == "9"
    refused = await ready.client.put("/_sandbox/scenarios", json={"*": {"x": 1}})
    assert refused.status_code == 400


async def test_the_factor_can_be_changed_under_way(ready: Any, receiver: Receiver) -> None:
    """A call that runs in real time is sped up, its data stay those of the script."""
    await ready.control("POST", "/clock", {"factor": 1})
    started = await ready.control("POST", "/calls", {"to": "+15551234567", "talkSeconds": 500})
    await ready.until(lambda: receiver.statuses("/child"), started["sid"])
    assert (await ready.control("POST", "/clock", {"factor": "max"}))["factor"] == "max"
    assert (await ready.ended(started["sid"]))["legs"][0]["duration"] == "500"
    refused = await ready.client.post("/_sandbox/clock", json={"factor": 0})
    assert refused.status_code == 400


async def test_many_calls_at_the_same_time_keep_their_own_time(ready: Any) -> None:
    """Each call's seconds are its script's, whatever the others do."""
    calls = await asyncio.gather(*(ready.call_in(talkSeconds=n) for n in range(1, 41)))
    assert [call["legs"][0]["duration"] for call in calls] == [str(n) for n in range(1, 41)]


async def test_state_survives_a_restart(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """Numbers, calls, faults, the rotated token; a call under way is over."""
    async with make_sandbox(factor=1) as first:
        await first.configure(VoiceUrl=receiver.twiml("/voice", DIAL))
        started = await first.control("POST", "/calls", {"to": "+15551234567", "talkSeconds": None})
        await first.until(lambda: receiver.statuses("/child"), started["sid"])
        await first.control("POST", "/faults", {"fault": "drop", "times": 9})
        await first.control("POST", "/account", {"balance": "3.50"})
    async with make_sandbox(phone_numbers=["+15550000000"]) as second:
        assert (await second.number())["voice_url"] == f"{HOOK}/voice"
        assert len((await second.get(NUMBERS)).json()["incoming_phone_numbers"]) == 3
        assert (await second.control("GET", "/faults"))["faults"][0]["fault"] == "drop"
        assert (await second.control("GET", "/account"))["balance"] == "3.50"
        assert (await second.control("GET", f"/calls/{started['sid']}"))["status"] == "failed"


async def test_the_state_of_another_account_is_refused(make_sandbox: MakeSandbox, tmp_path: Path) -> None:
    """In one sentence that says what to do."""
    async with make_sandbox():
        pass
    with pytest.raises(ValueError, match="belongs to account AC.*another state folder"):
        create_app(
            state_dir=tmp_path / ("state"), account_sid="AC" + "1" * 32, auth_token="x", phone_numbers=[]
        )


async def test_two_sandboxes_do_not_disturb_each_other(make_sandbox: MakeSandbox) -> None:
    """Each has its own state."""
    async with make_sandbox(folder="one") as one, make_sandbox(folder="two") as two:
        await one.configure(FriendlyName="One")
        assert (await two.number())["friendly_name"] == "(555) 123-4567"


async def test_real_time_is_real(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """At factor 1 a second of the script takes a second at least."""
    async with make_sandbox(factor=1) as sandbox:
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", "<Response><Say>Hi</Say></Response>"))
        before = time.monotonic()
        call = await sandbox.call_in()
        assert time.monotonic() - before >= 1
        assert call["call"]["duration"] == "1"


_SERVER = """
import sys, uvicorn, pathlib
from voicehooks_sandbox.twilio import create_app
app = create_app(state_dir=pathlib.Path(sys.argv[1]), account_sid=sys.argv[2], auth_token=sys.argv[3],
                 phone_numbers=["+15551234567"], time_factor=1.0)
config = uvicorn.Config(app, port=0, log_level="info")
uvicorn.Server(config).run()
"""


async def test_state_survives_kill_9(tmp_path: Path) -> None:
    """Every answered write is there after the process was killed."""

    def start() -> Any:
        process = subprocess.Popen(
            [sys.executable, "-c", _SERVER, str(tmp_path), AC, TOKEN], stderr=subprocess.PIPE, text=True
        )
        for line in process.stderr:
            if "running on" in line:
                return process, line.split("running on ")[1].split(" ")[0]
        raise AssertionError("the server did not start")

    process, url = start()
    try:
        async with httpx.AsyncClient(base_url=url, auth=(AC, TOKEN), timeout=PATIENCE) as client:
            sid = (await client.get(NUMBERS)).json()["incoming_phone_numbers"][0]["sid"]
            path = NUMBERS.replace(".json", f"/{sid}.json")
            for n in range(20):
                assert (await client.post(path, data={"FriendlyName": f"name {n}"})).status_code == 200
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        process, url = start()
        async with httpx.AsyncClient(base_url=url, auth=(AC, TOKEN), timeout=PATIENCE) as client:
            assert (await client.get(path)).json()["friendly_name"] == "name 19"
    finally:
        process.kill()
        process.communicate()


def test_the_fastest_clock_is_infinite(tmp_path: Path) -> None:
    """``time_factor=math.inf`` is a factor like any other."""
    app = create_app(
        state_dir=tmp_path, account_sid=AC, auth_token=TOKEN, phone_numbers=[], time_factor=math.inf
    )
    assert math.isinf(app.state.emulator.clock.factor)
    app.state.emulator.store.close()


async def test_stocked_numbers_may_lack_voice(sandbox: Sandbox) -> None:
    """For what must tell voice numbers from others."""
    body = {"phone_numbers": ["+15550000077"], "capabilities": {"voice": False}}
    (number,) = (await sandbox.control("POST", "/numbers", body))["numbers"]
    assert number["capabilities"] == {"voice": False, "sms": True, "mms": True, "fax": False}


async def test_a_dialed_leg_leads_to_its_calls_story(ready: Any) -> None:
    """Asked by the child's SID the whole call is told."""
    call = await ready.call_in()
    assert (await ready.control("GET", f"/calls/{call['legs'][0]['sid']}"))["sid"] == call["sid"]


async def test_the_state_is_for_its_owner_only(sandbox: Sandbox, tmp_path: Path) -> None:
    """It holds the auth token: no file of it can be read by others."""
    modes = {file.name: file.stat().st_mode & 0o077 for file in (tmp_path / "state").iterdir()}
    assert modes
    assert set(modes.values()) == {0}
