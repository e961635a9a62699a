"""Credentials over an environment's life: the auth token is rotated without losing a call, no secret leaks."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from voicehooks_sandbox.testing import running_sandbox

from tests.support.clone import Clone, clone_repository
from tests.support.hand_deployed import NUMBER

pytestmark = pytest.mark.slow
OLD, NEW = "0123456789abcdef" * 2, "fedcba9876543210" * 2
PASSWORD = "old-servers-password"
FOREIGN = f"https://ana:{PASSWORD}@old.example.com/voice"


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    """An account whose token is known to nobody else, and a number that answers elsewhere with a password."""
    with running_sandbox(tmp_path / "sandbox", time_factor=50) as values:
        clone = clone_repository(
            tmp_path / "clone",
            {**values, "twilio_auth_token": OLD},
            defaults={**SETTINGS, "replaceExisting": True},
        )
        clone.control("POST", "account", json={"authToken": OLD})
        set_secret(clone, "twilio:authToken", OLD)
        clone.click(VoiceUrl=FOREIGN)
        yield clone


SETTINGS = {
    "answer": True,
    "statusEvents": ["initiated", "ringing", "answered", "completed"],
    "record": "record-from-answer",
    "forwardTo": ["+15557654321"],
}


def set_secret(clone: Clone, key: str, value: str) -> None:
    """Set a secret as a user does; it stands encrypted in the file."""
    done = clone.run("pulumi", "config", "set", "--stack", "local", "--secret", key, value)
    assert done.returncode == 0, done.stderr


COMMANDS = (["plan"], ["plan", "--json"], ["reconcile", "--json"], ["doctor", "--json"])


def said(clone: Clone, *command: str) -> str:
    """All that an operator's command says; it must have something to say."""
    done = clone.voicehooks(*command, "--stack", "local")
    assert done.returncode in {0, 1}, done.stderr
    assert done.stdout or "--out" in command, done.stderr
    return done.stdout + done.stderr


def failed_webhooks(clone: Clone) -> list[Any]:
    """What Twilio sent and nobody took."""
    sent = clone.control("GET", "webhook-requests")
    rows = sent["webhook_requests"] if isinstance(sent, dict) else sent
    assert rows, "Twilio sent nothing"
    return [row for row in rows if not 200 <= (row.get("status") or 0) < 300]


def test_the_auth_token_is_rotated_without_losing_a_call(clone: Clone) -> None:
    """As docs/threat-model.md says: both tokens, promotion during a call, one token; up, refresh, destroy."""
    clone.up()
    before = clone.call()
    # 1. A second token at Twilio; the function learns it.
    clone.control("POST", "account", json={"secondaryAuthToken": NEW})
    set_secret(clone, "voicehooks:secondaryAuthToken", NEW)
    clone.up()
    # 2. Promoted while a call is under way: its later callbacks carry the new token's signature.
    during = clone.control("POST", "calls", json={"from": "+15550100001", "to": NUMBER, "talkSeconds": 400})
    clone.control("POST", "account", json={"authToken": NEW, "secondaryAuthToken": ""})
    after = clone.call()
    during = clone.control("GET", f"calls/{during['sid']}", params={"wait": 60})
    # 3. The new one takes the old one's place.
    set_secret(clone, "twilio:authToken", NEW)
    done = clone.run("pulumi", "config", "rm", "--stack", "local", "voicehooks:secondaryAuthToken")
    assert done.returncode == 0, done.stderr
    clone.up()
    clone.pulumi("refresh", "--yes", "--skip-preview")
    clone.pulumi("preview", "--expect-no-changes")
    last = clone.call()

    assert failed_webhooks(clone) == []
    calls = [story["sid"] for story in (before, during, after, last)]
    rows = clone.query("select call_sid, status from public.twilio_calls where direction = 'inbound'")
    assert {row["call_sid"]: row["status"] for row in rows} == dict.fromkeys(calls, "completed")
    names = {row["name"] for row in clone.supabase("GET", "secrets")}
    assert "VOICEHOOKS_SECONDARY_AUTH_TOKEN" not in names
    restored = Clone(clone.folder, {**clone.values, "twilio_auth_token": NEW})
    clone.pulumi("destroy", "--yes", "--skip-preview")
    assert restored.number()["voice_url"] == FOREIGN


def test_no_secret_reaches_state_outputs_logs_or_plans(clone: Clone) -> None:
    """What commands print, what lies on the disk and what functions log never contains a secret."""
    set_secret(clone, "voicehooks:secondaryAuthToken", NEW)
    clone.configure()  # as a file that was written by hand
    (clone.folder / "Pulumi.local.yaml").write_text(
        yaml.safe_dump(yaml.safe_load((clone.folder / "Pulumi.local.yaml").read_text())), encoding="utf-8"
    )
    set_secret(clone, "supabase:accessToken", clone.values["supabase_access_token"])

    texts = {
        "first plan": said(clone, "plan", "--markdown", "--out", "first.json"),
        "kept plan": (clone.folder / "first.json").read_text(encoding="utf-8"),
        "preview": clone.pulumi("preview", "--diff"),
        "plan": clone.pulumi("preview", "--json"),
        "up": clone.pulumi("up", "--yes"),
        "call": json.dumps(clone.call()),
        "refresh": clone.pulumi("refresh", "--yes"),
        "outputs": clone.pulumi("stack", "output", "--json"),
        "export": clone.pulumi("stack", "export"),
        "history": clone.pulumi("stack", "history", "--json"),
        "rows": json.dumps(clone.query("select * from public.twilio_call_events")),
        "logs": clone.run("voicehooks", "sandbox", "logs", "twilio-webhook").stdout,
    }
    texts |= {" ".join(command): said(clone, *command) for command in COMMANDS}
    clone.control("POST", "account", json={"authToken": NEW})
    texts["refused"] = clone.pulumi("preview", ok=False)
    state = [p for p in (clone.folder / ".voicehooks").rglob("*") if p.is_file()]
    settings = clone.folder / "Pulumi.local.yaml"
    texts |= {str(p.relative_to(clone.folder)): p.read_text(errors="replace") for p in (*state, settings)}

    # What is no secret is found there, so secrets would be, too.
    assert any("stacks" in name and NUMBER in text for name, text in texts.items())
    secrets = (OLD, NEW, PASSWORD, clone.values["supabase_access_token"], clone.values["supabase_secret_key"])
    forms = {secret: (secret, base64.b64encode(secret.encode()).decode()) for secret in secrets}
    leaks = [(place, s[:4]) for place, text in texts.items() for s in secrets for f in forms[s] if f in text]
    assert leaks == []
