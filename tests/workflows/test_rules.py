"""What holds for every workflow: least permissions, pinned, no input in a script, commands that exist."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.support.documents_commands import wrong_in
from tests.workflows.jobs import ROOT, WORKFLOWS, Step, load, steps
from tools.scan import pins, workflows

EACH = [pytest.param(path, id=path.name) for path in WORKFLOWS]
STEPS = [
    pytest.param(step, id=f"{step.workflow}-{step.job}-{step.name}") for p in WORKFLOWS for step in steps(p)
]
CREDENTIALS = {"PULUMI_CONFIG_PASSPHRASE", "TWILIO_AUTH_TOKEN", "SUPABASE_ACCESS_TOKEN"}


@pytest.mark.parametrize("path", EACH)
def test_permissions_are_least(path: Path) -> None:
    """No job has a permission that it does not ask for itself; three change the repository."""
    workflow = load(path)

    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        writes = path.name in {"divert.yml", "rollback.yml"} or (path.name, name) == ("release.yml", "publish")
        assert job["permissions"].get("contents", "read") == ("write" if writes else "read")
        assert "write-all" not in str(job["permissions"])


@pytest.mark.parametrize("path", EACH)
def test_actions_are_pinned(path: Path) -> None:
    """Every action is named by a full digest."""
    assert list(pins.actions(str(path), path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("step", STEPS)
def test_nothing_typed_becomes_script(step: Step) -> None:
    """A script has no expression: what somebody types reaches it as a variable, which is quoted."""
    assert "${{" not in step.script
    unquoted = re.sub(r'"[^"]*"', "", step.script)
    assert "$" not in unquoted.replace("${TO:+}", "")  # empty: no argument at all


@pytest.mark.parametrize("step", STEPS)
def test_commands_exist(step: Step) -> None:
    """Each of our commands that a step runs, and each flag, is in its --help."""
    words = step.script.replace(' ${TO:+"$TO"}', "").replace('"', "")
    shown = re.findall(r"\.venv/bin/voicehooks [^;&|]*", words)

    assert [wrong for line in shown for wrong in wrong_in(line.strip())] == []


@pytest.mark.parametrize("path", EACH)
def test_credentials_stand_behind_an_environment(path: Path) -> None:
    """A job that is given credentials names a GitHub environment, whose rules are asked first."""
    for name, job in load(path)["jobs"].items():
        given = set().union(*(step.secrets for step in steps(path) if step.job == name))
        assert not (given & CREDENTIALS) or job.get("environment")


def test_credentials_are_the_same_everywhere_and_for_single_steps() -> None:
    """Each step that is given credentials is given the same ones; a job gives none to all of its steps."""
    given = {
        tuple(sorted((k, v) for k, v in step.variables.items() if v.startswith(("${{ secrets.", "${{ vars."))))
        for path in WORKFLOWS
        for step in steps(path)
        if step.secrets
    }

    assert len(given) == 1
    jobs = [job for path in WORKFLOWS for job in load(path)["jobs"].values()]
    assert "secrets." not in str([job.get("env", {}) for job in jobs])


def test_forks_get_a_sentence_and_no_credentials() -> None:
    """The plan is made for branches of this repository only; a fork's job is given nothing."""
    path = ROOT / ".github" / "workflows" / "pull-request.yml"
    jobs = load(path)["jobs"]
    ours = "github.event.pull_request.head.repo.full_name == github.repository"

    assert jobs["preview"]["if"] == f"vars.VOICEHOOKS == 'on' && {ours}"
    assert jobs["fork"]["if"] == ours.replace("==", "!=")
    assert jobs["preview"]["environment"] == "${{ matrix.stack }}-preview"
    assert {step.job for step in steps(path) if step.secrets} == {"preview"}
    assert list(load(path)["on"]) == ["pull_request"]


@pytest.mark.parametrize(
    ("workflow", "job"), [("doctor.yml", "doctor"), ("reconcile.yml", "reconcile"), ("audit.yml", "audit")]
)
def test_nothing_runs_by_itself_before_it_is_switched_on(workflow: str, job: str) -> None:
    """A repository without credentials is not told every hour that there are none."""
    path = ROOT / ".github" / "workflows" / workflow

    assert load(path)["on"]["schedule"]
    assert load(path)["jobs"][job]["if"] == "github.event_name != 'schedule' || vars.VOICEHOOKS == 'on'"


def test_prod_waits_for_approval_and_for_the_reviewed_plan() -> None:
    """Prod is deployed after dev, behind its environment, and only after its plan was compared."""
    path = ROOT / ".github" / "workflows" / "deploy.yml"
    prod = load(path)["jobs"]["prod"]

    assert (prod["needs"], prod["environment"]) == ("dev", "prod")
    names = [step.name for step in steps(path) if step.job == "prod"]
    assert names == ["Fetch the reviewed plan", "Compare", "Deploy", "Doctor"]
    assert load(ROOT / ".github" / "workflows" / "rollback.yml")["jobs"]["rollback"]["environment"] == (
        "${{ inputs.stack || 'prod' }}"
    )


CHANGES = re.compile(r"pulumi up|voicehooks (?:rollback|divert|reconcile)")
CHANGING = sorted({(s.workflow, s.job) for p in WORKFLOWS for s in steps(p) if CHANGES.search(s.script)})


def test_the_jobs_that_change_something_are_known() -> None:
    """The next test looks at these jobs; a new one has to be seen by it."""
    assert CHANGING == [
        ("deploy.yml", "dev"),
        ("deploy.yml", "prod"),
        ("divert.yml", "divert"),
        ("reconcile.yml", "reconcile"),
        ("rollback.yml", "rollback"),
    ]


@pytest.mark.parametrize(("workflow", "name"), CHANGING)
def test_a_running_update_is_never_cancelled(workflow: str, name: str) -> None:
    """A job that changes a stack waits for the one before it: one group per stack, and nothing is killed."""
    content = load(ROOT / ".github" / "workflows" / workflow)
    job = content["jobs"][name]
    concurrency = job.get("concurrency") or content["concurrency"]

    assert concurrency["cancel-in-progress"] is False
    stack = job["env"]["STACK"]
    kind = "deploy" if workflow in {"deploy.yml", "rollback.yml"} else "operate"
    assert concurrency["group"] == f"{kind}-{stack}"
    assert job.get("timeout-minutes", 0) >= 30


@pytest.mark.skipif(shutil.which("go") is None, reason="actionlint is a Go program")
def test_linters_find_what_is_wrong(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The linters are content with ours, and not with an unknown key or with an input in a script."""
    assert workflows.lint(ROOT)
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "tools" / "actionlint", tmp_path / "tools" / "actionlint")
    text = (ROOT / ".github" / "workflows" / "divert.yml").read_text(encoding="utf-8")
    (folder / "divert.yml").write_text(text.replace("runs-on:", "run-on:"), encoding="utf-8")
    assert not workflows.lint(tmp_path)
    (folder / "divert.yml").write_text(text.replace('"$NUMBER"', "${{ inputs.number }}"), encoding="utf-8")
    assert not workflows.lint(tmp_path)
    assert "template-injection" in capfd.readouterr().out
