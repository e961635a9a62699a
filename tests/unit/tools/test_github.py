"""What the workflows tell GitHub, against a stub of its API on loopback."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.stub_github import BOT, StubGitHub, pull, run_of, running_github
from tools.github import comment, keep, report, reviewed_plan
from tools.github.api import GitHub, GitHubError
from tools.github.marked import LONGEST, put_comment


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StubGitHub]:
    """A running stub that the process's variables point at."""
    with running_github() as stub:
        for name, value in stub.variables(tmp_path / "summary.md").items():
            monkeypatch.setenv(name, value)
        yield stub


@pytest.fixture
def github(stub: StubGitHub) -> GitHub:
    """A client of the stub."""
    return GitHub(os.environ)


def saying(text: str, exit_code: int = 0, *, err: str = "") -> list[str]:
    """A command that prints this and ends so."""
    program = f"import sys; print({text!r}, end=''); sys.stderr.write({err!r}); sys.exit({exit_code})"
    return ["--", sys.executable, "-c", program]


def test_one_comment_a_stack_is_edited_in_place(stub: StubGitHub, github: GitHub) -> None:
    """The second plan of a stack replaces the first, another stack's and a quoted one stay as they are."""
    stub.comments = [{"id": n, "html_url": "", "body": f"talk {n}", "user": BOT} for n in range(1, 150)]
    stub.comments[5]["body"] = "> <!-- voicehooks:plan:dev -->\nlook at this"
    for stack, text in (("dev", "first"), ("prod", "other"), ("dev", "second")):
        comment.main(github, ["--pull", "7", "--stack", stack, *saying(text)])

    ours = [c["body"] for c in stub.comments if c["body"].startswith("<!-- voicehooks:plan:")]
    assert ours == ["<!-- voicehooks:plan:dev -->\nsecond\n", "<!-- voicehooks:plan:prod -->\nother\n"]
    assert "look at this" in stub.comments[5]["body"]


@pytest.mark.parametrize("author", [{"login": "mallory"}, {"login": "github-actions"}, None])
def test_only_the_bots_own_comment_is_edited(
    stub: StubGitHub, github: GitHub, author: dict[str, str] | None
) -> None:
    """A comment with our marker that another login wrote keeps its text; the plan is a new comment."""
    planted = "<!-- voicehooks:plan:dev -->\nnothing to see here"
    stub.comments = [{"id": 1, "html_url": "", "body": planted, "user": author}]
    for text in ("first", "second"):
        comment.main(github, ["--pull", "7", "--stack", "dev", *saying(text)])

    assert [c["body"] for c in stub.comments] == [planted, "<!-- voicehooks:plan:dev -->\nsecond\n"]


def test_a_person_edits_the_own_comment(stub: StubGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside a job the token's owner is the author whose comments are edited, and the bot's is left alone."""
    monkeypatch.delenv("GITHUB_ACTIONS")
    stub.comments = [{"id": 1, "html_url": "", "body": "<!-- voicehooks:plan:dev -->\nbot", "user": BOT}]
    stub.user = {"login": "ana"}
    for text in ("first", "second"):
        put_comment(GitHub(os.environ), 7, "plan", "dev", text)

    assert [c["body"].splitlines()[1] for c in stub.comments] == ["bot", "second"]


@pytest.mark.parametrize(
    "planted",
    [
        pytest.param({"user": {"login": "mallory"}}, id="another author"),
        pytest.param({"user": BOT, "pull_request": {"url": "pulls/1"}}, id="a pull request"),
    ],
)
def test_only_the_bots_own_issue_is_edited_and_closed(stub: StubGitHub, planted: dict[str, object]) -> None:
    """What begins with our marker but is not the bot's issue keeps its title, text and state."""
    foreign = {"number": 1, "state": "open", "html_url": "", "title": "mine"}
    foreign |= {"body": "<!-- voicehooks:doctor:prod -->\nours?", **planted}
    stub.issues = [dict(foreign)]
    options = ["--title", "Doctor", "--stack", "prod", "--issue", "doctor"]

    assert [report.main([*options, *saying("", code)]) for code in (1, 0)] == [1, 0]

    assert stub.issues[0] == foreign
    assert [issue["state"] for issue in stub.issues[1:]] == ["closed"]


@pytest.mark.parametrize(("code", "ends"), [(0, 2), (1, 2), (2, 2)])
def test_an_issue_that_cannot_be_kept_fails_the_job(
    stub: StubGitHub, code: int, ends: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where GitHub refuses, the job ends with 2, also if the command found nothing: nobody would hear of it."""
    stub.refuse = 503
    options = ["--title", "Doctor", "--stack", "prod", "--issue", "doctor"]

    assert report.main([*options, *saying("", code)]) == ends
    assert "503" in capsys.readouterr().err


def test_an_unchanged_comment_is_not_written_again(stub: StubGitHub, github: GitHub) -> None:
    """An edit would mark the comment as edited and tell everybody who follows the pull request."""
    for _ in range(2):
        comment.main(github, ["--pull", "7", "--stack", "dev", *saying("same")])

    assert [request for request in stub.requests if not request.startswith("GET")] == ["POST issues/7/comments"]


@pytest.mark.parametrize("missing", ["GITHUB_REPOSITORY", "GITHUB_TOKEN"])
def test_a_variable_that_is_missing_is_named(stub: StubGitHub, tmp_path: Path, missing: str) -> None:
    """A person who runs a script without it hears which one; GH_TOKEN serves as well as GITHUB_TOKEN."""
    variables = stub.variables(tmp_path / "summary.md")
    token = variables.pop("GITHUB_TOKEN")
    assert GitHub({**variables, "GH_TOKEN": token}).login == "github-actions[bot]"

    with pytest.raises(GitHubError, match=missing):
        GitHub({name: value for name, value in {**variables, "GITHUB_TOKEN": token}.items() if name != missing})


def test_a_command_that_does_not_exist_could_not_tell(stub: StubGitHub, tmp_path: Path) -> None:
    """It is a failure of the job, not a finding."""
    assert report.main(["--title", "Doctor", "--stack", "dev", "--", str(tmp_path / "gone")]) == 127
    assert (tmp_path / "summary.md").read_text().startswith("## Doctor dev: failed\n")


def test_a_fence_in_the_output_ends_no_block(stub: StubGitHub, github: GitHub) -> None:
    """What a command says cannot leave its block of code and become Markdown."""
    said = "````\n# Approved\n````"
    comment.main(github, ["--pull", "7", "--stack", "dev", *saying("", 2, err=said)])

    (written,) = stub.comments
    assert f"`````text\n{said}\n`````" in written["body"]


def test_a_failed_preview_is_a_comment_too(stub: StubGitHub, github: GitHub, tmp_path: Path) -> None:
    """Where the command says nothing on stdout, its error becomes the comment; the exit code stays."""
    command = saying("", 2, err="error: no stack named 'dev'")

    assert comment.main(github, ["--pull", "7", "--stack", "dev", *command]) == 2

    (said,) = stub.comments
    assert "### dev: the preview failed" in said["body"]
    assert "no stack named 'dev'" in said["body"]
    assert (tmp_path / "summary.md").read_text().startswith("### dev: the preview failed")


def test_a_long_text_is_cut_to_what_github_takes(stub: StubGitHub, github: GitHub) -> None:
    """A comment never has more than 65,536 characters, and says that it was cut."""
    put_comment(github, 7, "plan", "dev", "x" * 100_000)

    (said,) = stub.comments
    assert len(said["body"]) == LONGEST
    assert "whole text is in the job's log" in said["body"]


def test_a_finding_opens_one_issue_and_fine_closes_it(stub: StubGitHub, tmp_path: Path) -> None:
    """Found, found again, could not tell: one issue, up to date; fine: closed; found later: a new one."""
    options = ["--title", "Doctor", "--stack", "prod", "--issue", "doctor"]
    options += ["--symptom", "Calls are not answered", "--next", "voicehooks doctor --stack prod"]
    stub.issues = [{"number": 1, "state": "open", "html_url": "", "body": None, "title": "somebody's"}]

    codes = [report.main([*options, *saying(f"run {code}", code)]) for code in (1, 2, 0, 0, 1)]

    assert codes == [1, 2, 0, 0, 1]
    assert [(i["title"], i["state"]) for i in stub.issues[1:]] == [
        ("Doctor prod: could not tell", "closed"),
        ("Doctor prod: found something", "open"),
    ]
    body = stub.issues[2]["body"]
    assert "**Calls are not answered**" in body
    assert "Next: `voicehooks doctor --stack prod`" in body
    assert "run 1" in body
    assert [c["on"] for c in stub.comments] == [2]
    assert (tmp_path / "summary.md").read_text().splitlines()[0] == "## Doctor prod: found something"


@pytest.mark.parametrize(
    ("said", "verdict"), [("no changes were expected", "found something"), ("no stack named", "failed")]
)
def test_a_program_whose_exit_codes_mean_nothing(
    stub: StubGitHub, tmp_path: Path, said: str, verdict: str
) -> None:
    """Pulumi's findings are told from its failures by what it says."""
    options = ["--title", "Drift", "--stack", "dev", "--finding", "no changes were expected"]

    assert report.main([*options, *saying("", 255, err=f"error: {said}")]) == 255
    assert (tmp_path / "summary.md").read_text().startswith(f"## Drift dev: {verdict}\n")


def test_the_verdict_comes_first_without_github(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person may run it: no summary, no issue, the command's own output and exit code."""
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)

    assert report.main(["--title", "Doctor", "--stack", "dev", *saying("all well")]) == 0
    assert capsys.readouterr().out == "all well"


def test_the_newest_reviewed_plan_is_fetched(stub: StubGitHub, github: GitHub, tmp_path: Path) -> None:
    """The plan of the pull request's last run is written, not that of an earlier run or another stack."""
    stub.plans = {"1-plan-prod": "old", "2-plan-dev": "dev", "2-plan-prod": "new"}
    out = tmp_path / "reviewed.json"

    assert reviewed_plan.main(github, ["--commit", "c0ffee", "--stack", "prod", "--out", str(out)]) == 0
    assert out.read_text() == "new"


def reviewed(github: GitHub, out: Path) -> str:
    """The plan that the script takes; empty where it takes none."""
    code = reviewed_plan.main(github, ["--commit", "c0ffee", "--stack", "prod", "--out", str(out)])
    assert code == (0 if out.exists() else 1)
    return out.read_text() if out.exists() else ""


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(run_of(3, repository="mallory/voice"), id="a fork"),
        pytest.param(run_of(3, repository=None), id="a deleted fork"),
        pytest.param(run_of(3, conclusion="failure"), id="a failed run"),
        pytest.param(run_of(3, conclusion="cancelled"), id="a cancelled run"),
        pytest.param(run_of(3, event="workflow_dispatch"), id="another event"),
    ],
)
def test_a_plan_of_such_a_run_was_not_reviewed(
    stub: StubGitHub, github: GitHub, tmp_path: Path, run: dict[str, object]
) -> None:
    """Only a successful run of a pull request from this repository counts: the older one that is, if any."""
    stub.plans = {"3-plan-prod": "forged"}
    stub.runs = [run]
    assert reviewed(github, tmp_path / "none.json") == ""

    stub.plans["2-plan-prod"] = "reviewed"
    stub.runs = [run_of(2), run]
    assert reviewed(github, tmp_path / "reviewed.json") == "reviewed"


def test_a_plan_of_an_unmerged_pull_request_was_not_reviewed(
    stub: StubGitHub, github: GitHub, tmp_path: Path
) -> None:
    """A commit can also belong to a pull request that is open or was closed: its plan does not count."""
    stub.plans = {"1-plan-prod": "of the open one", "2-plan-prod": "of the merged one"}
    stub.runs = [run_of(1, head_sha="open"), run_of(2, head_sha="head")]
    stub.pulls = [pull("open", merged=False)]
    assert reviewed(github, tmp_path / "none.json") == ""

    stub.pulls.append(pull("head"))
    assert reviewed(github, tmp_path / "reviewed.json") == "of the merged one"


def test_all_pages_of_runs_and_artifacts_are_read(stub: StubGitHub, github: GitHub, tmp_path: Path) -> None:
    """A pull request with more than a hundred runs, and a run with more than a hundred artifacts."""
    stub.runs = [run_of(n) for n in range(300, 10, -1)]
    stub.plans = {f"11-other{n}": "" for n in range(120)} | {"11-plan-prod": "found"}

    assert reviewed(github, tmp_path / "reviewed.json") == "found"


def test_an_expired_plan_is_passed_over(stub: StubGitHub, github: GitHub, tmp_path: Path) -> None:
    """GitHub lists an artifact after its content is gone."""
    stub.plans = {"1-plan-prod": "older", "2-plan-prod": "gone"}
    stub.expired = {"2-plan-prod"}

    assert reviewed(github, tmp_path / "reviewed.json") == "older"


def test_without_a_reviewed_plan_nothing_is_deployed(
    stub: StubGitHub, github: GitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A commit that no pull request's plan belongs to ends with 1 and says what to do."""
    options = ["--commit", "c0ffee", "--stack", "prod", "--out", str(tmp_path / "reviewed.json")]

    assert reviewed_plan.main(github, options) == 1
    assert "open a pull request" in capsys.readouterr().err


@pytest.fixture
def checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The settings file of a repository with one commit, which is the working folder."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    file = folder / "Pulumi.prod.yaml"
    file.write_text("config: {}\n")
    git = ["git", "-c", "user.name=Ana", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "First"]):
        subprocess.run([*git, *command], cwd=folder, check=True)
    monkeypatch.chdir(folder)
    return file


def keep_settings(github: GitHub) -> int:
    """Run the script as the jobs do."""
    return keep.main(github, ["--file", "Pulumi.prod.yaml", "--message", "Divert"])


def test_a_changed_settings_file_is_committed_once(stub: StubGitHub, github: GitHub, checkout: Path) -> None:
    """What a job wrote is committed on top of what it had checked out; an unchanged file is left alone."""
    assert keep_settings(github) == 0
    assert stub.kept == []

    checkout.write_text("config: {diverted: yes}\n")
    assert keep_settings(github) == 0

    ((name, content),) = stub.kept
    assert (name, content["message"]) == ("Pulumi.prod.yaml", "Divert")
    assert base64.b64decode(content["content"]).decode() == "config: {diverted: yes}\n"
    blob = hashlib.sha1(b"blob 11\0config: {}\n", usedforsecurity=False).hexdigest()
    assert content["sha"] == blob


def test_a_refused_commit_is_shown_for_a_person(
    stub: StubGitHub, github: GitHub, checkout: Path, tmp_path: Path
) -> None:
    """Where the branch takes none, the change stands on the job's page."""
    checkout.write_text("config: {diverted: yes}\n")
    stub.refuse = 409

    assert keep_settings(github) == 1
    assert "+config: {diverted: yes}" in (tmp_path / "summary.md").read_text()


def test_a_refusal_names_status_and_permission(stub: StubGitHub, github: GitHub) -> None:
    """What GitHub refuses is one sentence with its status."""
    stub.refuse = 403

    with pytest.raises(GitHubError, match=r"403 .*does the job have the permission"):
        put_comment(github, 7, "plan", "dev", "text")
