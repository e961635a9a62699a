"""`voicehooks logs` of a hosted project: what is asked, shown once, and said where nothing can be read."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.unit.voicehooks.doctor.scene import refuses
from tests.unit.voicehooks.doctor.world import PROJECT, REF, World
from tests.unit.voicehooks.following import followed
from voicehooks.commands.logs import command, sources
from voicehooks.commands.logs.lines import Line, from_hosted, from_sandbox, parse_since
from voicehooks.output.errors import CommandError

LOGS = f"GET {PROJECT}/analytics/endpoints/logs"
NOW = datetime.now(UTC).replace(microsecond=0)


def row(identity: str, message: str, *, ago: int = 0, function: str = "id-twilio-webhook") -> dict[str, Any]:
    """A row of Supabase's logs, written so many seconds ago."""
    return {
        "id": identity,
        "timestamp": int((NOW - timedelta(seconds=ago)).timestamp() * 1_000_000),
        "event_message": f"{message}\n",
        "function_id": function,
        "level": "error" if message == "bad" else None,
    }


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A hosted project with three lines, newest first, one of them too old."""
    found = World(tmp_path)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", found.answer)
    monkeypatch.setattr(command, "Environment", lambda _: found.environment)
    found.answers[LOGS] = {"result": [row("c", "bad"), row("b", "good", ago=60), row("a", "old", ago=7200)]}
    return found


def run(name: str = "", *, as_json: bool = False, following: bool = False) -> int:
    """Run the command; returns its exit code."""
    return command.run(name, since="1h", following=following, stack="dev", as_json=as_json)


def test_lines_are_shown_oldest_first(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Each as it was written, with its function and level."""
    assert run(as_json=True) == 0
    at = [f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (NOW - timedelta(seconds=60), NOW)]
    assert json.loads(capsys.readouterr().out) == {
        "stack": "dev",
        "lines": [
            {"time": at[0], "function": "twilio-webhook", "level": "log", "message": "good"},
            {"time": at[1], "function": "twilio-webhook", "level": "error", "message": "bad"},
        ],
    }
    assert run() == 0
    shown = capsys.readouterr()
    assert [line.split()[-1] for line in shown.out.splitlines()] == ["good", "bad"]
    assert "dev, the last 1h: 2 lines" in shown.err


def test_the_question_names_the_functions_and_the_time(world: World) -> None:
    """All functions, or the one that was named; at most so many lines."""
    asked: list[httpx.QueryParams] = []
    world.answers[LOGS] = lambda request: asked.append(request.url.params) or {"result": None}
    run()
    run("place-call")
    every, one = (query["sql"] for query in asked)
    assert "in ('id-twilio-webhook', 'id-place-call')" in every
    assert "in ('id-place-call')" in one
    assert "order by timestamp desc limit 1000" in one
    start, end = (datetime.fromisoformat(asked[0][f"iso_timestamp_{name}"]) for name in ("start", "end"))
    assert timedelta(minutes=59) < end - start < timedelta(minutes=61)


def test_an_id_cannot_change_the_question(world: World) -> None:
    """Only what an ID consists of is written into the SQL."""
    assert "'ab-1'" in sources._sql(["a'b-1;"])


@pytest.mark.parametrize(("name", "functions"), [("place-cal", True), ("", False), ("place-call", False)])
def test_a_function_that_is_not_there_is_refused(world: World, name: str, functions: bool) -> None:
    """With those that are; where none is, with the command that deploys them."""
    if not functions:
        world.answers[f"GET {PROJECT}/functions"] = []
    with pytest.raises(CommandError) as caught:
        run(name)
    assert ("place-call, twilio-webhook" in caught.value.why) is functions
    assert ("pulumi up" in caught.value.do) is not functions
    assert name in caught.value.what


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"error": {"message": "too  many\nrequests."}}, "Supabase: too many requests"),
        ({"error": "broken"}, "Supabase: broken"),
        ((403, {"message": "no"}), "analytics_logs_read"),
    ],
)
def test_where_they_cannot_be_read_the_dashboard_is_named(world: World, answer: Any, why: str) -> None:
    """The page of this project."""
    world.answers[LOGS] = answer
    with pytest.raises(CommandError) as caught:
        run()
    assert why in str(caught.value)
    assert f"https://supabase.com/dashboard/project/{REF}/logs/edge-functions" in str(caught.value)


def test_silence_and_too_many_lines_are_said(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On standard error: what is left out, or that there was nothing."""
    world.answers[LOGS] = {"result": []}
    assert run() == 0
    shown = capsys.readouterr()
    assert (shown.out, "nothing" in shown.err) == ("", True)
    monkeypatch.setattr(command, "LIMIT", 2)
    world.answers[LOGS] = {"result": [row("b", "two"), row("a", "one")]}
    run()
    assert "--since" in capsys.readouterr().err
    world.config["twilio:baseUrl"] = "http://127.0.0.1:1"
    command._note(world.environment, [Line(NOW, "f", "log", "x")] * 2, "1h")
    assert "--since" not in capsys.readouterr().err


@pytest.mark.parametrize("as_json", [True, False])
def test_following_shows_each_line_once(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, as_json: bool
) -> None:
    """Also one that arrives late, with an earlier time of the same minute."""
    minute = NOW.replace(second=0)

    def line(identity: str, second: int) -> dict[str, Any]:
        return {**row(identity, identity), "timestamp": int((minute.timestamp() + second) * 1_000_000)}

    answers = [[line("a", 30)], [line("b", 40), line("late", 10), line("a", 30)], [line("b", 40)]]
    starts: list[datetime] = []

    def answer(request: httpx.Request) -> dict[str, Any]:
        starts.append(datetime.fromisoformat(request.url.params["iso_timestamp_start"]))
        return {"result": answers[len(starts) - 1]}

    world.answers[LOGS] = answer
    with followed(monkeypatch, command, lambda: len(starts) == len(answers)):
        run(as_json=as_json, following=True)
    out = capsys.readouterr().out.splitlines()
    if as_json:
        assert [json.loads(each)["message"] for each in out] == ["a", "late", "b"]
    else:
        assert [each.split()[-1] for each in out] == ["a", "late", "b"]
    assert starts[1:] == [minute, minute]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("15m", 900), (" 1h ", 3600), ("24h", 86_400), ("1d", 86_400), ("1440m", 86_400)],
)
def test_how_far_back(text: str, seconds: int) -> None:
    """Up to a day."""
    assert parse_since(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "1", "1w", "h", "-1h", "1.5h", "0s", "25h", "2d", "1441m"])
def test_what_is_too_far_back_or_not_a_time_is_refused(text: str) -> None:
    """With one that is."""
    with pytest.raises(CommandError) as caught:
        parse_since(text)
    assert caught.value.do.startswith("--since ")


@pytest.mark.parametrize(
    ("text", "function", "line"),
    [
        (
            "2026-11-28T10:00:00Z twilio-webhook log  hello there",
            "",
            ("twilio-webhook", "log", "hello there"),
        ),
        ("2026-11-28T10:00:00Z error  hello", "place-call", ("place-call", "error", "hello")),
        ("2026-11-28T10:00:00Z log  two words", "", ("", "log", "two words")),
        ("yesterday twilio-webhook log  hello", "", None),
        ("", "", None),
        ("Sandbox has no such function", "place-call", None),
    ],
)
def test_lines_of_the_sandbox(text: str, function: str, line: tuple[str, str, str] | None) -> None:
    """Time, function where all are read, level, message; anything else is no line."""
    found = from_sandbox(text, function)
    expected = None if line is None else Line(datetime(2026, 11, 28, 10, tzinfo=UTC), *line)
    assert found == expected


def test_a_hosted_row_may_lack_anything_but_its_time() -> None:
    """Then its level is the ordinary one, and it belongs to no function."""
    assert from_hosted({"timestamp": 0}, {"None": "x"}) == Line(
        datetime(1970, 1, 1, tzinfo=UTC), "x", "log", ""
    )
    assert from_hosted({"timestamp": 0, "function_id": "9", "id": 5}, {}).identity == "5"


@pytest.mark.parametrize(
    ("message", "known"),
    [
        ('{"function": "f", "status": 200, "ms": 1}', True),
        ('{"function": "f", "status": 200}', False),
        ("[]", False),
        ("7", False),
        ("text", False),
    ],
)
def test_a_request_is_what_has_function_status_and_time(message: str, known: bool) -> None:
    """What else is logged is shown as it is."""
    assert (Line(NOW, "f", "log", message).request is not None) is known


def test_a_permission_that_is_missing_for_the_functions_is_named(world: World) -> None:
    """It is another one than that of the logs."""
    refuses(world, "/functions", 403)
    with pytest.raises(CommandError, match="edge_functions_read"):
        run()


@pytest.mark.parametrize("name", ["", "place-call"])
def test_a_sandbox_is_asked_for_its_address_then_for_the_lines(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Of all functions or of one; why it refuses is passed on, with the command that shows its state."""
    world.config |= {"twilio:baseUrl": "http://127.0.0.1:1", "supabase:apiUrl": "http://127.0.0.1:3"}
    asked: list[tuple[str, ...]] = []
    said = {
        "env": (0, '{"supabase_api_url": "http://127.0.0.1:3"}', ""),
        "logs": (1, "", "No  such\nfunction.\n"),
    }

    async def ask(_: Any, state: Path, *arguments: str) -> tuple[int, str, str]:
        asked.append((state.name, *arguments))
        return said[arguments[0]]

    monkeypatch.setattr(sources, "_ask_sandbox", ask)
    with pytest.raises(CommandError) as caught:
        run(name)
    assert caught.value.why == "No such function"
    assert "voicehooks sandbox status" in caught.value.do
    folder = asked[0][0]
    assert asked == [(folder, "env", "--json"), (folder, "logs", *([name] if name else []))]
    line = f"{NOW.isoformat()} {'' if name else 'place-call '}log  hello"
    said["logs"] = (0, f"{line}\nnot a line\n", "")
    (found,) = asyncio.run(sources.read(world.environment, name, NOW - timedelta(hours=1)))
    assert (found.function, found.level, found.message) == ("place-call", "log", "hello")
