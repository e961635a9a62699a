"""What `voicehooks doctor` advises repairs what it found: the printed commands are run, all is well."""

from __future__ import annotations

import json
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
    commands = [command for finding in report.findings for command in finding.fix.split(" && ")]
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
    advice = {finding.fix for finding in report.findings}
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
    assert report.findings[0].do == "clear the app at the number in the console"
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
        assert any(setting in finding.do + finding.fix for finding in report.findings)
    assert findings_by_check(examined(clone)) == {}


def test_dropped_table(clone: Clone) -> None:
    """A table that somebody dropped is made again by the commands of the finding."""
    clone.query("drop table public.twilio_recordings cascade")
    report = examined(clone)
    assert findings_by_check(report) == {"schema": "problem"}
    (finding,) = report.findings
    clone.query(finding.do.rpartition(": ")[2])
    assert finding.fix == "pulumi up --stack local --refresh"
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


def test_what_the_settings_leave_alone_is_not_a_finding(fresh: Clone) -> None:
    """A phone menu at a TwiML App, and a number that another server answers, both managed as they are."""
    app = fresh.twilio("POST", "Applications.json", data={"FriendlyName": "ivr", "VoiceUrl": ELSEWHERE})
    fresh.click(SECOND, VoiceApplicationSid=app["sid"])
    fresh.click(THIRD, VoiceUrl=ELSEWHERE)
    before = fresh.settings()
    own = {"statusCallback": "https://other.example.com/status"}
    try:
        fresh.configure(
            defaults={"delivery": {"retries": 3, "retryOn": ["connect", "read-timeout", "5xx"]}},
            numbers={
                NUMBER: {
                    "answer": True,
                    "record": "record-from-answer",
                    "fallbackUrl": "default",
                    "statusEvents": ["initiated", "ringing", "answered", "completed"],
                },
                SECOND: {},
                THIRD: own,
            },
        )
        fresh.up()
        report = examined(fresh)
    finally:
        fresh.configure(defaults=before["voicehooks:defaults"], numbers=before["voicehooks:numbers"])
    assert {code: status for code, status in findings_by_check(report).items() if code != "events"} == {}
    assert not [finding for finding in report.findings if finding.subject in (SECOND, THIRD)]
    summaries = {outcome.check.code: outcome.summary for outcome in report.outcomes}
    assert summaries["recording"] == "the handler answers 1 number, 1 of them recorded"


def test_what_affects_callers_most_comes_first(clone: Clone) -> None:
    """The deleted function, which is why nobody is answered, comes before the URL of a single number."""
    clone.supabase("DELETE", "functions/twilio-webhook")
    clone.click(SECOND, VoiceUrl=ELSEWHERE)
    clone.supabase("POST", "secrets", json=[{"name": "VOICEHOOKS_CALL_OPTIONS", "value": "another"}])
    shown = clone.voicehooks("doctor", "--stack", "local").stdout.splitlines()
    assert shown[1].startswith("[x]  function             twilio-webhook: it is not deployed")
    marks = [line[:5].strip() for line in shown if line.startswith("[")]
    assert marks == sorted(marks, key=["[x]", "[?]", "[!]", "[-]", "[ok]"].index)
    start = shown.index("Begin with function:")
    assert shown[start + 1] == "    pulumi up --stack local --refresh"


def test_alerts_of_a_repaired_outage_are_history(clone: Clone) -> None:
    """Twilio's alerts warn while the URL fails its checks, and are only counted once it passes them again."""
    clone.supabase("DELETE", "functions/twilio-webhook")
    clone.call()
    assert findings_by_check(examined(clone, ["alerts"])) == {"alerts": "warning"}
    clone.up("--refresh")
    report = examined(clone, ["alerts"])
    assert findings_by_check(report) == {}
    assert "have passed their checks since" in report.outcomes[0].summary


def test_fix_makes_the_safe_repairs_and_no_others(clone: Clone) -> None:
    """A missing secret is set and lost callbacks are fetched; a number that was repointed stays as it is."""
    clone.call()
    clone.query(
        "delete from public.twilio_call_events; delete from public.twilio_recordings; "
        "delete from public.twilio_calls"
    )
    clone.supabase("DELETE", "secrets", json=["VOICEHOOKS_CALL_OPTIONS"])
    clone.click(SECOND, VoiceUrl=ELSEWHERE)

    refused = clone.voicehooks("doctor", "--fix")
    assert refused.returncode == 2
    assert "voicehooks doctor --fix --yes --stack local" in refused.stderr
    names = {secret["name"] for secret in clone.supabase("GET", "secrets")}
    assert "VOICEHOOKS_CALL_OPTIONS" not in names

    done = clone.voicehooks("doctor", "--fix", "--yes", "--json")
    assert "set the secret VOICEHOOKS_CALL_OPTIONS to its value of the last update" in done.stderr
    document = json.loads(done.stdout)
    statuses = {check["check"]: check["status"] for check in document["checks"]}
    assert statuses["secrets"] == "ok"
    assert statuses["drift"] == "problem"
    assert clone.number(SECOND)["voice_url"] == ELSEWHERE
