"""Every command that the pages for operators show is run, in the order of the page, against the sandbox."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from voicehooks_sandbox.testing import running_sandbox

from tests.support.clone import Clone, clone_repository, variables
from tests.support.documents_blocks import ROOT
from tests.support.hand_deployed import BIN
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow
NEW_TOKEN = "fedcba9876543210" * 2
PAGES = (
    "docs/runbook.md",
    "docs/before-the-night.md",
    "docs/threat-model.md",
    "docs/teams.md",
    "docs/first-up.md",
    "docs/guide.md",
)
# What is not run here, each with the reason.
NOT_RUN = {
    r"pulumi login .*": "changes where this machine's user is logged in",
    r"pulumi stack (init|change-secrets-provider) .*awskms.*": "needs a key of a cloud",
    r"make (up|down|install)\b.*": "test_make_up.py runs it",
    r"voicehooks --install-completion": "changes the settings of this machine's shell",
    r"pulumi stack select prod": "each command of this test names its stack",
    r"pulumi config set \S+ (AC\.\.\.|<.*>)": "a placeholder stands in it",
    r"\.venv/bin/pytest .*": "runs inside of itself",
}
_COMMAND = re.compile(r"(?:\S*\.venv/bin/\w+|pulumi|voicehooks|make) .*")


def commands(page: str) -> list[str]:
    """The commands of a page's indented blocks; what follows two spaces or a # is a remark."""
    text = (ROOT / page).read_text(encoding="utf-8")
    shown = [line.strip() for line in text.splitlines() if line.startswith("    ")]
    return [re.split(r" {2,}| #", line)[0] for line in shown if _COMMAND.fullmatch(line)]


def is_run(command: str) -> bool:
    """Whether the command can run here."""
    return not any(re.fullmatch(pattern, command) for pattern in NOT_RUN)


def prepared(command: str) -> list[str]:
    """The command for the sandbox's environment, with its questions answered."""
    words = shlex.split(re.sub(r"(--stack|-s) (prod|dev)\b", r"\1 local", command))
    words[0] = str(BIN / Path(words[0]).name)
    verb = words[1]
    if "local" not in words and not (words[0].endswith("voicehooks") and verb in {"sandbox", "call"}):
        words += ["--stack", "local"]
    if words[0].endswith("pulumi"):
        words += ["--non-interactive"]
        words += ["--yes"] * (verb in {"up", "refresh", "destroy", "cancel"} and "--yes" not in words)
        words += ["--skip-preview"] * (verb in {"up", "refresh", "destroy"})
    elif verb in {"rollback", "rotate"}:
        words += ["--yes"]
    return words


def run(clone: Clone, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of a page; a secret that it asks for is typed."""
    typed = NEW_TOKEN if "--secret" in command else None
    if command.endswith("supabase:accessToken"):
        typed = clone.values["supabase_access_token"]
    if command.endswith("--secret twilio:authToken"):
        # The page has the token promoted in the console before.
        clone.control("POST", "account", json={"authToken": NEW_TOKEN, "secondaryAuthToken": ""})
    return subprocess.run(
        prepared(command),
        cwd=clone.folder,
        env={**variables(), "PATH": f"{BIN}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        **({"input": typed} if typed else {"stdin": subprocess.DEVNULL}),
    )


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """A repository that is deployed."""
    folder = tmp_path_factory.mktemp("d")
    # `voicehooks logs` looks for the sandbox in the project's folder.
    with running_sandbox(folder / "clone" / ".voicehooks" / "sandbox", time_factor=50) as values:
        clone = clone_repository(folder / "clone", values)
        (clone.folder / "tools").symlink_to(ROOT / "tools")
        clone.git("init", "--quiet", "--initial-branch=main")
        (clone.folder / ".git" / "info" / "exclude").write_text("tools\n")
        clone.git("add", ".")
        clone.git("commit", "--quiet", "-m", "First")
        clone.up()
        yield clone


def deploy_changes(clone: Clone) -> None:
    """Three updates of committed changes, so that it can go back twice, whatever another page did before."""
    defaults = clone.settings()["voicehooks:defaults"]
    for seconds in (25, 20, 15):
        clone.configure(defaults={**defaults, "ringSeconds": seconds})
        clone.git("add", "--all")
        clone.git("commit", "--quiet", "--allow-empty", "-m", f"Ring {seconds} seconds")
        clone.up()


@pytest.mark.parametrize("page", PAGES)
def test_commands_run(clone: Clone, page: str) -> None:
    """Each command of the page does its work, one after the other."""
    shown = [command for command in commands(page) if is_run(command)]
    assert shown, "the page shows no command"
    if any("rollback" in command for command in shown):
        deploy_changes(clone)

    for command in shown:
        done = run(clone, command)
        # The doctor may find something: a page diverts a number before it asks.
        fine = {0, 1} if command.startswith("voicehooks doctor") else {0}
        assert done.returncode in fine, f"{command}\n{done.stdout}\n{done.stderr}"
    if any("destroy" in command for command in shown):
        clone.up()


def test_what_is_not_run_is_shown_somewhere() -> None:
    """Each reason for not running a command is needed by a page."""
    shown = [command for page in (*PAGES, "README.md", "CONTRIBUTING.md") for command in commands(page)]

    assert [p for p in NOT_RUN if not any(re.fullmatch(p, command) for command in shown)] == []
