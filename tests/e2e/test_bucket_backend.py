"""A stack whose state lies in a bucket: the engine writes it through a real S3 API, our commands read it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.clone import Clone, clone_repository
from tests.support.hand_deployed import AGENT, NUMBER
from tests.support.killed_update import kill_update
from tests.support.s3 import CREDENTIALS, Service, running_s3

pytestmark = pytest.mark.slow
DEFAULTS = {"answer": True, "statusEvents": ["completed"], "forwardTo": [AGENT]}
STACK = ("--stack", "team")


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """The bucket."""
    with running_s3() as service:
        yield service


@pytest.fixture
def clone(service: Service, sandbox: dict[str, str], tmp_path: Path) -> Clone:
    """A clone whose stack lives in the bucket: one retry (1), three (2, compressed from then on), again (3)."""
    environment = {
        **CREDENTIALS,
        "PULUMI_BACKEND_URL": service.backend(f"some/{tmp_path.name}"),
        "PULUMI_CONFIG_PASSPHRASE": "local",  # its settings begin as those of `local`, salt included
    }
    clone = clone_repository(
        tmp_path,
        sandbox,
        stack="team",
        environment=environment,
        defaults={**DEFAULTS, "delivery": {"retries": 1}},
        allowedOrigins=None,
    )
    clone.up("--message", "One retry")
    environment["PULUMI_DIY_BACKEND_GZIP"] = "true"
    clone.configure(defaults={**DEFAULTS, "delivery": {"retries": 3}})
    clone.up("--message", "Three retries")
    clone.up("--message", "Nothing new")
    return clone


def test_history_numbers_and_locks(clone: Clone, service: Service, tmp_path: Path) -> None:
    """What each update changed, numbers back while Supabase is down, and a killed update named and cleared."""
    rows = json.loads(clone.voicehooks("history", "--json", *STACK).stdout)["updates"]
    assert [(row["number"], row["noChange"], row["live"]) for row in rows] == [
        (3, True, True),
        (2, False, False),
        (1, False, False),
    ]
    assert f"{NUMBER} delivery retries 1 -> retries 3" in rows[1]["changed"]
    assert f"{NUMBER} joined" in rows[2]["changed"]
    assert "     no change\n" in clone.voicehooks("history", *STACK).stdout

    clone.supabase_control("POST", "faults", json={"paused": True})
    try:
        done = clone.voicehooks("rollback", "--numbers-only", "--yes", *STACK)
    finally:
        clone.supabase_control("POST", "faults", json={"clear": True})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "update 3 changed nothing; going back to 1\nRoll back team from 3 to 1" in done.stderr
    assert clone.number()["voice_url"].endswith("#rc=1")

    blind_commands_still_work(clone, service.backend(f"some/{tmp_path.name}", "&dualstack=false"))

    code = clone.folder / "functions" / "twilio-webhook" / "index.ts"
    code.write_text(code.read_text(encoding="utf-8") + "\n// killed\n", encoding="utf-8")
    kill_update(clone, lambda: is_pending(service, f"some/{tmp_path.name}/.pulumi/stacks/"))
    done = clone.voicehooks("doctor", "--check", "lock", "--json", *STACK)
    assert done.returncode == 1, done.stdout + done.stderr
    findings = json.loads(done.stdout)["checks"][0]["findings"]
    assert [finding["what"].partition(":")[0] for finding in findings] == [
        "team is locked by an update that is not running any more",
        "an update of team was killed in the middle",
    ]
    commands = [command for finding in findings for command in finding["fix"].split(" && ")]
    assert commands[0] == "pulumi cancel --yes --stack team"
    for command in commands:
        words = command.split()[1:]
        done = clone.run("pulumi", *words, *(["--yes", "--skip-preview"] if words[0] == "up" else []))
        assert done.returncode == 0, done.stdout + done.stderr
    done = clone.voicehooks("doctor", "--check", "lock", *STACK)
    assert done.returncode == 0, done.stdout + done.stderr


def blind_commands_still_work(clone: Clone, backend: str) -> None:
    """With an option that only the CLI understands: history without its column, and a doctor who warns."""
    environment: Mapping[str, str] = {"PULUMI_BACKEND_URL": backend}
    why = "the backend's address has an option that is not understood here: dualstack"
    done = clone.voicehooks("history", *STACK, environment=environment)
    assert done.returncode == 0, done.stderr
    assert "Three retries" in done.stdout
    assert done.stdout.splitlines()[-1].startswith(f"what changed is not shown: {why}; copy its .pulumi")
    done = clone.voicehooks("doctor", "--check", "lock", "--json", *STACK, environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    finding = json.loads(done.stdout)["checks"][0]["findings"][0]
    assert (finding["severity"], finding["what"], finding["is"]) == (
        "warning",
        "whether team is locked cannot be seen",
        why,
    )
    done = clone.voicehooks("rollback", "--numbers-only", "--yes", *STACK, environment=environment)
    assert done.returncode == 2
    assert f"the numbers cannot go back to 1: {why}" in done.stderr.replace("\n", " ")


def is_pending(service: Service, stacks: str) -> bool:
    """Whether the stack's state has operations pending."""
    names = [name for name in service.names(stacks) if name.endswith(".json.gz")]
    return any(b'"pending_operations"' in gzip.decompress(service.get(name)) for name in names)
