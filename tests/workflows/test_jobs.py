"""The commands of each job, run in a clone against the sandbox and a stub of GitHub."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from voicehooks_sandbox.testing import running_sandbox

from tests.support.clone import Clone, clone_repository
from tests.support.hand_deployed import NUMBER
from tests.support.stub_github import StubGitHub, running_github
from tests.workflows.jobs import ROOT, Step, run, steps

pytestmark = pytest.mark.slow
ELSEWHERE = "https://static.example.com/voice-fallback.xml"


class Runner:
    """A checkout whose environment is the sandbox, a stub of GitHub, and the page of the last job."""

    def __init__(self, clone: Clone, github: StubGitHub) -> None:
        self.clone = clone
        self.github = github

    def job(self, workflow: str, job: str, **inputs: str) -> list[subprocess.CompletedProcess[str]]:
        """Run a job's scripts in order; conditions on an input are kept, a failure does not end it."""
        return [
            self._step(step, inputs)
            for step in steps(ROOT / ".github" / "workflows" / workflow)
            if step.job == job and self._wanted(step.condition, inputs)
        ]

    def summary(self) -> str:
        """What the job's page shows."""
        return self._page.read_text(encoding="utf-8")

    @property
    def _page(self) -> Path:
        return self.clone.folder.parent / "summary.md"

    def _step(self, step: Step, inputs: dict[str, str]) -> subprocess.CompletedProcess[str]:
        expressions = {
            "matrix.stack": "local",
            "inputs.stack || 'prod'": "local",
            "inputs.since || '24h'": "24h",
            "github.event.pull_request.number": "7",
            "github.token": "stub",
            **{f"inputs.{name}": value for name, value in inputs.items()},
        }
        return run(
            step, self.clone.folder, expressions, {**self.github.variables(self._page), "STACK": "local"}
        )

    @staticmethod
    def _wanted(condition: str, inputs: dict[str, str]) -> bool:
        return not (
            (condition == "${{ inputs.to != '' }}" and not inputs["to"])
            or (condition == "${{ inputs.to == '' }}" and inputs["to"])
        )


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """A repository with one commit, deployed by the job for dev."""
    folder = tmp_path_factory.mktemp("j")
    with running_sandbox(folder / "sandbox", time_factor=50) as values, running_github() as github:
        clone = clone_repository(folder / "clone", values)
        (clone.folder / "tools").symlink_to(ROOT / "tools")
        clone.git("init", "--quiet", "--initial-branch=main")
        (clone.folder / ".git" / "info" / "exclude").write_text("tools\nplan-*.json\nreviewed.json\n")
        clone.git("add", ".")
        clone.git("commit", "--quiet", "-m", "First")
        runner = Runner(clone, github)
        deploy, *_ = runner.job("deploy.yml", "dev")
        assert deploy.returncode == 0, deploy.stdout + deploy.stderr
        yield runner


@pytest.fixture
def runner(deployed: Runner) -> Runner:
    """The same, with nothing written at GitHub yet."""
    deployed.github.forget()
    return deployed


def ended(done: subprocess.CompletedProcess[str]) -> int:
    """The exit code; what was printed is shown where a test fails."""
    print(done.stdout, done.stderr)
    return done.returncode


def test_the_deploy_is_reported_and_checked(runner: Runner) -> None:
    """Deployed again: nothing changes, the doctor is content, both verdicts stand on the job's page."""
    codes = [ended(done) for done in runner.job("deploy.yml", "dev")]

    assert codes == [0, 0]
    assert "## Deploy local: fine" in runner.summary()
    assert "## Doctor local: fine" in runner.summary()


def test_the_plan_becomes_one_comment_and_is_compared(runner: Runner) -> None:
    """A pull request's plan is written twice and is one comment; prod's deploy compares with what it kept."""
    for _ in range(2):
        (plan,) = runner.job("pull-request.yml", "preview")
        assert ended(plan) == 0

    (comment,) = runner.github.comments
    assert comment["body"].startswith("<!-- voicehooks:plan:local -->\n")
    kept = runner.clone.folder / "plan-local.json"
    runner.github.plans = {"2-plan-local": kept.read_text(encoding="utf-8")}
    codes = [ended(done) for done in runner.job("deploy.yml", "prod", looked_at_plan="")]
    assert codes == [0, 0, 0, 0]


def test_drift_is_one_issue_until_it_is_gone(runner: Runner) -> None:
    """What somebody clicked is found at night; put right, the issue is closed."""
    before = runner.clone.number()["status_callback"]
    runner.clone.click(StatusCallback="https://somewhere.example.com/status")
    assert [ended(done) != 0 for done in runner.job("doctor.yml", "doctor")] == [True, True]
    titles = {issue["title"] for issue in runner.github.issues if issue["state"] == "open"}
    assert titles == {"Doctor local: found something", "Drift local: found something"}

    runner.clone.click(StatusCallback=before)
    assert [ended(done) for done in runner.job("doctor.yml", "doctor")] == [0, 0]
    assert {issue["state"] for issue in runner.github.issues} == {"closed"}


def test_reconcile_brings_in_what_was_lost(runner: Runner) -> None:
    """A call whose callbacks were dropped is in the tables after the hourly job."""
    runner.clone.control("POST", "faults", json={"fault": "drop", "kind": "status"})
    story = runner.clone.call()
    runner.clone.control("DELETE", "faults")

    (done,) = runner.job("reconcile.yml", "reconcile")

    assert ended(done) == 0
    where = f"call_sid = '{story['sid']}'"
    (row,) = runner.clone.query(f"select status from public.twilio_calls where {where}")
    assert row["status"] == "completed"


def test_a_number_is_diverted_and_put_back(runner: Runner) -> None:
    """From a telephone: one number elsewhere, and back to exactly what it had."""
    before = runner.clone.number()["voice_url"]

    divert, kept = runner.job("divert.yml", "divert", number=NUMBER, to=ELSEWHERE)
    assert (ended(divert), ended(kept)) == (0, 0)
    ((name, content),) = runner.github.kept
    assert (name, content["message"]) == ("Pulumi.local.yaml", f"Divert {NUMBER}")
    assert runner.clone.number()["voice_url"] == ELSEWHERE
    back, _ = runner.job("divert.yml", "divert", number=NUMBER, to="")
    assert ended(back) == 0
    assert runner.clone.number()["voice_url"] == before


def test_rollback_without_a_number_goes_to_the_one_before(runner: Runner) -> None:
    """A committed and deployed change is taken back by the job."""
    runner.clone.git("stash", "--quiet", "--include-untracked") if runner.clone.git(
        "status", "--short"
    ) else None
    runner.clone.configure(
        defaults={**runner.clone.settings()["voicehooks:defaults"], "fallbackUrl": ELSEWHERE}
    )
    runner.clone.git("commit", "--quiet", "-am", "Another fallback")
    deploy, *_ = runner.job("deploy.yml", "dev")
    assert ended(deploy) == 0
    assert runner.clone.number()["voice_fallback_url"].startswith(ELSEWHERE)

    rollback, *_ = runner.job("rollback.yml", "rollback", to="")

    assert ended(rollback) == 0
    assert not runner.clone.number()["voice_fallback_url"].startswith(ELSEWHERE)
