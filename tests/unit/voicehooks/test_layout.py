"""Lines that fit a terminal, times, and the documents and errors that commands print."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from voicehooks.output.consent import is_watched
from voicehooks.output.counting import count, times
from voicehooks.output.elapsed import ago
from voicehooks.output.errors import CommandError
from voicehooks.output.json import fields_of, print_json, to_json
from voicehooks.output.layout import command_lines, screen_width, table, wrapped


class Terminal(io.StringIO):
    """A stream that somebody watches."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s ago"),
        (59, "59 s ago"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (86_399, "23 h ago"),
        (86_400, "1 d ago"),
        (200_000, "2 d ago"),
    ],
)
def test_how_long_ago(seconds: int, text: str) -> None:
    """In the largest unit that is full; clocks may differ by seconds."""
    now = datetime(2026, 11, 24, tzinfo=UTC)
    assert ago(now, now - timedelta(seconds=seconds)) == text


def test_how_often() -> None:
    """Words for one."""
    assert [times(n) for n in (0, 1, 2, 1200)] == ["0 times", "once", "2 times", "1,200 times"]
    assert count(2, "key") == "2 keys"


@pytest.mark.parametrize("do", ["", "look"])
def test_an_error_in_one_line_and_as_a_document(do: str) -> None:
    """What failed, why, what to do; exit code 2 unless it is a finding."""
    error = CommandError("it failed", "it broke", do)
    assert str(error) == "it failed: it broke" + ("; look" if do else "")
    assert to_json(error) == {"what": "it failed", "why": "it broke", "do": do}
    assert error.exit_code == 2


@dataclass
class Inner:
    """A part of a document."""

    call_sid: str
    is_over: bool


@dataclass
class Document:
    """A document."""

    talk_seconds: float
    parts: list[Inner]
    by_number: dict[str, Any]
    nothing: None = None


def test_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    """Fields in camelCase at every depth; the keys of a map are data."""
    value = Document(1.23456, [Inner("CA1", True)], {"+1_555": Inner("CA2", False), "call_sid": "x"})
    print_json(value)
    printed = capsys.readouterr().out
    assert printed.endswith("}\n")
    assert "\n  " in printed
    assert json.loads(printed) == {
        "talkSeconds": 1.235,
        "parts": [{"callSid": "CA1", "isOver": True}],
        "byNumber": {"+1_555": {"callSid": "CA2", "isOver": False}, "call_sid": "x"},
        "nothing": None,
    }
    assert fields_of(value.parts[0], without=("is_over",)) == {"call_sid": "CA1"}
    assert list(fields_of(value)) == ["talk_seconds", "parts", "by_number", "nothing"]


@pytest.mark.parametrize(("ci", "watched"), [("", True), ("true", False)])
def test_who_watches(ci: str, watched: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person at a terminal, and nobody in a pipe or in a CI job; where nobody does, lines have no width."""
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("COLUMNS", "77")
    assert is_watched(Terminal()) is watched
    assert not is_watched(io.StringIO())
    monkeypatch.setattr("sys.stdout", Terminal())
    assert screen_width() == (77 if watched else None)
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert screen_width() is None


def test_a_paragraph() -> None:
    """Broken at spaces alone; with its own beginning of the first line and of the others."""
    text = "one two-three https://a.example/long-address"
    assert wrapped(text, 12, first="- ", rest="  ") == [
        "- one",
        "  two-three",
        "  https://a.example/long-address",
    ]
    assert wrapped(text, None, first="- ", rest="  ") == [f"- {text}"]
    assert wrapped("", 12, first="- ") == ["-"]
    assert wrapped("a ", None) == ["a"]


def test_a_command_can_be_copied() -> None:
    """Each line but the last continues after a backslash, which fits as well."""
    command = "pulumi up --stack production"
    assert command_lines(command, None) == [f"    {command}"]
    assert command_lines(command, 40) == [f"    {command}"]
    lines = command_lines(command, 26)
    assert lines == ["    pulumi up --stack \\", "      production"]
    for width in range(20, 40):
        assert max(map(len, command_lines(command, width))) <= width
    assert command_lines(command, None, indent="") == [command]


def test_a_table() -> None:
    """Columns are aligned; those that do not fit continue on a second line, further in."""
    rows = [("1", "abc", "x"), ("22", "d", "yy")]
    assert list(table(("n", "name", "z"), rows, None, indent=" ")) == [
        " n   name  z",
        " 1   abc   x",
        " 22  d     yy",
    ]
    assert list(table(("n", "name", "z"), rows, 12)) == ["n   name  z", "1   abc   x", "22  d     yy"]
    assert list(table(("n", "name", "z"), rows, 11)) == [
        "n   name",
        "    z",
        "1   abc",
        "    x",
        "22  d",
        "    yy",
    ]
    wide = ("abcdefgh", "abcd", "abcde")
    for width in range(9, 24):
        assert max(map(len, table(wide, [wide], width))) <= width
    assert list(table(("a", "b"), [], 1)) == ["a", "    b"]
    assert list(table(("n", "name", "z"), rows, 12, indent=" "))[:2] == [" n   name", "     z"]
