"""`voicehooks compare`: which settings and facts are put side by side, and which are never shown."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from infra.settings import Settings
from infra.settings_parser import parse
from voicehooks.commands.compare import command, sides
from voicehooks.commands.compare.sides import Side, read_side, settings_by_path
from voicehooks.output.errors import CommandError

REF, ONE, TWO = "abcdefghijklmnopqrst", "+15551234567", "+15551234568"
SID = "SK" + "0" * 32


def settings(**own: Any) -> Settings:
    """A stack's settings."""
    keys = {f"voicehooks:{k}": v for k, v in {"supabaseProject": REF, "numbers": {}, **own}.items()}
    credentials = {"twilio:accountSid": "AC1", "twilio:authToken": "x", "supabase:accessToken": "x"}
    return parse({**credentials, **keys}, {}, stack="dev")


def test_settings_by_their_path() -> None:
    """Nested ones each by itself; numbers by how many there are, and what they have of their own."""
    found = dict(
        settings_by_path(
            settings(
                publicUrl="https://api.example.com",
                defaults={"answer": True, "delivery": {"retries": 3}},
                numbers={ONE: {"record": "do-not-record"}, TWO: {}, "*": {"ringSeconds": 20}},
                allowedOrigins=["https://crm.example.com"],
                diverted={ONE: {"to": "https://a.example", "before": {}}},
            )
        )
    )
    assert found["defaults.answer"] is True
    assert found["defaults.delivery.retries"] == 3
    assert found["allowedOrigins"] == ["https://crm.example.com"]
    assert (found["numbers"], found["numbers with settings of their own"]) == (2, 1)
    assert found['numbers."*"'] == {"ringSeconds": 20}
    # Where a stack is and which numbers it has differs anyway; what is empty is not set.
    assert not {"supabaseProject", "publicUrl", "diverted", "sipDomains"} & found.keys()
    assert ONE not in json.dumps(found)
    assert "numbers with settings of their own" not in dict(settings_by_path(settings(numbers={ONE: {}})))


def test_no_credential_is_shown() -> None:
    """Only that it is set."""
    names = [name for name in Settings.model_fields if re.search(r"token|api_key", name)]
    values = {name: SID if name.endswith("sid") else f"pr1vate{name}" for name in names}
    own = {str(Settings.model_fields[name].alias): value for name, value in values.items()}
    found = dict(settings_by_path(settings(allowedOrigins=["https://crm.example.com"], **own)))
    assert {name: found[name] for name in own} == dict.fromkeys(own, "set")
    assert len(own) == 5
    assert not any(value in json.dumps(found) for value in values.values())


class Live:
    """What is live: two named numbers, one of which the account no longer has."""

    settings = SimpleNamespace(named_numbers=[ONE, TWO, "+15550000009"])
    numbers = frozenset({ONE, TWO})
    functions: dict[str, dict[str, Any]] = {  # noqa: RUF012
        "b": {"version": 2, "status": "THROTTLED", "verify_jwt": True},
        "a": {"version": 1, "status": "ACTIVE", "verify_jwt": False},
    }

    def is_answered(self, number: str) -> bool:
        return number == ONE

    def fallback(self, number: str) -> str:
        return "https://a.example" if number == ONE else ""


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A stack whose vendors answer."""

    async def read_live(_: Any) -> Live:
        return Live()

    async def query(project: str, sql: str, *, read_only: bool, row: Any) -> list[dict[str, str]]:
        assert (project, read_only) == (REF, True)
        return [{"latest": "20261124090000"}]

    @asynccontextmanager
    async def open_supabase(_: Any) -> Any:
        yield SimpleNamespace(query=query)

    function = SimpleNamespace(outputs={"fileHashes": {"index.ts": "a"}})
    other = SimpleNamespace(outputs={"fileHashes": {"index.ts": "b"}})
    state = SimpleNamespace(functions={"b": other, "a": function})
    monkeypatch.setattr(sides, "read_live", read_live)
    monkeypatch.setattr(sides, "open_supabase", open_supabase)
    monkeypatch.setattr(sides, "read_state", lambda _: state)
    return SimpleNamespace(name="dev", settings=settings(), engine=None)


def live_of(side: Side) -> dict[str, Any]:
    """What is not a setting."""
    return {name: value for name, value in side.values.items() if ": " in name}


def test_what_is_live(environment: Any) -> None:
    """Numbers by how many, functions by version, code by a digest, the schema by its latest migration."""
    side = asyncio.run(read_side(environment))
    found = live_of(side)
    codes = [found.pop("deployed: code of a"), found.pop("deployed: code of b")]
    assert found == {
        "live: numbers that the handler answers": 1,
        "live: numbers without a fallback": 1,
        "live: function a": "version 1, active, verify_jwt off",
        "live: function b": "version 2, throttled, verify_jwt on",
        "live: latest migration": "20261124090000",
    }
    assert (len({*codes}), {len(code) for code in codes}, side.unread) == (2, {8}, [])


def test_what_cannot_be_read_leaves_the_rest(environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is kept; a defect is raised and not taken for one."""

    async def down(_: Any) -> Live:
        raise CommandError("the numbers cannot be read", "Twilio is down")

    async def broken(_: Any) -> Live:
        raise ZeroDivisionError

    monkeypatch.setattr(sides, "read_live", down)
    side = asyncio.run(read_side(environment))
    assert side.unread == ["the numbers cannot be read: Twilio is down"]
    assert "live: latest migration" in side.values
    monkeypatch.setattr(sides, "read_live", broken)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(read_side(environment))


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> list[Side]:
    """Two sides; something of the second could not be read."""
    found = [
        Side("dev", {"a": 1, "b": True, "c": None}),
        Side("prod", {"a": 1, "b": False, "d": "x"}, ["Twilio is down"]),
    ]

    async def read(environments: list[str]) -> list[Side]:
        return [next(side for side in found if side.stack == name) for name in environments]

    monkeypatch.setattr(command, "Environment", lambda name: name)
    monkeypatch.setattr(command, "_read", read)
    return found


def test_the_document(two: list[Side], capsys: pytest.CaptureFixture[str]) -> None:
    """What differs, and with --all what is equal too; what could not be read is part of it."""
    assert command.run("dev", "prod", all_rows=False, as_json=True) == 0
    out, err = capsys.readouterr()
    differing = [
        {"name": "b", "values": [True, False], "equal": False},
        {"name": "d", "values": [None, "x"], "equal": False},
    ]
    assert json.loads(out) == {
        "stacks": ["dev", "prod"],
        "rows": differing,
        "unread": {"prod": ["Twilio is down"]},
    }
    assert err == "prod: Twilio is down\n"
    command.run("dev", "prod", all_rows=True, as_json=True)
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [(row["name"], row["equal"]) for row in rows] == [
        ("a", True),
        ("b", False),
        ("c", True),
        ("d", False),
    ]


def test_the_table(two: list[Side], capsys: pytest.CaptureFixture[str]) -> None:
    """Differences are marked where equal rows are shown too, and counted."""
    command.run("dev", "prod", all_rows=False, as_json=False)
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["dev", "prod"],
        ["b", "true", "false"],
        ["d", "(not", "set)", "x"],
        ["dev", "and", "prod:", "2", "differences"],
    ]
    command.run("dev", "prod", all_rows=True, as_json=False)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert (lines[1], lines[2], lines[-1][-2]) == (["a", "1", "1"], ["*", "b", "true", "false"], "2")
    two[0].values = two[1].values
    command.run("dev", "prod", all_rows=False, as_json=False)
    assert capsys.readouterr().out == "dev and prod do not differ\n"
    with pytest.raises(CommandError, match="nothing to compare"):
        command.run("dev", "dev", all_rows=False, as_json=False)
