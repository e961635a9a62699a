"""What `voicehooks doctor` advises repairs what it found: the printed commands are run, all is well."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clone import Clone, running_clone
from tests.support.examination import examined, findings_by_check
from tests.support.hand_deployed import NUMBER
from tests.support.killed_update import kill_update
from voicehooks.commands.doctor.model import Report
from voicehooks.output.errors import CommandError
from voicehooks.stack.engine import Engine

pytestmark = pytest.mark.slow

SECOND, THIRD = "+15551234568", "+15551234569"
ELSEWHERE = "https://other.example.com/voice"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """A project with three numbers and a sandbox."""
    folder = tmp_path_factory.mktemp("repairs")
    with running_clone(folder, numbers={NUMBER: {}, SECOND: {}, THIRD: {}}) as clone:
        yield clone


@pytest.fixture
def fresh(project: Clone) -> Clone:
    """An environment that was never deployed."""
    project.reset()
    project.pulumi("stack", "init", "--no-select")
    return project


@pytest.fixture
def clone(fresh: Clone) -> Clone:
    """The same environment, deployed."""
    fresh.up()
    return fresh


def follow(clone: Clone, report: Report) -> None:
    """Run every command that the findings advise, each once, in their order."""
    commands = [command.strip() for finding in report.findings for command in finding.fix.split("    then  ")]
    for command in dict.fromkeys(commands):
        program, *words = command.split()
        assert program in ("pulumi", "voicehooks"), f"no command: {command}"
        unattended = ["--yes", "--skip-preview"] if words[0] == "up" else []
        done = clone.run(program, *words, *unattended)
        assert done.returncode == 0, done.stdout + done.stderr


def test_attributes_of_the_state_cut_off(clone: Clone, tmp_path: Path) -> None:
    """A kill left an empty file beside a state that somebody is logged in to: the advice makes it readable."""
    state = tmp_path / "backend"
    shutil.copytree(clone.folder / ".voicehooks" / "state", state)
    for name in ("stacks/voicehooks/local.json", "stacks/voicehooks/local.json.attrs"):
        (state / ".pulumi" / name).rename(state / ".pulumi" / name.replace("local", "team"))
    attributes = state / ".pulumi/stacks/voicehooks/team.json.attrs"
    engine = Engine(clone.folder, "team", {"PULUMI_HOME": str(tmp_path / "home")})
    assert engine.try_without_stack("login", f"file://{state}").returncode == 0
    attributes.write_text("", encoding="utf-8")

    with pytest.raises(CommandError) as refused:
        engine.export()

    command = re.search(r"find \S+ -name '\*\.attrs' -empty -delete", refused.value.do)
    assert command is not None, refused.value
    subprocess.run(shlex.split(command[0]), check=True)
    assert not attributes.exists()
    assert engine.resources()


def test_wrapper_reads_a_state_with_cut_off_attributes(clone: Clone) -> None:
    """The same for the stack `local`: the next command reads the state as if nothing had been."""
    attributes = clone.folder / ".voicehooks/state/.pulumi/stacks/voicehooks/local.json.attrs"
    attributes.write_text("", encoding="utf-8")

    assert findings_by_check(examined(clone)) == {}


def test_never_deployed(fresh: Clone) -> None:
    """A stack without a deploy is one finding, whatever is missing in consequence; its command deploys."""
    report = examined(fresh)
    assert findings_by_check(report) == {"deployed": "problem"}
    follow(fresh, report)
    assert findings_by_check(examined(fresh)) == {}


def test_one_command_for_all_that_was_changed_behind_its_back(clone: Clone) -> None:
    """Changes at both vendors are a finding each, and the one command that they print repairs them together."""
    clone.supabase("DELETE", "functions/place-call")
    clone.supabase("PATCH", "functions/twilio-fallback", json={"body": "Deno.serve(() => new Response('x'));"})
    clone.supabase("PATCH", "functions/recording", json={"verify_jwt": False})
    clone.supabase("POST", "secrets", json=[{"name": "VOICEHOOKS_AUTH_TOKEN", "value": "another"}])
    clone.click(VoiceMethod="GET", StatusCallback="", VoiceFallbackUrl="")
    live = clone.number(SECOND)
    urls = {
        "VoiceUrl": "voice_url",
        "VoiceFallbackUrl": "voice_fallback_url",
        "StatusCallback": "status_callback",
    }
    clone.click(SECOND, **{name: live[field].partition("#")[0] for name, field in urls.items()})
    clone.click(THIRD, VoiceUrl=ELSEWHERE)
    report = examined(clone)
    assert findings_by_check(report) == {
        "urls": "problem",
        "drift": "problem",
        "events": "problem",
        "fallback": "warning",
        "delivery": "warning",
        "function": "problem",
        "verify-jwt": "problem",
        "revision": "problem",
        "secrets": "problem",
    }
    advice = {finding.fix.rpartition("  ")[2] for finding in report.findings}
    assert advice == {"pulumi up --stack local --refresh"}
    clone.up("--refresh")
    assert findings_by_check(examined(clone)) == {}


def test_application_of_somebody_else(clone: Clone) -> None:
    """A TwiML App on a number goes by the console alone: our command refuses to take what is not ours."""
    app = clone.twilio("POST", "Applications.json", data={"FriendlyName": "theirs", "VoiceUrl": ELSEWHERE})
    clone.click(VoiceApplicationSid=app["sid"], VoiceUrl=ELSEWHERE)
    report = examined(clone)
    assert findings_by_check(report) == {"precedence": "problem", "drift": "problem"}
    assert "belongs to the TwiML App" in clone.pulumi("up", "--yes", "--skip-preview", "--refresh", ok=False)
    assert report.findings[0].fix.startswith("clear the app at the number in the console, then  ")
    clone.click(VoiceApplicationSid="")
    clone.up("--refresh")
    assert findings_by_check(examined(clone)) == {}


def test_settings_that_ask_for_nothing(clone: Clone) -> None:
    """Settings without events, recording, fallback and retries, deployed: a warning each that names the setting."""  # noqa: E501
    defaults = clone.settings()["voicehooks:defaults"]
    clone.configure(defaults={"answer": True, "forwardTo": ["+15557654321"], "fallbackUrl": ""})
    clone.up()
    try:
        report = examined(clone)
    finally:
        clone.configure(defaults=defaults)
        clone.up()
    assert findings_by_check(report) == {
        "events": "warning",
        "recording": "warning",
        "fallback": "warning",
        "delivery": "warning",
    }
    for setting in ("statusEvents", "record", "fallbackUrl", "delivery"):
        assert any(f"voicehooks:defaults.{setting}:" in finding.fix for finding in report.findings)
    assert findings_by_check(examined(clone)) == {}


def test_dropped_table(clone: Clone) -> None:
    """A table that somebody dropped is made again by the commands of the finding."""
    clone.query("drop table public.twilio_recordings cascade")
    report = examined(clone)
    assert findings_by_check(report) == {"schema": "problem"}
    (finding,) = report.findings
    statement, _, command = finding.fix.partition("  in the dashboard's SQL editor, then  ")
    clone.query(statement)
    assert command == "pulumi up --stack local --refresh"
    clone.up("--refresh")
    assert findings_by_check(examined(clone)) == {}
    clone.call()
    assert findings_by_check(examined(clone)) == {}


def test_killed_update(clone: Clone) -> None:
    """An `up` that dies of kill -9 leaves a lock and pending operations: one check; its commands clear both."""
    source = clone.folder / "functions" / "_shared" / "twiml_for_request.ts"
    source.write_text(source.read_text(encoding="utf-8") + "// next\n", encoding="utf-8")
    kill_update(clone)
    report = examined(clone)
    assert findings_by_check(report) == {"lock": "problem"}
    assert [finding.fix.split(" --")[0] for finding in report.findings] == ["pulumi cancel", "pulumi refresh"]
    follow(clone, report)
    assert findings_by_check(examined(clone)) == {}
