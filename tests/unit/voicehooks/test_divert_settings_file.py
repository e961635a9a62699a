"""`voicehooks:diverted` in a settings file: put in and taken out as text."""

from __future__ import annotations

import pytest
import yaml

from voicehooks.divert.settings_file import KEY, with_diverted

ENTRY = {"to": "https://a.example/x", "before": {"voiceUrl": "https://b.example#rc=3"}}
FILE = """\
# A remark.
encryptionsalt: v1:abc
config:
  # Where it is.
  voicehooks:supabaseProject: abcdefghijklmnopqrst   # twenty letters
  voicehooks:numbers:
    "+15551234567": {}
"""


def test_entry_is_one_line_and_the_rest_stays() -> None:
    """Remarks, order and form of everything else are kept; the entry reads as what was given."""
    text = with_diverted(FILE, {"+15551234567": ENTRY})
    assert yaml.safe_load(text)["config"][KEY] == {"+15551234567": ENTRY}
    assert [line for line in text.splitlines() if line not in FILE.splitlines()] == [
        f"  {KEY}:",
        '    "+15551234567": {"to": "https://a.example/x", "before": {"voiceUrl": "https://b.example#rc=3"}}',
    ]


def test_taking_out_is_the_way_back() -> None:
    """Put in and taken out: the same text, byte for byte."""
    assert with_diverted(with_diverted(FILE, {"+15551234567": ENTRY}), {}) == FILE


def test_block_that_pulumi_has_rewritten_is_replaced() -> None:
    """The CLI may write the key in block form, anywhere."""
    text = FILE + f'  {KEY}:\n    "+1555":\n      to: https://c.example\n      before:\n        voiceUrl: x\n'
    assert with_diverted(text, {}) == FILE
    assert yaml.safe_load(with_diverted(text, {"+1556": ENTRY}))["config"][KEY] == {"+1556": ENTRY}


@pytest.mark.parametrize("text", ["", "config: {}\n", 'config: {"a:b": 1}\n'])
def test_file_without_a_block_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="no line config:"):
        with_diverted(text, {"+1556": ENTRY})
