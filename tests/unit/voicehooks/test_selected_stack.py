"""Which stack a command acts on if none is named: the one that the real Pulumi CLI has selected."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.support.clone import variables
from voicehooks.commands.options import DEFAULT_STACK, Stack, WritableStack
from voicehooks.output import consent
from voicehooks.output.errors import CommandError
from voicehooks.stack.engine import Engine
from voicehooks.stack.selection import selected_stack

app = typer.Typer()


@app.command()
def read(stack: Stack = DEFAULT_STACK) -> None:
    """Only read."""
    print(stack)


@app.command()
def write(stack: WritableStack = DEFAULT_STACK, dry_run: bool = False) -> None:
    """Change something."""
    print(stack)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with an empty backend of its own, which is the current folder."""
    for name in set(os.environ) - variables().keys():
        monkeypatch.delenv(name)
    (tmp_path / "Pulumi.yaml").write_text("name: voicehooks\nruntime: yaml\n")
    (tmp_path / "state").mkdir()
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/state")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "secret")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, answer: str = "") -> tuple[int, str]:
    """The exit code and what was printed."""
    done = CliRunner().invoke(app, arguments, input=answer)
    if isinstance(done.exception, CommandError):
        raise done.exception
    return done.exit_code, done.stdout.strip()


def test_a_fresh_clone_means_local(folder: Path) -> None:
    """Nothing is selected, or nobody is logged in: commands are about the sandbox, and do not ask."""
    assert run("read") == (0, "local")
    assert run("write") == (0, "local")


def test_the_selected_stack_is_meant(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading follows the selection; changing something needs the name, or a yes to it."""
    Engine(folder, "dev").run("stack", "init", what="no stack")
    assert selected_stack() == "dev"
    assert run("read") == (0, "dev")
    assert run("read", "-s", "prod") == (0, "prod")
    assert run("write", "--stack", "dev") == (0, "dev")
    assert run("write", "--dry-run") == (0, "dev")
    with pytest.raises(CommandError, match="no stack was named, and the selected one, dev") as refusal:
        run("write")
    assert refusal.value.do == "add --stack dev"

    monkeypatch.setattr(consent, "can_ask", lambda: True)
    code, shown = run("write", answer="y\n")
    assert (code, shown.splitlines()[-1]) == (0, "dev")
    assert run("write", answer="n\n")[0] == 2


def test_local_can_be_selected_again(folder: Path) -> None:
    """`local` has a backend of its own; the last selection counts."""
    Engine(folder, "dev").run("stack", "init", what="no stack")
    Engine(folder, "local").run("stack", "init", what="no stack")
    assert selected_stack() == "local"
    Engine(folder, "dev").run("stack", "select", what="no stack")
    assert selected_stack() == "dev"
    Engine(folder, "local").run("stack", "select", what="no stack")
    assert selected_stack() == "local"


@pytest.mark.parametrize(
    ("code", "out", "err", "name"),
    [
        (0, "acme/shop/prod\n", "", "prod"),
        (0, "dev\n", "", "dev"),
        (255, "", "error: no stack selected; please use", "local"),
        (255, "", "error: no current stack detected", "local"),
        (255, "", "error: PULUMI_ACCESS_TOKEN must be set for login", "local"),
        (255, "", "error: something else", None),
    ],
)
def test_what_the_cli_says_of_the_selection(
    folder: Path, monkeypatch: pytest.MonkeyPatch, code: int, out: str, err: str, name: str | None
) -> None:
    """At Pulumi Cloud the name has the organization before it; only "none" means `local`."""
    answer = subprocess.CompletedProcess([], code, out, err)
    monkeypatch.setattr(Engine, "try_without_stack", lambda *_: answer)
    if name is None:
        with pytest.raises(CommandError, match="something else"):
            selected_stack()
    else:
        assert selected_stack() == name


def test_a_backend_that_does_not_answer_is_not_local(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was selected there, a command must not act on another stack."""
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{folder}/gone")
    with pytest.raises(CommandError, match="the selected stack is not known"):
        selected_stack()
