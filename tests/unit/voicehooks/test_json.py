"""The commands' JSON documents: camelCase keys of our own, everybody else's keys as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.unit.voicehooks.call_rows import CALL, call_row
from voicehooks.commands.adopt.function_source import FoundFunction
from voicehooks.commands.adopt.imports import NextUpdate
from voicehooks.commands.call.call_record import CallRows
from voicehooks.commands.call.diagnosis import Finding as CallFinding
from voicehooks.commands.call.progress import Step
from voicehooks.commands.call.report import CallReport
from voicehooks.commands.call.timeline import Exchange
from voicehooks.commands.divert.number import Route
from voicehooks.commands.doctor.model import Check, Finding, Outcome, Report
from voicehooks.commands.history.command import Row
from voicehooks.commands.history.updates import Update
from voicehooks.commands.init.credential_checks import CredentialCheck
from voicehooks.commands.logs.lines import Line
from voicehooks.commands.plan.comparison import Comparison
from voicehooks.commands.plan.model import Change, Plan
from voicehooks.commands.reconcile.result import Difference, MissedCall, Reconciliation, Tally
from voicehooks.commands.reconcile.window import Window
from voicehooks.commands.rollback.command import Result
from voicehooks.commands.rollback.target import Target
from voicehooks.output.errors import CommandError
from voicehooks.output.json import to_json

NUMBER = "+15551234567"
AT = datetime(2026, 11, 24, 10, 0, 11, tzinfo=UTC)
UPDATE = Update(
    3, "update", "succeeded", AT, "fix", "kim", "0123456789", dirty=False, config={"a:b": {"value": 1}}
)


async def _look(_: Any) -> Any:
    raise NotImplementedError


CHECK = Check("urls", "URLs are right", _look, explains=("updates",))
REPORT = Report("dev", "AC..1", (Outcome(CHECK, "problem", "bad", (Finding("bad", "a", "b", "c"),)),), 1.23456)
DOCUMENTS = {
    "adopt": NextUpdate("", {NUMBER: ["voiceUrl"]}, 2, ("create x",)),
    "adopt function": FoundFunction(
        "recording", 4, verify_jwt=True, files={"index.ts": b"x"}, folder=Path("a/b")
    ),
    "call": CallReport(
        "dev",
        CALL,
        [Step("ringing", 1.23456, "Ringing", "")],
        [Exchange(1.0, CALL, {}, "", 0, kind="voice", stored_at=1.5)],
        CallRows([call_row()]),
        CallFinding("no recording came", "it was not asked for", "look"),
        billed=False,
        hung_up=False,
        checks=[],
    ),
    "divert": Route("https://a.example", "POST", ""),
    "doctor": REPORT,
    "error": CommandError("no", "because", "do"),
    "history": Row(UPDATE, None, is_live=True),
    "init": CredentialCheck("Twilio", "no"),
    "logs": Line(AT, "recording", "log", "hello"),
    "plan": Plan("dev", "", "", changes=[Change("number", NUMBER, "record", None, True, ("records",))]),
    "plan comparison": Comparison("dev", "0123456", ["a"], []),
    "reconcile": Reconciliation(
        "dev",
        "AC1",
        Window(AT),
        [NUMBER],
        dry_run=False,
        calls=Tally(different=[Difference("CA1", ("status",))]),
        missed=[MissedCall(NUMBER, NUMBER, AT, CALL)],
    ),
    "rollback": Result("dev", Target(UPDATE, UPDATE, (), ()), report=REPORT),
}


def keys(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key of a document with the keys above it."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key)
            yield from keys(item, (*path, key))
    elif isinstance(value, list):
        for item in value:
            yield from keys(item, path)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_our_own_keys_are_camel_case(name: str) -> None:
    """In every command's document; a database row, a number and a file name are not ours."""
    document = json.loads(json.dumps(to_json(DOCUMENTS[name])))
    ours = [
        path
        for path in keys(document)
        if not {"calls", "changedNumbers"} & set(path[:-1]) or name == "reconcile"
    ]
    assert ours
    assert [path for path in ours if not re.fullmatch(r"[a-z]+([A-Z][a-z0-9]*)*", path[-1])] == []
    assert "environment" not in document


def test_rows_keep_the_columns_names() -> None:
    """A row of the database, and a map by number, are passed on as they are."""
    document = to_json(DOCUMENTS["call"])
    assert document["calls"][0]["call_sid"] == CALL
    assert document["callSid"] == CALL
    assert to_json(DOCUMENTS["adopt"])["changedNumbers"] == {NUMBER: ["voiceUrl"]}


def test_the_history_does_not_print_the_configuration() -> None:
    """It has secrets."""
    assert "a:b" not in json.dumps(to_json(DOCUMENTS["history"]))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (AT, "2026-11-24T10:00:11Z"),
        (AT.replace(microsecond=4_321), "2026-11-24T10:00:11.004Z"),
        (AT.astimezone(timezone(timedelta(hours=1))), "2026-11-24T10:00:11Z"),
        (Path("a/b"), "a/b"),
        (1.23456, 1.235),
        (("a", None, True), ["a", None, True]),
    ],
)
def test_values(value: Any, text: Any) -> None:
    """Times in UTC, seconds to the millisecond, tuples as lists."""
    assert to_json(value) == text
