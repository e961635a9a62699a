"""`voicehooks calls`: which calls are read, and what is shown of them once and while they go on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.unit.voicehooks.doctor.world import NUMBER, REST, World
from tests.unit.voicehooks.following import followed
from voicehooks.commands.calls import command, entries
from voicehooks.output.errors import CommandError

BEGAN = datetime(2026, 11, 28, 10, tzinfo=UTC)
CALLS = f"GET {REST}/twilio_calls"


def row(sid: str, **fields: Any) -> dict[str, Any]:
    """A call that went well."""
    return {
        "call_sid": sid,
        "direction": "inbound",
        "from_number": "+15550100001",
        "to_number": NUMBER,
        "status": "completed",
        "display_status": "completed",
        "started_at": BEGAN.isoformat(),
        "created_at": BEGAN.isoformat(),
        "updated_at": (BEGAN + timedelta(seconds=9)).isoformat(),
        "duration_seconds": 8,
        "dial_status": None,
        "dial_number": None,
        "error_code": None,
        "error_message": None,
        **fields,
    }


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A database with two calls, the newest first."""
    found = World(tmp_path)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", found.answer)
    monkeypatch.setattr(command, "Environment", lambda _: found.environment)
    found.answers[CALLS] = [row("CA2", direction=None, from_number=None, to_number=None), row("CA1")]
    return found


def run(*, follow: bool = False, as_json: bool = False, limit: int = 20) -> int:
    """Run the command; returns its exit code."""
    return command.run(stack="dev", limit=limit, follow=follow, as_json=as_json)


def entry(sid: str, **fields: Any) -> dict[str, Any]:
    """What is said of a call that went well."""
    return {
        "callSid": sid,
        "startedAt": "2026-11-28T10:00:00Z",
        "updatedAt": "2026-11-28T10:00:09Z",
        "direction": "inbound",
        "caller": "+15550100001",
        "called": NUMBER,
        "status": "completed",
        "seconds": 8,
        "reason": "",
        "fix": "",
        **fields,
    }


def test_the_newest_calls_are_shown_oldest_first(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """First legs that have a SID, as many as one likes; with what went wrong of each."""
    world.answers[f"GET {REST}/twilio_call_events"] = [
        {"call_sid": "CA1", "kind": "quarantined", "params": {}, "error": "too long"},
        {"call_sid": "CA2", "kind": "fallback", "params": {"ErrorCode": "11200"}, "error": None},
    ]
    assert run(limit=7, as_json=True) == 0
    reconcile = "voicehooks reconcile --stack dev"
    assert json.loads(capsys.readouterr().out) == {
        "stack": "dev",
        "calls": [
            entry("CA1", reason="a callback is in quarantine: too long", fix=reconcile),
            entry(
                "CA2",
                direction="",
                caller="unknown",
                called="unknown",
                reason="the handler failed (Twilio 11200); the fallback answered",
            ),
        ],
    }
    asked = {request.partition("?")[0].rpartition("/")[2]: request for request in world.asked}
    for part in ("limit=7", "order=created_at.desc", "parent_call_sid=is.null", "call_sid=not.is.null"):
        assert part in asked["twilio_calls"]
    assert "kind=in.(fallback,quarantined)" in asked["twilio_call_events"]
    assert "call_sid=in.(CA1,CA2)" in asked["twilio_call_events"]
    assert "status=in.(absent,failed)" in asked["twilio_recordings"]


def test_a_recording_without_audio_is_said(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Of the call that it belongs to."""
    world.answers[f"GET {REST}/twilio_recordings"] = [{"call_sid": "CA1", "status": "absent", "error_code": 3}]
    run()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[2] if line[0].isdigit() else line.split()[-1] for line in lines] == [
        "CA1",
        "absent",
        "CA2",
    ]


@pytest.mark.parametrize(
    ("fields", "reason", "fix"),
    [
        ({"display_status": "missed", "dial_status": None}, "nobody answered", False),
        (
            {"display_status": "missed", "dial_status": "busy"},
            "nobody answered: the destination was busy",
            False,
        ),
        ({"error_code": 13227}, "Twilio 13227", False),
        ({"error_message": "odd"}, "odd", False),
        ({"display_status": "failed"}, entries._REASONS["failed"], False),
        ({"status": "in-progress"}, "", False),
        ({"status": "in-progress", "started_at": None}, "", False),
        (
            {"status": "in-progress", "started_at": "old"},
            "its end was never reported: a callback was lost",
            True,
        ),
        ({"status": "in-progress", "started_at": "four hours"}, "", False),
    ],
)
def test_a_calls_own_row_says_why(fields: dict[str, Any], reason: str, fix: bool) -> None:
    """Twilio ends every call after four hours: one that goes on for longer has lost its end."""
    moments = {"old": BEGAN - timedelta(hours=5), "four hours": BEGAN - timedelta(hours=4)}
    if fields.get("started_at"):
        fields = {**fields, "started_at": moments[fields["started_at"]].isoformat()}
    found = entries.entry_of(row("CA1", **fields), [], [], "dev", BEGAN)
    assert (found.reason, bool(found.fix)) == (reason, fix)


def test_without_calls_it_says_so(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """In words for a person, and as an empty list."""
    world.answers[CALLS] = []
    assert run() == 0
    assert capsys.readouterr().out.startswith("dev: ")
    assert run(as_json=True) == 0
    assert json.loads(capsys.readouterr().out) == {"stack": "dev", "calls": []}


def test_a_database_that_cannot_be_read_is_an_error(world: World) -> None:
    """With what to do."""
    world.answers[CALLS] = (403, {"message": "no"})
    with pytest.raises(CommandError) as caught:
        run()
    assert "voicehooks doctor --stack dev" in caught.value.do


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("empty", [True, False])
def test_following_shows_what_changed(
    world: World,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    as_json: bool,
    empty: bool,
) -> None:
    """A call whose status, length or reason is new; what changed in the ten seconds before is read again."""
    ringing = row("CA1", status="ringing", display_status="ringing", duration_seconds=None, started_at=None)
    ringing |= {"created_at": datetime.now(UTC).isoformat()}
    later = (BEGAN + timedelta(minutes=1)).isoformat()
    answers = [
        [] if empty else [ringing],
        [ringing],
        [row("CA2", updated_at=later), row("CA1", updated_at=later)],
        [row("CA2", updated_at=later)],
    ]
    queries: list[httpx.QueryParams] = []

    def answer(request: httpx.Request) -> list[dict[str, Any]]:
        queries.append(request.url.params)
        return answers[len(queries) - 1]

    world.answers[CALLS] = answer
    with followed(monkeypatch, command, lambda: len(queries) == len(answers)):
        run(follow=True, as_json=as_json)
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("dev: ")]
    statuses = ["ringing", "completed", "completed"]
    if as_json:
        documents = [json.loads(line) for line in lines]
        assert [(each["callSid"], each["status"]) for each in documents] == [
            *zip(("CA1", "CA1", "CA2"), statuses, strict=True)
        ]
    else:
        assert [line.split()[2] for line in lines] == ["CA1", "CA1", "CA2"]
        assert [status in line for line, status in zip(lines, statuses, strict=True)] == [True] * 3
        assert lines[1].endswith("  8 s")
    assert [q.get("updated_at") for q in queries[1:]] == [
        None if empty else "gte.2026-11-28T09:59:59+00:00",
        "gte.2026-11-28T09:59:59+00:00",
        "gte.2026-11-28T10:00:50+00:00",
    ]
    # Of the rows that may change at all: those have an index.
    assert [q.get("created_at") for q in queries[1:]] == [
        None if empty else "gte.2026-11-26T10:00:09+00:00",
        "gte.2026-11-26T10:00:09+00:00",
        "gte.2026-11-26T10:01:00+00:00",
    ]
    assert (queries[1]["order"], queries[1]["limit"]) == ("updated_at.desc", "1000")
    assert (queries[1]["parent_call_sid"], queries[1]["call_sid"]) == ("is.null", "not.is.null")


def test_many_calls_are_asked_about_in_parts(world: World) -> None:
    """A gateway refuses long addresses."""
    world.answers[CALLS] = [row(f"CA{number:032}") for number in range(entries.CHUNK + 1)]
    run(as_json=True, limit=1000)
    assert sum("twilio_recordings" in request for request in world.asked) == 2
