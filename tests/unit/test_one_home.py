"""Each shared rule has one home: nothing else in the code repeats it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pulumi_twilio.destinations import is_e164

from tests.support.waiting import PATIENCE
from voicehooks.vendors.statuses import CALL_OVER, DISPLAY_OVER, RECORDING_OVER

ROOT = Path(__file__).resolve().parents[2]
OURS = ("voicehooks", "infra", "providers")
COMMANDS = ("voicehooks", "infra")


@pytest.mark.parametrize(
    ("rule", "pattern", "folders", "home"),
    [
        ("a call is over", r'"no-answer"(?!:)', COMMANDS, "voicehooks/vendors/statuses.py"),
        ("E.164", r"\[1-9\](\\d|\[0-9\])", OURS, "providers/pulumi-twilio/pulumi_twilio/destinations.py"),
        ("a URL's connection overrides", r'partition\("#"\)', COMMANDS, None),
        ("plurals", r"else 's'|\+ ['\"]s['\"]", COMMANDS, "voicehooks/output/counting.py"),
        ("short identifiers", r"\.\.\{.*\[-4:\]", COMMANDS, "voicehooks/output/identifiers.py"),
        ("whether somebody is there", r"isatty\(|environ.*\"CI\"", COMMANDS, "voicehooks/output/consent.py"),
        ("Twilio's demo", r"demo\.twilio\.com", OURS, "providers/pulumi-twilio/pulumi_twilio/webhook_url.py"),
        ("a stack has a sandbox", r'get\("voicehooks:sandbox"\)', COMMANDS, "infra/settings_parser.py"),
    ],
)
def test_a_rule_has_one_home(rule: str, pattern: str, folders: tuple[str, ...], home: str | None) -> None:
    """The pattern that gives a rule away is in its home alone."""
    files = (file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    found = {
        str(file.relative_to(ROOT)) for file in files if re.search(pattern, file.read_text(encoding="utf-8"))
    }
    assert found == ({home} if home else set()), rule


def test_the_handler_and_the_commands_agree_when_a_call_is_over() -> None:
    """TypeScript cannot import the commands' list, so it has its own."""
    text = (ROOT / "functions" / "_shared" / "callback.ts").read_text(encoding="utf-8")
    (statuses,) = re.findall(r"^const FINAL = new Set\(\[(.*)\]\);$", text, re.MULTILINE)
    assert set(re.findall(r'"([\w-]+)"', statuses)) == CALL_OVER


def test_the_commands_know_every_final_status() -> None:
    """Of Twilio's document, and of the column that says more about a call; nothing leaves one of these."""
    schemas = json.loads((ROOT / "tests/fixtures/twilio_specs/schemas.json").read_text(encoding="utf-8"))
    calls = set(schemas["api.v2010.account.call"]["status"]["enum"])
    recordings = set(schemas["api.v2010.account.recording"]["status"]["enum"])
    assert calls - {"queued", "ringing", "in-progress"} == CALL_OVER
    # `failed` is in the callbacks' page alone: Twilio docs, recordingStatusCallback.
    final = (recordings | {"failed"}) - {"in-progress", "paused", "stopped", "processing"}
    assert final == RECORDING_OVER
    sql = (ROOT / "migrations" / "20261124090000_twilio_calls.sql").read_text(encoding="utf-8")
    (words,) = re.findall(r"create type voicehooks\.display_status as enum\s+\(([^)]*)\)", sql)
    shown = set(re.findall(r"'([\w-]+)'", words))
    assert shown - {"connecting", "ringing", "connected"} == DISPLAY_OVER


def test_the_handler_and_the_program_agree_on_what_a_phone_number_is() -> None:
    """TypeScript cannot import the program's rule, so it has its own, which decides every example alike."""
    digits = [f"+1{'5' * count}" for count in range(16)]
    odd = ["", "+", "15551234567", "+05551234567", "+1 5551234567", "+1555123456a", "tel:+15551234567"]
    hidden = ["+15551234567\n", "\n+15551234567", " +15551234567", "+1555123456\u0663", "\uff0b15551234567"]
    examples = [*digits, *odd, *hidden]
    module = (ROOT / "functions" / "_shared" / "dial.ts").as_uri()
    decide = f"console.log(JSON.stringify({json.dumps(examples)}.map(isE164)))"
    done = subprocess.run(
        [Path(sys.executable).with_name("deno"), "run", "--no-prompt", "-"],
        input=f'import {{ isE164 }} from "{module}"; {decide};',
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    decisions = json.loads(done.stdout)
    assert decisions == [is_e164(example) for example in examples]
    assert decisions.count(True) == 9
