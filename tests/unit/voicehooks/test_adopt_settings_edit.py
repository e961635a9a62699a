"""Editing a settings file: one key changes, every other character stays."""

from __future__ import annotations

import pytest
import yaml

from voicehooks.adopt.settings_edit import set_key, set_number
from voicehooks.errors import CommandError

FILE = """\
# The environment dev.
config:
  twilio:accountSid: AC1   # ours
  # What holds for all.
  voicehooks:defaults:
    answer: true
  voicehooks:numbers:
    # the sales line
    "+15551234567": {record: do-not-record}   # Sales
    '+15551234568':   # Support
      forwardTo:
        - "+15557654321"
    # "*": {}
  # Web pages.
  voicehooks:allowedOrigins: []
encryptionsalt: v1:x
"""


def _without(text: str, *parts: str) -> list[str]:
    return [line for line in text.splitlines() if not any(part in line for part in parts)]


def test_a_number_s_value_is_replaced_in_its_line() -> None:
    """Its comment, and all other lines, stay as they were."""
    new = set_number(FILE, "+15551234567", {"voiceUrl": "https://a.example/v"})
    assert "    \"+15551234567\": {voiceUrl: 'https://a.example/v'}   # Sales" in new.splitlines()
    assert _without(new, "+15551234567") == _without(FILE, "+15551234567")


def test_a_value_in_several_lines_becomes_one() -> None:
    """What follows it stays, and so does the comment behind the number."""
    new = set_number(FILE, "+15551234568", {"answer": None})
    (line,) = [line for line in new.splitlines() if "+15551234568" in line]
    assert line.startswith("    '+15551234568': {answer: null}")
    assert line.endswith("# Support")
    assert '    # "*": {}' in new.splitlines()
    assert yaml.safe_load(new)["config"]["voicehooks:numbers"]["+15551234568"] == {"answer": None}


def test_a_new_number_comes_after_the_others() -> None:
    """With its comment, indented as they are."""
    new = set_number(FILE, "+15551234569", {}, "Fax")
    lines = new.splitlines()
    assert lines.index('    "+15551234569": {}   # Fax') == lines.index('        - "+15557654321"') + 1
    assert _without(new, "+15551234569") == FILE.splitlines()


@pytest.mark.parametrize(
    "numbers",
    ["{}", '{"+15551234567": {record: do-not-record}, "*": {}}', "{}   # none yet", ""],
)
def test_numbers_in_one_line_become_lines(numbers: str) -> None:
    """Those that are there keep what they say."""
    text = f"config:\n  a:b: c\n  voicehooks:numbers: {numbers}\n  d:e: f\n"
    before = yaml.safe_load(text)["config"]["voicehooks:numbers"] or {}
    new = yaml.safe_load(set_number(text, "+15551234569", {"answer": True}))
    assert new == {
        "config": {"a:b": "c", "voicehooks:numbers": {**before, "+15551234569": {"answer": True}}, "d:e": "f"}
    }


def test_a_file_without_numbers_gets_them() -> None:
    """The key comes last in config."""
    new = set_number("config:\n  a:b: c\n", "+15551234569", {})
    assert new == 'config:\n  a:b: c\n  voicehooks:numbers:\n    "+15551234569": {}\n'


def test_a_key_is_set_or_replaced() -> None:
    """A plain key comes last, or where it stood."""
    new = set_key(FILE, "voicehooks:adoptFunction", True)
    assert _without(new, "adoptFunction") == FILE.splitlines()
    assert (
        yaml.safe_load(set_key(new, "voicehooks:adoptFunction", False))["config"]["voicehooks:adoptFunction"]
        is False
    )


@pytest.mark.parametrize("text", ["", "config: {}\n", "config: [\n", "other: 1\n"])
def test_a_file_that_cannot_be_edited_is_told(text: str) -> None:
    """One sentence, no traceback."""
    with pytest.raises(CommandError, match="the settings file cannot be"):
        set_key(text, "voicehooks:adoptFunction", True)
