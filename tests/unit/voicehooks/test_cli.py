"""The command line around the commands: help, errors, exit codes, the sandbox as another program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest

from voicehooks import cli, commands
from voicehooks.cli import COMMANDS
from voicehooks.commands.sandbox import cli as sandbox
from voicehooks.output.errors import CommandError
from voicehooks.stack import project

BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parents[3]


def voicehooks(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the installed command."""
    return subprocess.run(
        [BIN / "voicehooks", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


SLOW = ("httpx", "rich", "pulumi", "pydantic", "twilio", "pulumi_twilio", "supabase", "ruamel")


def test_help_imports_nothing_slow() -> None:
    """`--help` stays quick because no command's modules are imported for it."""
    code = (
        "import sys\nfrom voicehooks.cli import app\n"
        "try: app(['--help'])\nexcept SystemExit: pass\n"
        f"print([name for name in {SLOW} if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Make a test call" in answer.stdout
    assert answer.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_what_each_commands_help_says(name: str) -> None:
    """The list of commands has the first sentence of each command's own help."""
    function = getattr(import_module(f"voicehooks.commands.{name}.cli"), name)
    assert COMMANDS[name] == function.__doc__.splitlines()[0]


def test_every_command_is_in_the_list() -> None:
    """A folder with a command line is a command."""
    folders = {path.parent.name for path in Path(commands.__path__[0]).glob("*/cli.py")}
    assert set(COMMANDS) == folders


def test_no_project_is_one_sentence(tmp_path: Path) -> None:
    """Outside of a clone: exit code 2 and one line that says where one has to be."""
    answer = voicehooks("call", "+15551234567", cwd=tmp_path)
    assert answer.returncode == 2
    assert answer.stderr == (
        f"voicehooks: no project here: neither {tmp_path} nor a folder above it has a Pulumi.yaml; "
        "go to the clone of the project first\n"
    )
    assert answer.stdout == ""


def test_error_as_json(tmp_path: Path) -> None:
    """With --json the same error is a document on stdout."""
    answer = voicehooks("call", "+15551234567", "--json", cwd=tmp_path)
    assert answer.returncode == 2
    assert json.loads(answer.stdout)["error"]["what"] == "no project here"


def test_project_is_found_upwards(tmp_path: Path) -> None:
    """A command works from any folder of the clone."""
    (tmp_path / "Pulumi.yaml").touch()
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert project.root(tmp_path / "a" / "b") == tmp_path


@pytest.mark.parametrize(
    ("arguments", "runs_in"),
    [(["status"], "clone"), (["--state", "there", "status"], "sub"), (["--state=there", "status"], "sub")],
)
def test_sandbox_runs_in_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], runs_in: str
) -> None:
    """From a sub-folder the clone's own sandbox is meant, unless --state says where it is."""
    clone = tmp_path / "clone"
    (clone / "sub").mkdir(parents=True)
    (clone / "Pulumi.yaml").touch()
    monkeypatch.chdir(clone / "sub")
    ran: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(sandbox.os, "execve", lambda _, argv, __: ran.append((Path.cwd().name, argv)))
    sandbox.hand_over(arguments, "local")
    assert ran == [(runs_in, ["voicehooks-sandbox", *arguments])]


def test_sandbox_gets_its_own_help(tmp_path: Path) -> None:
    """`voicehooks sandbox --help` is the sandbox's help."""
    answer = voicehooks("sandbox", "--help", cwd=tmp_path)
    assert answer.returncode == 0
    assert answer.stdout.startswith("Usage: voicehooks sandbox")


def test_sandboxs_exit_code_comes_back(tmp_path: Path) -> None:
    """What the sandbox's program returns is what the command returns."""
    assert voicehooks("sandbox", "no-such-command", cwd=tmp_path).returncode == 2


def test_command_error_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What failed, why, what to do (left out where there is nothing to do) on stderr; the error's exit code."""
    for error, line in ((CommandError("a", "b", "c"), "a: b; c"), (CommandError("a", "b"), "a: b")):

        def fail(error: CommandError = error) -> None:
            raise error

        monkeypatch.setattr(cli, "app", fail)
        monkeypatch.setattr(sys, "argv", ["voicehooks", "doctor"])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        shown = capsys.readouterr()
        assert (ended.value.code, shown.out, shown.err) == (error.exit_code, "", f"voicehooks: {line}\n")


def test_version_and_short_help(tmp_path: Path) -> None:
    """`--version` and `-h` work, `-h` also for a command and for the sandbox."""
    assert voicehooks("--version", cwd=tmp_path).stdout == f"voicehooks {version('voicehooks')}\n"
    for command in ([], ["doctor"], ["sandbox"], ["sandbox", "up"]):
        answer = voicehooks(*command, "-h", cwd=tmp_path)
        assert answer.returncode == 0
        assert answer.stdout.startswith(f"Usage: {' '.join(['voicehooks', *command])} ")


@pytest.mark.parametrize("command", [[], ["sandbox"]], ids=" ".join)
def test_help_is_never_cut(tmp_path: Path, command: list[str]) -> None:
    """The list of commands shows whole sentences, however narrow the terminal is."""
    assert "..." not in voicehooks(*command, "--help", cwd=tmp_path).stdout.partition("Commands:")[2]


@pytest.mark.parametrize("command", [["--help"], ["sandbox", "--help"], ["doctor", "--list"]], ids=" ".join)
def test_a_closed_pipe_is_no_error(tmp_path: Path, command: list[str]) -> None:
    """The program that reads the output may stop reading, as `head` does."""
    read, write = os.pipe()
    os.close(read)
    program = subprocess.Popen(
        [BIN / "voicehooks", *command], cwd=ROOT, stdout=write, stderr=subprocess.PIPE, text=True
    )
    os.close(write)
    assert program.communicate()[1] == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands_and_stacks(tmp_path: Path, shell: str) -> None:
    """What the shell's script asks for is answered: the commands, their options, and the stacks."""
    (tmp_path / "Pulumi.prod.yaml").touch()

    def completed(*words: str) -> str:
        line = " ".join(["voicehooks", *words])
        variables = {
            **os.environ,
            "_VOICEHOOKS_COMPLETE": f"complete_{shell}",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words)),
            "_TYPER_COMPLETE_ARGS": line,
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        }
        command = [BIN / "voicehooks"]
        return subprocess.run(
            command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=True
        ).stdout

    assert "doctor" in completed("do")
    assert "--follow" in completed("logs", "--fol")
    assert "prod" in completed("doctor", "--stack", "pr")
