"""`voicehooks history`, `rollback` and what a killed update leaves, under the real engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.support.clone import Clone, clone_repository
from tests.support.hand_deployed import AGENT, BIN, NUMBER
from tests.support.killed_update import kill_update
from tests.support.terminal import run_in_terminal
from voicehooks.stack.engine import Engine
from voicehooks.stack.stack_health import stack_health

pytestmark = pytest.mark.slow
DEFAULTS = {"answer": True, "statusEvents": ["completed"], "forwardTo": [AGENT]}
OTHER = "+15557650000"


@pytest.fixture
def clone(sandbox: dict[str, str], tmp_path: Path) -> Clone:
    """A git clone, deployed twice: with one retry (update 1) and with three (update 2), a commit each."""
    clone = clone_repository(
        tmp_path, sandbox, defaults={**DEFAULTS, "delivery": {"retries": 1}}, allowedOrigins=None
    )
    clone.git("init", "--quiet")
    commit(clone, "One retry")
    clone.up()
    clone.configure(defaults={**DEFAULTS, "delivery": {"retries": 3}})
    commit(clone, "Three retries")
    clone.up()
    return clone


def commit(clone: Clone, message: str) -> None:
    """Commit everything."""
    clone.git("add", "--all")
    clone.git("commit", "--quiet", "--message", message)


def retries(clone: Clone) -> str:
    """The connection overrides of the number's voice URL."""
    return str(clone.number()["voice_url"].partition("#")[2])


def change_code(clone: Clone, text: str) -> None:
    """Change the handler."""
    path = clone.folder / "functions" / "twilio-webhook" / "index.ts"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n// {text}\n", encoding="utf-8")


def test_back_and_further_back(clone: Clone) -> None:
    """A program change goes back, then the settings change before it; history and repository tell it."""
    change_code(clone, "third")
    commit(clone, "Another handler")
    clone.up()
    rows = json.loads(clone.voicehooks("history", "--json").stdout)["updates"]
    assert [(row["number"], row["message"], row["live"]) for row in rows] == [
        (3, "Another handler", True),
        (2, "Three retries", False),
        (1, "One retry", False),
    ]
    assert f"{NUMBER} delivery retries 1 -> retries 3" in rows[1]["changed"]
    assert any(said.startswith("function twilio-webhook code") for said in rows[0]["changed"])

    done = clone.voicehooks("rollback", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'Roll back local from 3 to 2 "Three retries" (skipping none)' in done.stderr
    assert done.stdout.splitlines()[-1] == "local: rollback to 2 done, verified"
    assert retries(clone) == "rc=3"
    # The worktree is gone, and the settings file is as it was then.
    assert len(clone.git("worktree", "list").splitlines()) == 1
    assert clone.settings()["voicehooks:defaults"]["delivery"] == {"retries": 3}

    done = clone.voicehooks("rollback", "--yes", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads(done.stdout)
    assert (document["from"], document["to"], document["done"]) == (4, 1, True)
    assert document["verified"]
    assert retries(clone) == "rc=1"
    assert clone.settings()["voicehooks:defaults"]["delivery"] == {"retries": 1}
    rows = json.loads(clone.voicehooks("history", "--json").stdout)["updates"]
    assert [row["message"] for row in rows[:2]] == ["rollback to 1", "rollback to 2"]
    message = (clone.folder / ".voicehooks" / "rollback-message").read_text(encoding="utf-8")
    assert message.startswith("Roll local back to update 1\n")
    clone.git("commit", "--quiet", "--all", "--file", ".voicehooks/rollback-message")
    assert "no update before 1 succeeded" in clone.voicehooks("rollback", "--yes").stderr
    assert clone.call()["status"] == "completed"


def test_back_to_a_rollback_and_not_to_what_it_undid(clone: Clone) -> None:
    """After a bad update, a rollback and a new update, the way back is to the rollback's program."""
    clone.voicehooks("rollback", "--yes")
    commit(clone, "Back to one retry")
    change_code(clone, "newer")
    commit(clone, "Newer handler")
    clone.up()
    done = clone.voicehooks("rollback", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'Roll back local from 4 to 3 "rollback to 1" (skipping none)' in done.stderr
    assert retries(clone) == "rc=1"


def test_asks_and_a_dry_run_changes_nothing(clone: Clone) -> None:
    """In a terminal the stack's name is the answer; anything else, and --dry-run, leave all as it is."""
    done = clone.voicehooks("rollback", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "rc=3" in done.stderr or "retries" in done.stderr
    assert done.stdout == "local: dry run: nothing was changed\n"
    assert "there is no terminal to confirm in" in clone.voicehooks("rollback").stderr
    command = [BIN / "voicehooks", "rollback"]
    shown = run_in_terminal(
        command,
        clone.folder,
        answers={"to continue: ": "prod"},
    )
    assert shown.exit_code == 2
    assert "local was not changed: that is not its name" in shown.text
    assert retries(clone) == "rc=3"
    shown = run_in_terminal(
        command,
        clone.folder,
        answers={"to continue: ": "local"},
    )
    assert shown.exit_code == 0, shown.text
    assert retries(clone) == "rc=1"


def test_a_settings_file_with_changes_of_its_own_is_left_alone(clone: Clone) -> None:
    """What is not committed is not overwritten: the other file goes beside it."""
    clone.configure(defaults={**DEFAULTS, "delivery": {"retries": 5}})
    done = clone.voicehooks("rollback", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert clone.settings()["voicehooks:defaults"]["delivery"] == {"retries": 5}
    beside = yaml.safe_load((clone.folder / "Pulumi.local.yaml.rollback").read_text(encoding="utf-8"))
    assert beside["config"]["voicehooks:defaults"]["delivery"] == {"retries": 1}
    assert "mv Pulumi.local.yaml.rollback Pulumi.local.yaml" in done.stdout


def test_a_rotated_token_stays(clone: Clone) -> None:
    """After a rotation the way back keeps today's token; the old one is refused, for Twilio has dropped it."""
    rotated = "b" * 32
    clone.control("POST", "account", json={"authToken": rotated})
    path = clone.folder / "Pulumi.local.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["config"].pop("twilio:authToken")
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    clone.run("pulumi", "config", "set", "--secret", "--stack", "local", "twilio:authToken", rotated)
    assert "secure" in clone.settings()["twilio:authToken"]
    clone.up()
    commit(clone, "Rotated")
    done = clone.voicehooks("rollback", "1", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert rotated not in done.stdout + done.stderr
    assert "secure" in clone.settings()["twilio:authToken"]
    assert clone.call()["status"] == "completed"
    assert clone.query("select count(*) as n from twilio_calls where status = 'completed'")[0]["n"] > 0


def test_secrets_of_then_come_back_once_they_prove_live(clone: Clone) -> None:
    """The old token is refused while Twilio signs with another one, and comes back, encrypted, when it does."""
    old, new = clone.values["twilio_auth_token"], "c" * 32
    for token, message in ((old, "Old token"), (new, "New token")):
        clone.control("POST", "account", json={"authToken": token})
        clone.run("pulumi", "config", "set", "--secret", "--stack", "local", "twilio:authToken", token)
        commit(clone, message)
        clone.up()
    refused = clone.voicehooks("rollback", "--with-secrets", "--yes")
    assert refused.returncode == 2
    assert "Twilio no longer accepts the previous auth token" in refused.stderr
    clone.control("POST", "account", json={"authToken": old})
    done = clone.voicehooks("rollback", "--with-secrets", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert old not in done.stdout + done.stderr
    assert "secure" in clone.settings()["twilio:authToken"]
    assert clone.pulumi("config", "get", "twilio:authToken").strip() == old
    assert clone.call()["status"] == "completed"


def test_numbers_alone_while_supabase_is_down(clone: Clone) -> None:
    """From the state alone: Twilio gets what the number had, although no Supabase and no commit is there."""
    clone.supabase_control("POST", "faults", json={"paused": True})
    (clone.folder / ".git").rename(clone.folder / "gone")
    try:
        done = clone.voicehooks("rollback", "--numbers-only", "--yes")
    finally:
        clone.supabase_control("POST", "faults", json={"clear": True})
    assert done.returncode == 0, done.stdout + done.stderr
    assert retries(clone) == "rc=1"
    assert "functions" in done.stderr + done.stdout
    assert clone.voicehooks("rollback", "--numbers-only", "--yes").stdout.startswith("local: nothing was")


def test_refuses_what_no_commit_has(clone: Clone) -> None:
    """An update from a dirty tree is not repeated; its settings alone are, if asked to."""
    change_code(clone, "not committed")
    clone.up()
    commit(clone, "Committed later")
    clone.configure(defaults={**DEFAULTS, "delivery": {"retries": 4}})
    commit(clone, "Four retries")
    clone.up()
    done = clone.voicehooks("rollback", "3", "--yes")
    assert done.returncode == 2
    assert "with changes that were not committed; its settings alone, with today's program" in done.stderr
    done = clone.voicehooks("rollback", "3", "--config-only", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert retries(clone) == "rc=3"


def test_a_killed_update_is_named_and_cleared(clone: Clone) -> None:
    """After kill -9: the lock and the pending operation, and the commands that clear them in this order."""
    engine = Engine(clone.folder, "local")
    assert stack_health(engine).problems == ()
    change_code(clone, "killed")
    kill_update(clone)
    problems = stack_health(engine).problems
    assert [problem.commands[0].split(" --")[0] for problem in problems] == ["pulumi cancel", "pulumi refresh"]
    report = clone.voicehooks("doctor", "--check", "lock", "--json")
    assert report.returncode == 1, report.stdout + report.stderr
    assert "pulumi cancel --yes --stack local" in report.stdout
    for problem in problems:
        for command in problem.commands:
            words = command.split()[1:]
            if words[0] == "up":
                words += ["--yes", "--skip-preview"]
            done = clone.run("pulumi", *words)
            assert done.returncode == 0, done.stdout + done.stderr
    assert stack_health(engine).problems == ()
    clone.pulumi("preview", "--expect-no-changes")
