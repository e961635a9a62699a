"""`voicehooks plan` as a person and a workflow run it, with the real engine; nothing is deployed for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.clone import Clone
from tests.support.hand_deployed import BIN, NUMBER
from tests.support.shared_clone import UndeployedClone
from tests.support.terminal import run_in_terminal


@pytest.fixture
def clone(undeployed: Clone) -> Clone:
    """A clone that was never deployed: each plan is that of the first update."""
    return undeployed


@pytest.fixture(scope="session")
def saved_preview(_undeployed_clone: UndeployedClone, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `pulumi preview --json` prints for it."""
    clone = _undeployed_clone.restored()
    file = tmp_path_factory.mktemp("preview") / "preview.json"
    done = clone.run("pulumi", "preview", "--json", "--stack", "local", "--non-interactive")
    file.write_text(done.stdout, encoding="utf-8")
    return file


@pytest.fixture
def preview(saved_preview: Path, clone: Clone) -> Path:
    """The preview of the clone as it is."""
    return saved_preview


def test_plan_of_the_first_update(clone: Clone) -> None:
    """The plan is printed with the environment, the commit and the next step; the exit code is 0."""
    clone.git("init", "--quiet")
    clone.git("commit", "--quiet", "--allow-empty", "-m", "start")
    head = clone.git("rev-parse", "--short=7", "HEAD").strip()
    done = clone.voicehooks("plan")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("local: 1 number joining, ")
    assert f"commit {head}" in done.stdout.splitlines()[0]
    assert f"{NUMBER}  -> twilio-webhook -> rings +15557654321, recorded" in done.stdout
    assert done.stdout.rstrip().endswith("next: pulumi up --stack local")
    assert "\x1b" not in done.stdout
    assert done.stderr.strip() == "local: previewing ..."


def test_plan_on_a_terminal(clone: Clone, preview: Path) -> None:
    """A terminal shows the same plan."""
    shown = run_in_terminal([BIN / "voicehooks", "plan", "--preview", preview], clone.folder)
    assert shown.exit_code == 0
    assert "1 number joining" in shown.text


def test_saved_plan_is_recognized(clone: Clone, preview: Path, tmp_path: Path) -> None:
    """The plan that was saved is what --json prints, and is recognized when it comes again."""
    saved = tmp_path / "plan.json"
    done = clone.voicehooks("plan", "--preview", str(preview), "--json", "--out", str(saved))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(saved.read_text())
    assert json.loads(done.stdout)["stack"] == "local"
    same = clone.voicehooks("plan", "--preview", str(preview), "--compare", str(saved))
    assert same.returncode == 0, same.stdout
    assert "this is the plan that was reviewed" in same.stdout


def test_number_that_joined_the_account_was_not_reviewed(clone: Clone, preview: Path, tmp_path: Path) -> None:
    """Under "*" a number bought since the review makes another plan, which is refused and named (1)."""
    saved = tmp_path / "plan.json"
    clone.voicehooks("plan", "--preview", str(preview), "--out", str(saved))
    settings = clone.settings()["voicehooks:numbers"]
    joined = "+15551230000"
    clone.control("POST", "numbers", json={"phone_numbers": [joined]})
    clone.configure(numbers={**settings, "*": {}})
    other = clone.voicehooks("plan", "--markdown", "--compare", str(saved))
    clone.configure(numbers=settings)
    assert other.returncode == 1
    assert "NOT the plan that was reviewed" in other.stderr
    assert f"+ not reviewed   {joined}" in other.stderr
    assert other.stdout.startswith("<!-- voicehooks plan: local -->")


def test_failed_preview_is_rendered(clone: Clone) -> None:
    """A preview that fails becomes a comment as well: what failed, why, what to do; the exit code is 2."""
    settings = clone.settings()["voicehooks:numbers"]
    clone.configure(numbers={NUMBER: {"ringSecond": 20}})
    done = clone.voicehooks("plan", "--markdown")
    clone.configure(numbers=settings)
    assert done.returncode == 2
    assert "### local: the preview failed" in done.stdout
    assert "ringSecond is not a known setting; did you mean ringSeconds?" in done.stdout
    assert "What to do: correct the settings" in done.stdout


def test_broken_rule_fails_the_plan(clone: Clone) -> None:
    """A rule of the team that is broken as an error makes the exit code 1."""
    clone.configure(rules={"retries": {"atLeast": 5}})
    done = clone.voicehooks("plan")
    clone.configure(rules=None)
    assert done.returncode == 1, done.stdout
    assert f"error  retries  {NUMBER}  3 retries, at least 5 are asked for" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--preview", "none.json"], "none.json cannot be read: No such file or directory"),
        (["--preview", "Pulumi.yaml"], "not what pulumi preview --json prints"),
        (["--compare", "none.json"], "none.json cannot be compared with: No such file or directory"),
        (["--compare", "Pulumi.yaml"], "not what voicehooks plan --out wrote"),
        (["--json", "--markdown"], "exclude each other"),
    ],
)
def test_wrong_arguments_are_one_sentence(clone: Clone, arguments: list[str], words: str) -> None:
    """What cannot be done is reported in one line, with exit code 2."""
    done = clone.voicehooks("plan", *arguments)
    assert done.returncode == 2
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_unknown_environment_names_the_next_step(clone: Clone) -> None:
    """A stack that is not there is a failed plan that says how one is made."""
    done = clone.voicehooks(
        "plan",
        "--stack",
        "prod",
        environment={
            "PULUMI_BACKEND_URL": f"file://{clone.folder}",
            "PULUMI_CONFIG_PASSPHRASE": "x",
        },
    )
    assert done.returncode == 2
    assert "prod: the preview failed" in done.stdout
    assert "voicehooks init prod" in done.stdout
