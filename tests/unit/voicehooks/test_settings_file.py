"""Editing `Pulumi.<stack>.yaml`: one value changes, every other character stays."""

from __future__ import annotations

import difflib
import json
import subprocess
from pathlib import Path

import pytest

from voicehooks.output.errors import CommandError
from voicehooks.stack.settings_file import SettingsFile, in_line, is_secret

ROOT = Path(__file__).parents[3]
PULUMI = ROOT / ".venv" / "bin" / "pulumi"
NUMBERS = "voicehooks:numbers"
DIVERTED = "voicehooks:diverted"
ENTRY = {"to": "https://a.example/x", "before": {"voiceUrl": "https://b.example#rc=3"}}
LONG = "v1:" + "J75e9MY8xPM9GGA38BNJdhD0fBZQE8Pwz5uHU" * 8
FILE = f"""\
# The environment dev.
config:
  twilio:accountSid: AC1   # ours
  twilio:authToken:
    secure: {LONG}
  # What all numbers share.
  voicehooks:defaults:
    answer: true
    announcement: 'This call is recorded.'
  voicehooks:numbers:
    # the sales line
    "+15551234567": {{record: do-not-record}}   # Sales
    '+15551234568':   # Support
      forwardTo:
        - "+15557654321"
    # "*": {{}}
  # Web pages.
  voicehooks:allowedOrigins: []
  voicehooks:dialingPermissions:
    NO: {{lowRisk: true}}
encryptionsalt: v1:x
"""


def file(text: str = FILE) -> SettingsFile:
    """A settings file with this text."""
    return SettingsFile("Pulumi.dev.yaml", text)


def changed_lines(before: str, after: str) -> list[str]:
    """The lines that differ, as `git diff` marks them."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def test_a_numbers_value_is_replaced_in_its_line() -> None:
    """Its comment and all other lines stay."""
    new = file().with_entry(NUMBERS, "+15551234567", {"voiceUrl": "https://a.example/v"})
    assert changed_lines(FILE, new.text) == [
        '-    "+15551234567": {record: do-not-record}   # Sales',
        '+    "+15551234567": {voiceUrl: "https://a.example/v"}   # Sales',
    ]


def test_a_value_on_several_lines_becomes_one() -> None:
    """What follows stays, and so does the comment after the number."""
    new = file().with_entry(NUMBERS, "+15551234568", {"answer": None})
    (line,) = [line for line in new.text.splitlines() if "+15551234568" in line]
    assert line == "    '+15551234568': {answer: null}  # Support"
    assert '    # "*": {}' in new.text.splitlines()


def test_a_new_number_comes_after_the_others() -> None:
    """With its comment, indented like them, and before the comments that follow."""
    new = file().with_entry(NUMBERS, "+15551234569", {}, "Fax")
    lines = new.text.splitlines()
    assert changed_lines(FILE, new.text) == ['+    "+15551234569": {}   # Fax']
    assert lines.index('    "+15551234569": {}   # Fax') == lines.index('        - "+15557654321"') + 1


@pytest.mark.parametrize(
    "numbers", ["{}", '{"+15551234567": {record: do-not-record}, "*": {}}', "{}   # none yet", ""]
)
def test_numbers_on_one_line_become_lines(numbers: str) -> None:
    """Those that are there keep their settings."""
    before = file(f"config:\n  a:b: c\n  voicehooks:numbers: {numbers}\n  d:e: f\n")
    new = before.with_entry(NUMBERS, "+15551234569", {"answer": True})
    kept = before.config[NUMBERS] or {}
    assert new.config == {"a:b": "c", NUMBERS: {**kept, "+15551234569": {"answer": True}}, "d:e": "f"}
    assert '    "+15551234569": {answer: true}' in new.text


def test_a_file_without_numbers_gets_them() -> None:
    """The key comes last in config."""
    new = file("config:\n  a:b: c\n").with_entry(NUMBERS, "+15551234569", {})
    assert new.text == 'config:\n  a:b: c\n  voicehooks:numbers:\n    "+15551234569": {}\n'


def test_a_key_is_set_as_pulumi_writes_it() -> None:
    """A boolean of config is text in the file, so that `pulumi config set` has nothing to change about it."""
    new = file().with_key("voicehooks:adoptFunction", True)
    assert changed_lines(FILE, new.text) == ['+  voicehooks:adoptFunction: "true"']
    again = new.with_key("voicehooks:adoptFunction", False)
    assert changed_lines(new.text, again.text) == [
        '-  voicehooks:adoptFunction: "true"',
        '+  voicehooks:adoptFunction: "false"',
    ]


def test_a_secret_keeps_its_form() -> None:
    """An encrypted value stays on its own line, unfolded."""
    new = file().with_key("twilio:authToken", {"secure": "v1:other"})
    assert changed_lines(FILE, new.text) == [f"-    secure: {LONG}", "+    secure: v1:other"]


def test_an_entry_that_is_taken_out_leaves_no_trace() -> None:
    """Put in and taken out: the same text, byte for byte; another entry of the key stays."""
    one = file().with_entry(DIVERTED, "+15551234567", ENTRY)
    assert one.config[DIVERTED] == {"+15551234567": ENTRY}
    two = one.with_entry(DIVERTED, "+15551234568", ENTRY)
    assert two.without_entry(DIVERTED, "+15551234568") == one
    assert one.without_entry(DIVERTED, "+15551234567") == file()
    assert file().without_entry(DIVERTED, "+15551234567") == file()


def test_a_block_that_pulumi_has_rewritten_is_removed() -> None:
    """The CLI may write an entry in block form, anywhere."""
    text = FILE.replace(
        "encryptionsalt",
        f'  {DIVERTED}:\n    "+1555":\n      to: x\n      before:\n        a: x\nencryptionsalt',
    )
    assert file(text).without_key(DIVERTED) == file()


def test_words_that_could_be_something_else_are_quoted() -> None:
    """`NO` is a country, not a boolean, for every reader; so are numbers and dates text."""
    values = {"NO": {"a": "no", "b": "1", "c": "2026-11-24", "d": "plain", "e": ["on", "ä"], "f": ""}}
    new = file("config:\n  a:b: c\n").with_key("voicehooks:dialingPermissions", values)
    assert '{"NO": {a: "no", b: "1", c: "2026-11-24", d: plain, e: ["on", "ä"], f: ""}}' in new.text
    assert new.config["voicehooks:dialingPermissions"] == values


def test_the_country_norway_is_text() -> None:
    """Without quotes, too: the file is YAML 1.2, as for Pulumi."""
    assert file().config["voicehooks:dialingPermissions"] == {"NO": {"lowRisk": True}}


def test_secrets_are_left_out_of_the_plain_config() -> None:
    """Also one that is nested in an object."""
    text = FILE + "  x:y: {a: {b: {secure: v1:z}}}\n" if FILE.endswith("config:\n") else FILE
    assert "twilio:authToken" not in file(text).plain_config
    assert is_secret({"a": [{"b": {"secure": "v1:z"}}]})
    assert not is_secret({"a": ["secure"]})


@pytest.mark.parametrize(
    "text", ["", "config: {}\n", "config: [\n", "other: 1\n", 'config: {"a:b": 1}\n', "- 1\n"]
)
def test_a_file_that_cannot_be_edited_gets_one_sentence(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(CommandError, match=r"Pulumi\.dev\.yaml cannot be"):
        file(text).with_key("voicehooks:adoptFunction", True)


def test_a_file_that_changed_in_the_meantime_is_not_overwritten(tmp_path: Path) -> None:
    """What somebody else wrote stays."""
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(FILE, encoding="utf-8")
    read = SettingsFile.read(tmp_path, "dev")
    path.write_text(FILE + "# theirs\n", encoding="utf-8")
    with pytest.raises(CommandError, match="changed in the meantime"):
        read.with_key("a:b", "c").write(tmp_path, replaces=read)
    assert path.read_text(encoding="utf-8") == FILE + "# theirs\n"


def test_a_file_is_written_in_one_step(tmp_path: Path) -> None:
    """With its permissions; no copy is left. Where it cannot be written, nothing is changed."""
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(FILE, encoding="utf-8")
    path.chmod(0o640)
    read = SettingsFile.read(tmp_path, "dev")
    new = read.with_key("a:b", "ä")
    new.write(tmp_path, replaces=read)
    assert path.read_text(encoding="utf-8") == new.text
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(CommandError, match="run the command again"):
        read.write(tmp_path / "gone", replaces=read)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff", "cannot be read"),
        (b"config:\n  a: [\n", "line 3"),
        (b"- 1\n", "it has no keys"),
        (b"text", "it has no keys"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes, words: str) -> None:
    """The file and the line are named."""
    (tmp_path / "Pulumi.dev.yaml").write_bytes(content)
    with pytest.raises(CommandError, match=rf"^Pulumi\.dev\.yaml cannot be read: .*{words}|: .*codec"):
        SettingsFile.read(tmp_path, "dev")


@pytest.mark.parametrize(("text", "config"), [("", {}), ("config:\n", {}), ("other: 1\n", {})])
def test_a_file_without_keys_has_no_configuration(text: str, config: dict[str, str]) -> None:
    """It is valid for Pulumi."""
    assert file(text).config == config
    with pytest.raises(CommandError, match="config: has no keys below it"):
        file("config: [1]\n").config  # noqa: B018 - raises


def test_a_value_that_is_used_twice_is_not_edited() -> None:
    """An alias would change another key as well; the user gets the line to write."""
    text = "config:\n  a:b: &x {c: d}\n  e:f: *x\n"
    with pytest.raises(CommandError) as caught:
        file(text).with_key("a:b", "new")
    assert caught.value.what == "Pulumi.dev.yaml cannot be edited safely"
    assert "a:b: new" in caught.value.do


@pytest.mark.parametrize("numbers", ['{"+1": {}, "+2": {}}', '\n    "+1": {}\n    "+2": {}'])
def test_an_entry_is_removed_from_either_form(numbers: str) -> None:
    """On one line or on several; the key goes with its last entry, and a missing one changes nothing."""
    before = file(f"config:\n  a:b: c\n  {NUMBERS}: {numbers}\n")
    one = before.without_entry(NUMBERS, "+1")
    assert one.config == {"a:b": "c", NUMBERS: {"+2": {}}}
    assert one.without_entry(NUMBERS, "+2").text == "config:\n  a:b: c\n"
    assert one.without_entry(NUMBERS, "+1") is one
    assert one.without_key("x:y") is one


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((word, json.dumps(word)) for word in ("true", "No", "ON", "off", "null", "y", "N", "yes", "false")),
        ("a.b/c@d-e_f1", "a.b/c@d-e_f1"),
        ("ends-", '"ends-"'),
        ("a: b", '"a: b"'),
        ("1", '"1"'),
        (1, "1"),
        (None, "null"),
        (True, "true"),
        (("a", 1), "[a, 1]"),
        ({"a": ["ü"]}, '{a: ["ü"]}'),
    ],
)
def test_a_value_on_one_line(value: object, text: str) -> None:
    """With quotes where a YAML parser could take text for something else."""
    assert in_line(value) == text


def test_a_file_that_is_not_there_names_the_command(tmp_path: Path) -> None:
    """What to do is a command."""
    with pytest.raises(CommandError) as caught:
        SettingsFile.read(tmp_path, "staging")
    assert caught.value.what == "no environment staging"
    assert "voicehooks init staging" in str(caught.value.do)


@pytest.mark.parametrize("name", ["dev", "prod", "local"])
def test_one_edit_and_one_of_pulumi_are_two_lines(tmp_path: Path, name: str) -> None:
    """The examples have the form that `pulumi config set` writes: it changes nothing but its own line."""
    before = (ROOT / f"Pulumi.{name}.yaml").read_text(encoding="utf-8")
    (tmp_path / "Pulumi.yaml").write_text("name: x\nruntime: python\n", encoding="utf-8")
    path = tmp_path / f"Pulumi.{name}.yaml"
    path.write_text(before, encoding="utf-8")
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "PULUMI_BACKEND_URL": tmp_path.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "x",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    for arguments in (("stack", "init", name), ("config", "set", "--stack", name, "twilio:edge", "dublin")):
        subprocess.run([PULUMI, *arguments], cwd=tmp_path, env=environment, check=True, capture_output=True)
    read = SettingsFile.read(tmp_path, name)
    read.with_key("twilio:region", "ie1").write(tmp_path, replaces=read)
    after = path.read_text(encoding="utf-8")
    assert [
        line for line in changed_lines(before, after) if line.strip("+") and "encryptionsalt" not in line
    ] == [
        "+  twilio:edge: dublin",
        "+  twilio:region: ie1",
    ]
