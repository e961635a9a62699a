"""`voicehooks status`: who answers each number, as data and as a table."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.unit.voicehooks.doctor.scene import ELSEWHERE, config, defaults
from tests.unit.voicehooks.doctor.world import BASE, HANDLER, NUMBER, PROJECT, World
from voicehooks.commands.status import command
from voicehooks.output.errors import CommandError

OTHER, SILENT, NAMED, MISSING = "+15550000009", "+15550000010", "+15550000011", "+15550000012"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """An environment with numbers of each kind, in the place of all vendors."""
    found = World(tmp_path)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", found.answer)
    monkeypatch.setattr(command, "Environment", lambda _: found.environment)
    config(found, numbers={NUMBER: {}, NAMED: {"record": "do-not-record"}, MISSING: {}})
    found.number |= {"friendly_name": "(555) 123-4567"}

    def number(e164: str, **fields: Any) -> dict[str, Any]:
        return {**found.number, "phone_number": e164, "friendly_name": "Sales", **fields}

    found.others = [
        number(OTHER, voice_url=ELSEWHERE, voice_fallback_url=""),
        number(SILENT, capabilities={"voice": False}),
        number(NAMED, capabilities=None),
    ]
    return found


def status(number: str, **fields: Any) -> dict[str, Any]:
    """What is said of a number that the handler answers."""
    return {
        "number": number,
        "name": "",
        "managed": True,
        "answeredBy": "twilio-webhook v3",
        "handler": True,
        "fallback": "twilio-fallback, which is not deployed",
        "record": "record-from-answer",
        "diverted": False,
        "lastCall": None,
        "lastStatus": None,
        **fields,
    }


def test_each_number_says_who_answers_it(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Those of the settings first; a number that can take no calls is left out unless it is named."""
    world.rows["distinct on (number)"] = [
        {"number": NUMBER, "status": "missed", "at": "2026-11-28 10:00:00+00"},
        {"number": SILENT, "status": "busy", "at": "2026-11-28 10:00:00+00"},
    ]
    assert command.run(stack="dev", as_json=True) == 0
    nobody = {"answeredBy": "not a number of the account", "handler": False, "fallback": "", "record": None}
    assert json.loads(capsys.readouterr().out) == {
        "stack": "dev",
        "numbers": [
            status(NAMED, name="Sales", record="do-not-record"),
            status(MISSING, **nobody),
            status(NUMBER, lastCall="2026-11-28T10:00:00Z", lastStatus="missed"),
            status(
                OTHER,
                name="Sales",
                managed=False,
                answeredBy=ELSEWHERE,
                handler=False,
                fallback="",
                record=None,
            ),
        ],
        "unreportedCalls": None,
        "unread": None,
    }


def test_the_star_manages_every_number_with_the_defaults(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """A number that only the star names records as the defaults say."""
    config(world, numbers={"*": {}}, diverted={NUMBER: {"to": ELSEWHERE, "before": {}}})
    world.others = [{**world.number, "phone_number": OTHER, "friendly_name": "Sales"}]
    command.run(stack="dev", as_json=True)
    first, second = json.loads(capsys.readouterr().out)["numbers"]
    assert first == status(OTHER, name="Sales")
    assert second == status(NUMBER, diverted=True)


def test_the_table_has_a_line_for_each_number(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """What is not managed or diverted is marked; the mode of another's recordings is not known."""
    config(world, diverted={OTHER: {"to": ELSEWHERE, "before": {}}})
    recent = f"{datetime.now(UTC) - timedelta(hours=2):%Y-%m-%d %H:%M:%S+00}"
    world.rows["distinct on (number)"] = [{"number": NUMBER, "status": "missed", "at": recent}]
    assert command.run(stack="dev", as_json=False) == 0
    shown = capsys.readouterr()
    lines = {line.split()[0]: line for line in shown.out.splitlines() if line.startswith("+")}
    assert list(lines) == [NAMED, MISSING, NUMBER, OTHER]
    assert "Sales (not managed)" in lines[OTHER]
    assert f"{ELSEWHERE} (diverted)" in lines[OTHER]
    assert lines[OTHER].split()[-3:] == ["none", "?", "none"]
    assert lines[NAMED].split()[-2:] == ["no", "none"]
    assert "yes" in lines[NUMBER].split()
    assert lines[NUMBER].endswith(", missed")
    assert shown.err == ""


def test_an_account_without_numbers_is_one_sentence(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """And exit code 0."""
    config(world, numbers={"*": {}})
    world.answers[f"GET {BASE}/IncomingPhoneNumbers.json"] = {"incoming_phone_numbers": []}
    assert command.run(stack="dev", as_json=False) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("dev: ")


def test_without_a_database_who_answers_is_known_all_the_same(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Why the last calls are not shown is on standard error, and in the document."""
    world.answers[f"POST {PROJECT}/database/query"] = (400, {"message": "connection refused"})
    assert command.run(stack="dev", as_json=False) == 0
    shown = capsys.readouterr()
    assert "twilio-webhook v3" in shown.out
    assert "connection refused" in shown.err
    assert command.run(stack="dev", as_json=True) == 0
    assert "connection refused" in json.loads(capsys.readouterr().out)["unread"]


def test_without_twilio_there_is_no_status(world: World) -> None:
    """Whatever the database says."""
    world.answers[f"GET {BASE}/IncomingPhoneNumbers.json"] = (401, {"code": 20003, "message": "Authenticate"})
    with pytest.raises(CommandError, match="the numbers cannot be read"):
        command.run(stack="dev", as_json=True)


def unreported(sid: str, to: str) -> dict[str, Any]:
    """A call that no callback reported."""
    return {
        "call_sid": sid,
        "direction": "inbound",
        "from_number": "+15550100001",
        "to_number": to,
        "missing": "call",
        "ended_at": "2026-11-28 10:00:00+00",
    }


def test_calls_that_did_not_report_are_named_with_the_command(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those of named numbers and of numbers that the handler answers, with Event Streams only."""
    found = [unreported("CA1", NUMBER), unreported("CA2", MISSING), unreported("CA3", OTHER)]
    world.rows["twilio_unreported_calls"] = found
    command.run(stack="dev", as_json=True)
    assert json.loads(capsys.readouterr().out)["unreportedCalls"] is None
    config(world, account={"eventStreams": True})
    command.run(stack="dev", as_json=True)
    assert json.loads(capsys.readouterr().out)["unreportedCalls"] == ["CA1", "CA2"]
    world.others[0]["voice_url"] = HANDLER
    command.run(stack="dev", as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2].startswith("3 calls ")
    assert lines[-1] == "  voicehooks reconcile --stack dev"
    world.rows["twilio_unreported_calls"] = []
    command.run(stack="dev", as_json=True)
    assert json.loads(capsys.readouterr().out)["unreportedCalls"] == []


def test_what_event_streams_reported_may_be_unreadable(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Then it is not known, which is not the same as none."""
    config(world, account={"eventStreams": True})
    query = world.answers[f"POST {PROJECT}/database/query"]
    world.answers[f"POST {PROJECT}/database/query"] = lambda request: (
        (400, {"message": "no such view"}) if b"unreported" in request.content else query(request)
    )
    assert command.run(stack="dev", as_json=True) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["unreportedCalls"] is None
    assert "no such view" in document["unread"]


def test_recording_of_a_number_that_nobody_decided_is_no(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the table; in the document it is null."""
    defaults(world, record=None)
    config(world, numbers={NUMBER: {}})
    command.run(stack="dev", as_json=False)
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith(NUMBER))
    assert line.split()[-2:] == ["no", "none"]
