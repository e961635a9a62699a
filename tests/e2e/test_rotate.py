"""`voicehooks rotate`, interrupted at every step while calls come in: none is lost, none is refused."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from twilio.request_validator import RequestValidator
from voicehooks_sandbox.testing import running_sandbox

from tests.support.clone import Clone, clone_repository, variables
from tests.support.killed_update import kill_update
from tests.support.waiting import PATIENCE
from voicehooks.commands.rotate import command
from voicehooks.commands.rotate.progress import STEPS
from voicehooks.commands.rotate.tokens import Tokens
from voicehooks.stack.engine import Engine
from voicehooks.stack.stack_health import stack_health

pytestmark = pytest.mark.slow
OLD = "0123456789abcdef" * 2
SETTINGS = {
    "answer": True,
    "statusEvents": ["initiated", "ringing", "answered", "completed"],
    "record": "record-from-answer",
    "forwardTo": ["+15557654321"],
    "fallbackUrl": "default",
}
SECONDARY = "voicehooks:secondaryAuthToken"


class Interrupted(Exception):
    """The command ends here, as if it were killed."""


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clone]:
    """A deployed stack whose token is in its settings; commands run in this process, in its folder."""
    with running_sandbox(tmp_path / "sandbox", time_factor=50) as values:
        clone = clone_repository(
            tmp_path / "clone",
            {**values, "twilio_auth_token": OLD},
            defaults=SETTINGS,
        )
        clone.control("POST", "account", json={"authToken": OLD})
        done = clone.run("pulumi", "config", "set", "--stack", "local", "--secret", "twilio:authToken", OLD)
        assert done.returncode == 0, done.stderr
        clone.up()
        for name in set(os.environ) - set(variables()):
            monkeypatch.delenv(name)
        monkeypatch.chdir(clone.folder)
        monkeypatch.setattr(command, "_SETTLE_SECONDS", 0)
        yield clone


@pytest.fixture
def traffic(clone: Clone) -> Iterator[list[str]]:
    """Calls that come in one after the other, until the test is over; their SIDs."""
    over, calls, errors = threading.Event(), [], []

    def call() -> None:
        try:
            while not over.is_set():
                calls.append(clone.call(talkSeconds=20)["sid"])
        except Exception as error:  # noqa: BLE001 - reported below
            errors.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    yield calls
    over.set()
    thread.join(PATIENCE)
    assert errors == []


def rotate(*, dry_run: bool = False) -> dict[str, Any]:
    """Run the command in this process."""
    assert command.run("local", dry_run=dry_run, yes=True, as_json=True) == 0
    return {}


def interrupt(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, when: Any = lambda *_: True) -> None:
    """Let the next call of a method do its work, and the command end right after it."""
    method = getattr(owner, name)

    def struck(self: Any, *arguments: Any, **more: Any) -> Any:
        result = method(self, *arguments, **more)
        if when(*arguments):
            raise Interrupted
        return result

    async def struck_later(self: Any, *arguments: Any, **more: Any) -> Any:
        await method(self, *arguments, **more)
        raise Interrupted

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, struck_later if owner is Tokens else struck)
        with pytest.raises(Interrupted):
            rotate()


def ahead(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The steps that a dry run names."""
    capsys.readouterr()
    rotate(dry_run=True)
    found: list[str] = json.loads(capsys.readouterr().out)["ahead"]
    return found


def test_rotation_that_is_interrupted_at_every_step(
    clone: Clone, traffic: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each run ends after one more thing was done, also where its answer or half of the step is lost."""
    steps = list(STEPS)
    assert ahead(capsys) == steps
    interrupt(monkeypatch, Tokens, "create")  # made at Twilio, and not stored
    assert ahead(capsys) == steps
    interrupt(monkeypatch, Engine, "set_secret")  # stored
    assert ahead(capsys) == steps[1:]
    kill_update(clone)  # the engine dies with half of the functions deployed
    for problem in stack_health(Engine(clone.folder, "local")).problems:
        for line in problem.commands:
            if (words := line.split()[1:])[0] != "up":  # the command's own update follows
                clone.run("pulumi", *words).check_returncode()
    assert ahead(capsys) == steps[1:]
    interrupt(monkeypatch, Engine, "run", lambda *arguments: arguments[0] == "up")  # deployed with both
    assert ahead(capsys) == steps[2:]
    interrupt(monkeypatch, Tokens, "promote")  # promoted, and its answer is lost
    assert ahead(capsys) == steps[3:]
    interrupt(monkeypatch, Engine, "set_secret")  # half of the switch
    assert ahead(capsys) == steps[3:]
    interrupt(monkeypatch, Engine, "run", lambda *arguments: arguments[:2] == ("config", "rm"))
    assert ahead(capsys) == steps[4:]
    rotate()
    assert ahead(capsys) == steps
    last = clone.call()["sid"]

    sent = clone.control("GET", "webhook-requests")["webhook_requests"]
    assert [request for request in sent if not 200 <= (request["status"] or 0) < 300] == []
    new = clone.control("GET", "account")["authToken"]
    signed_by = {
        token: sum(
            RequestValidator(token).validate(
                request["url"].partition("#")[0], request["params"], request["headers"]["x-twilio-signature"]
            )
            for request in sent
        )
        for token in (OLD, new)
    }
    assert all(signed_by.values()), "calls came in before and after the promotion"
    assert sum(signed_by.values()) == len(sent)
    rows = clone.query("select call_sid, status from public.twilio_calls where direction = 'inbound'")
    known = {row["call_sid"]: row["status"] for row in rows}
    assert {sid: known.get(sid) for sid in [*traffic, last]} == dict.fromkeys([*traffic, last], "completed")

    # The old token signs nothing any more, and the settings have the new one only, encrypted.
    form = {"VoicehooksCheck": "x"}
    signature = RequestValidator(OLD).compute_signature(clone.values["webhook_url"], form)
    refused = httpx.post(clone.values["webhook_url"], data=form, headers={"X-Twilio-Signature": signature})
    assert refused.status_code == 403
    assert SECONDARY not in clone.settings()
    assert new not in clone.settings_file.read_text(encoding="utf-8")
    assert "VOICEHOOKS_SECONDARY_AUTH_TOKEN" not in {row["name"] for row in clone.supabase("GET", "secrets")}
    clone.pulumi("preview", "--expect-no-changes")


def test_dry_run_and_refusals(clone: Clone, capsys: pytest.CaptureFixture[str]) -> None:
    """A dry run changes nothing; without a terminal it needs --yes; a token of a variable cannot be rotated."""
    before = clone.settings_file.read_text(encoding="utf-8")
    clone.control("DELETE", "api-requests")
    assert ahead(capsys) == list(STEPS)
    assert {request["method"] for request in clone.control("GET", "api-requests")["api_requests"]} == {"GET"}
    clone.configure(defaults={**SETTINGS, "ringSeconds": 20})
    pending = clone.voicehooks("rotate", "--yes")
    assert pending.returncode == 2
    assert "change other things" in pending.stderr
    clone.settings_file.write_text(before, encoding="utf-8")
    refused = clone.voicehooks("rotate")
    assert refused.returncode == 2
    assert "voicehooks rotate --yes" in refused.stderr
    assert clone.settings_file.read_text(encoding="utf-8") == before
    clone.run("pulumi", "config", "rm", "--stack", "local", "twilio:authToken")
    variable = clone.run("voicehooks", "rotate", "--yes", environment={"TWILIO_AUTH_TOKEN": OLD})
    assert variable.returncode == 2
    assert "TWILIO_AUTH_TOKEN" in variable.stderr
    for output in (refused, variable):
        assert OLD not in output.stdout + output.stderr
