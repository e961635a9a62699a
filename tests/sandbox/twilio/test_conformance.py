"""Generated requests from Twilio's specs against the sandbox; every answer is checked against them."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest
from starlette.responses import Response

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import Sandbox
from tests.sandbox.twilio.specs import Specs

pytestmark = pytest.mark.anyio
AC = "AC" + "5a4db0c5" * 4
TEXTS = [
    "",
    "x",
    "true",
    "POST",
    "https://a.example/x",
    "not a url",
    "ü" * 70,
    "+15551234567",
    "2026-01-01",
    "5",
    "-1",
    "PN" + "a" * 32,
]

_SINK = {"SinkType": "webhook", "SinkConfiguration": '{"destination": "https://a.example/e"}'}
_TYPE = "com.twilio.error-logs.error.logged"
_TYPES = {"Types": f'{{"type": "{_TYPE}"}}'}
ORIGINATION = {
    "Weight": "10",
    "Priority": "10",
    "Enabled": "true",
    "FriendlyName": "pbx",
    "SipUrl": "sip:pbx.example.com",
}
_PROMOTE = "POST /v1/AuthTokens/Promote"  # the client's own token stops working


async def prepared(sandbox: Sandbox, receiver: Receiver) -> Any:
    """An account in which every kind of resource exists, by the names that paths use."""
    await sandbox.post(f"/2010-04-01/Accounts/{AC}/Applications.json", FriendlyName="a")
    twiml = (
        "<Response><Dial record='true'><Number "
        "statusCallback='/missing'>+15557654321</Number></Dial></Response>"
    )
    receiver.answer("/missing", lambda _: Response("no", 404))
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml + ""))
    other = await sandbox.call_in()
    call = await sandbox.call_in()
    child = call["legs"][0]["sid"]
    notification = (await sandbox.get(f"/2010-04-01/Accounts/{AC}/Calls/{child}/Notifications.json")).json()
    app = (await sandbox.get(f"/2010-04-01/Accounts/{AC}/Applications.json")).json()["applications"][0]["sid"]
    sink = (await sandbox.post("/v1/Sinks", data=_SINK)).json()
    subscription = (
        await sandbox.post("/v1/Subscriptions", SinkSid=sink["sid"], Description="d", **_TYPES)
    ).json()
    return {
        "number": (await sandbox.number("+15551234569"))["sid"],
        "application": app,
        "call": call["sid"],
        "child": child,
        "recording": call["recordings"][0]["sid"],
        "other_call": other["sid"],
        "other_recording": other["recordings"][0]["sid"],
        "notification": notification["notifications"][0]["sid"],
        "alert": (await sandbox.alerts())[0]["sid"],
        **recorded_conference(sandbox, call["sid"]),
        "queue": sandbox.emulator.queues.on_demand(AC, "line")["sid"],
        "key": (await sandbox.control("POST", "/api-keys", {}))["sid"],
        "sink": sink["sid"],
        "subscription": subscription["sid"],
        **await with_trunk(sandbox),
    }


async def with_trunk(sandbox: Sandbox) -> dict[str, str]:
    """A trunk with one of everything, and the further lists and numbers that can be associated with it."""
    sip = f"/2010-04-01/Accounts/{AC}/SIP"
    lists = [
        (await sandbox.post(f"{sip}/{kind}.json", FriendlyName="l")).json()["sid"]
        for kind in ("CredentialLists", "IpAccessControlLists")
        for _ in range(2)
    ]
    trunk = (await sandbox.post("/v1/Trunks", FriendlyName="t", DomainName="t.pstn.twilio.com")).json()["sid"]
    number = (await sandbox.number("+15551234568"))["sid"]
    path = f"/v1/Trunks/{trunk}"
    assert (await sandbox.post(f"{path}/CredentialLists", CredentialListSid=lists[0])).status_code == 201
    assert (
        await sandbox.post(f"{path}/IpAccessControlLists", IpAccessControlListSid=lists[2])
    ).status_code == 201
    assert (await sandbox.post(f"{path}/PhoneNumbers", PhoneNumberSid=number)).status_code == 201
    origination = (await sandbox.post(f"{path}/OriginationUrls", data=ORIGINATION)).json()["sid"]
    return {
        "trunk": trunk,
        "trunk_number": number,
        "origination": origination,
        "trunk_credentials": lists[0],
        "other_credentials": lists[1],
        "trunk_addresses": lists[2],
        "other_addresses": lists[3],
    }


def recorded_conference(sandbox: Sandbox, call_sid: str) -> dict[str, str]:
    """A conference, its recording, and the transcription of a recording."""
    emulator, now = sandbox.emulator, sandbox.emulator.clock.now()
    conference = emulator.conferences.create(AC, "room", now)["sid"]
    leg = {"account_sid": AC, "sid": call_sid}
    recording = emulator.recordings.create(
        leg, source="Conference", channels=1, track="both", moment=now, conference_sid=conference
    )
    recording.update(status="completed", duration=5)
    emulator.recordings.save(recording)
    transcriptions = [emulator.transcriptions.create(recording, "Hello", now)["sid"] for _ in range(2)]
    return {
        "conference": conference,
        "conference_recording": recording["sid"],
        "transcription": transcriptions[0],
        "other_transcription": transcriptions[1],
    }


def filled(template: Any, known: Any) -> Any:
    """The path of an operation with SIDs of things that exist."""
    path = template.replace("/Conferences/{ConferenceSid}", f"/Conferences/{known['conference']}")
    if "/Conferences/" in template:
        path = path.replace("/Recordings/{Sid}", f"/Recordings/{known['conference_recording']}")
    path = path.replace("{RecordingSid}", known["conference_recording"])
    transcription = "other_transcription" if "{RecordingSid}" in template else "transcription"
    path = path.replace("/Transcriptions/{Sid}", f"/Transcriptions/{known[transcription]}")
    path = (
        path.replace("{TrunkSid}", known["trunk"])
        .replace("/Queues/{QueueSid}", f"/Queues/{known['queue']}")
        .replace("{AccountSid}", AC)
        .replace("{IsoCode}", "LV")
        .replace("{PhoneNumber}", "+15551234568")
        .replace("{CountryCode}", "US")
        .replace("{SubscriptionSid}", known["subscription"])
        .replace("{Type}", _TYPE)
    )
    call = known["child"] if "Notifications" in template else known["call"]
    path = path.replace("{CallSid}", call)
    for part, sid in (
        ("Accounts/{Sid}.json", AC),
        ("/Applications/{Sid}", known["application"]),
        ("/Notifications/{Sid}", known["notification"]),
        ("/Recordings/{Sid}", known["recording"]),
        ("/IncomingPhoneNumbers/{Sid}", known["number"]),
        ("/Alerts/{Sid}", known["alert"]),
        ("/Calls/{Sid}", known["call"]),
        ("/Keys/{Sid}", known["key"]),
        ("/Streams/{Sid}", "MZ" + "0" * 32),
        ("/Queues/{Sid}", known["queue"]),
        ("/Conferences/{Sid}", known["conference"]),
        ("/Sinks/{Sid}", known["sink"]),
        ("/Subscriptions/{Sid}", known["subscription"]),
        ("/PhoneNumbers/{Sid}", known["trunk_number"]),
        ("/OriginationUrls/{Sid}", known["origination"]),
        ("/CredentialLists/{Sid}", known["trunk_credentials"]),
        ("/IpAccessControlLists/{Sid}", known["trunk_addresses"]),
        ("/Trunks/{Sid}", known["trunk"]),
    ):
        path = path.replace(part, part.replace("{Sid}", sid))
    assert "{" not in path, path
    return path


def ordered(operations: Any) -> Any:
    """Reads first, deletions last: what is asked for must exist."""
    rank = {"GET": 0, "POST": 1, "DELETE": 2}

    def place(key: str) -> tuple[int, bool, bool]:
        return rank[key.split(" ", maxsplit=1)[0]], "Accounts/{Sid}" in key, "SubscribedEvents" not in key

    return sorted(operations, key=place)


def for_deletion(known: Any) -> Any:
    """A call and its recording that only deletions of the sub-resource use."""
    return {**known, "call": known["other_call"], "recording": known["other_recording"]}


async def test_every_operation_of_the_specs_answers_as_described(
    sandbox: Sandbox, receiver: Receiver, specs: Specs
) -> None:
    """Each once, with what it needs, answers 2xx in the described shape."""
    known = await prepared(sandbox, receiver)
    specs.seen.clear()
    needed = {
        "POST /2010-04-01/Accounts/{AccountSid}/Calls.json": {
            "To": "+15557654321",
            "From": "+15551234567",
            "Twiml": "<Response/>",
        },
        "POST /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json": {"AreaCode": "212"},
        "POST /2010-04-01/Accounts/{AccountSid}/Conferences/{ConferenceSid}/Participants.json": {
            "To": "+15557654321",
            "From": "+15551234567",
        },
        "POST /2010-04-01/Accounts/{AccountSid}/Queues.json": {"FriendlyName": "other line"},
        "POST /v1/DialingPermissions/BulkCountryUpdates": {"UpdateRequest": "[]"},
        "POST /v1/Sinks": _SINK,
        "POST /v1/Subscriptions": {"SinkSid": known["sink"], **_TYPES},
        "POST /v1/Subscriptions/{SubscriptionSid}/SubscribedEvents": {"Type": _TYPE},
        "POST /v1/Sinks/{Sid}/Validate": {"TestId": "x"},
        "POST /v1/Trunks/{TrunkSid}/OriginationUrls": ORIGINATION,
        "POST /v1/Trunks/{TrunkSid}/PhoneNumbers": {"PhoneNumberSid": known["number"]},
        "POST /v1/Trunks/{TrunkSid}/CredentialLists": {"CredentialListSid": known["other_credentials"]},
        "POST /v1/Trunks/{TrunkSid}/IpAccessControlLists": {"IpAccessControlListSid": known["other_addresses"]},
    }
    live = {
        "POST /2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json",
        "POST /2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Recordings.json",
        "POST /2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Recordings/{Sid}.json",
        "POST /2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Streams.json",
        "POST /2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Streams/{Sid}.json",
        "POST /2010-04-01/Accounts/{AccountSid}/Conferences/{ConferenceSid}/Recordings/{Sid}.json",
        "GET /2010-04-01/Accounts/{AccountSid}/Queues/{QueueSid}/Members/{CallSid}.json",
        "POST /2010-04-01/Accounts/{AccountSid}/Queues/{QueueSid}/Members/{CallSid}.json",
        *(
            f"{method} /2010-04-01/Accounts/{{AccountSid}}"
            "/Conferences/{ConferenceSid}/Participants/{CallSid}.json"
            for method in ("GET", "POST", "DELETE")
        ),
    }
    for key in ordered(specs.operations):
        if key in live or key == _PROMOTE:
            continue  # only of a call under way: the tests of section 3 do that
        method, template = key.split(" ", 1)
        of_call = method == "DELETE" and "{CallSid}" in template
        path = filled(template, for_deletion(known) if of_call else known)
        response = await sandbox.client.request(method, path, data=needed.get(key))
        assert response.is_success, (key, response.text)
    assert (await sandbox.post("/v1/AuthTokens/Secondary")).status_code == 201
    assert (await sandbox.post("/v1/AuthTokens/Promote")).status_code == 200
    assert set(specs.operations) - specs.seen == live


@pytest.mark.parametrize("seed", range(8))
async def test_random_parameters_never_break_the_sandbox(
    sandbox: Sandbox, receiver: Receiver, specs: Specs, seed: Any
) -> None:
    """Any text in any parameter is taken or refused with an error of Twilio's, never a 5xx of our own."""
    chosen = random.Random(seed)
    known = await prepared(sandbox, receiver)
    for key in ordered(specs.operations):
        method, template = key.split(" ", 1)
        if method == "DELETE" or key == _PROMOTE:
            continue
        operation = specs.operations[key]
        for _ in range(3):
            names = list(operation.get("form", {})) or operation.get("query", [])
            picked = chosen.sample(names, min(len(names), chosen.randint(0, 4)))
            values = {name: chosen.choice(TEXTS) for name in picked if name not in {"AccountSid", "Status"}}
            sent = {"data": values} if method == "POST" else {"params": values}
            response = await sandbox.client.request(method, filled(template, known), **sent)
            assert response.status_code < 500, (key, values, response.text)
            if not response.is_success:
                body = response.json()
                assert set(body) >= {"code", "message", "more_info", "status"}, (key, body)
                assert body["status"] == response.status_code
                assert re.fullmatch(r"https://www\.twilio\.com/docs/errors/\d+", body["more_info"])


def test_the_reduced_specs_are_whole(specs: Specs) -> None:
    """Every schema that an operation names is there."""
    named = {operation["schema"] for operation in specs.operations.values() if "schema" in operation}
    assert named <= set(specs.schemas)
    assert json.dumps(specs.operations)
