"""The script `.venv/bin/pulumi`: which environment the real CLI gets."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import urllib.parse
from pathlib import Path

import pytest
import yaml
from voicehooks_sandbox.processes import ProcessIdentity, identify_self
from voicehooks_sandbox.state import RunningSandbox, StateFolder

from infra.settings_parser import is_sandbox
from tools.installer import wrapper
from tools.installer.release import VERSION, PulumiCli

SEEN = (
    "PATH",
    "PULUMI_RUN_PROGRAM",
    "PULUMI_SKIP_UPDATE_CHECK",
    "PULUMI_BACKEND_URL",
    "PULUMI_CONFIG_PASSPHRASE",
    "TWILIO_BASE_URL",
    "SUPABASE_URL",
)
BACKEND_OF_THE_USER = "s3://states-of-the-team"


class Clone:
    """A clone with the wrapper, around a stand-in for the CLI that prints what it was given."""

    def __init__(self, root: Path) -> None:
        self.root = root
        vendor = root.parent / "vendor"
        vendor.mkdir()
        (root / ".venv" / "bin").mkdir(parents=True)
        self.cli = vendor / "pulumi"
        prints = "\n".join(f'echo "{name}=${{{name}-unset}}"' for name in SEEN)
        self.cli.write_text(f'#!/bin/sh\n{prints}\nfor one in "$@"; do echo "argument=$one"; done\nexit 7\n')
        self.cli.chmod(0o755)
        host = vendor / "pulumi-language-python"
        host.write_text("#!/bin/sh\n")
        host.chmod(0o755)
        python = root / ".venv" / "bin" / "python"
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        wrapper.write(root, PulumiCli(self.cli, host, "3.259.0"))

    def run(
        self, *arguments: str, cwd: Path = Path("/"), umask: int = -1, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Call the wrapper, from outside of any project by default."""
        return subprocess.run(
            [str(self.root / ".venv" / "bin" / "pulumi"), *arguments],
            env={"PATH": os.environ["PATH"], "PULUMI_BACKEND_URL": BACKEND_OF_THE_USER, **environment},
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
            umask=umask,
        )

    def backend(self, *arguments: str, cwd: Path = Path("/"), **environment: str) -> str:
        """The backend that the CLI would use."""
        answer = self.run(*arguments, cwd=cwd, **environment)
        return next(line for line in answer.stdout.splitlines() if line.startswith("PULUMI_BACKEND_URL="))[19:]


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A clone in a folder whose name needs quoting."""
    root = tmp_path / "my clone's 100%"
    root.mkdir()
    return Clone(root)


@pytest.mark.parametrize(
    "arguments",
    [
        ["up", "--stack", "local"],
        ["up", "--stack=local", "--yes"],
        ["-s", "local", "preview", "--diff"],
        ["up", "-s=local"],
        ["up", "-slocal"],
        ["up", "-ys", "local"],
        ["destroy", "--stack", "organization/voicehooks/local"],
        ["stack", "init", "local"],
        ["stack", "select", "local"],
        ["stack", "rm", "--yes", "local"],
    ],
    ids=" ".join,
)
def test_stack_local_has_its_own_backend(clone: Clone, arguments: list[str]) -> None:
    """However stack local is named, its state is the clone's folder and its passphrase needs no setting."""
    answer = clone.run(*arguments)
    state = clone.root / ".voicehooks" / "state"
    backend = clone.backend(*arguments)
    assert urllib.parse.unquote(backend) == f"file://{state}"
    assert "PULUMI_CONFIG_PASSPHRASE=local" in answer.stdout
    assert state.is_dir()


@pytest.mark.parametrize(
    "arguments",
    [
        ["up"],
        ["up", "--stack", "dev"],
        ["up", "--stack=dev"],
        ["up", "-s", "localhost"],
        ["up", "--message", "local"],
        ["config", "set", "voicehooks:name", "local"],
        ["stack", "init", "dev", "--copy-config-from", "local"],
        ["stack", "select", "local", "--stack", "dev"],
        ["up", "--stack", "myorg/voicehooks/local"],
        ["env", "run", "dev", "--", "deploy", "--stack", "local"],
    ],
    ids=" ".join,
)
def test_other_stacks_keep_the_users_backend(clone: Clone, arguments: list[str]) -> None:
    """A call that is not about stack local leaves backend and passphrase as the user has them."""
    answer = clone.run(*arguments)
    assert clone.backend(*arguments) == BACKEND_OF_THE_USER
    assert "PULUMI_CONFIG_PASSPHRASE=unset" in answer.stdout


def test_worktree_that_links_the_environment_has_its_own_state(clone: Clone, tmp_path: Path) -> None:
    """The state lies beside the Pulumi.yaml of the folder that the command is run in, or above it."""
    worktree = tmp_path / "work tree"
    (worktree / "infra" / "deep").mkdir(parents=True)
    (worktree / "Pulumi.yaml").touch()
    state = worktree / ".voicehooks" / "state"
    for folder in (worktree, worktree / "infra" / "deep"):
        backend = clone.backend("up", "--stack", "local", cwd=folder)
        assert urllib.parse.unquote(backend) == f"file://{state}"
    assert state.is_dir()


def test_environment_variable_names_the_stack(clone: Clone) -> None:
    """PULUMI_STACK counts, and an option on the command line wins over it."""
    assert clone.backend("up", PULUMI_STACK="local").startswith("file://")
    assert clone.backend("up", "--stack", "dev", PULUMI_STACK="local") == BACKEND_OF_THE_USER


def test_the_selection_of_local_counts_until_another_stack_is_selected(clone: Clone) -> None:
    """A command that names no stack has the backend of `local` after it was selected, and only then."""
    (clone.root / "Pulumi.yaml").write_text("name: voicehooks\n")

    def backend(*arguments: str) -> str:
        return clone.backend(*arguments, cwd=clone.root).partition(":")[0]

    assert backend("up") == "s3"
    backend("stack", "init", "--stack", "local", "--no-select")
    assert backend("up") == "s3"
    backend("stack", "select", "local")
    assert backend("up") == "file"
    assert backend("up", "--stack", "dev") == "s3"
    backend("stack", "select", "--stack", "dev")
    assert backend("up") == "s3"


@pytest.mark.parametrize("stack", ["local", "rehearsal"])
def test_a_stack_of_the_sandbox_has_the_addresses_of_its_own_sandbox(clone: Clone, stack: str) -> None:
    """The addresses are those of the process that runs on the stack's folder, and nothing else's."""

    def seen() -> list[str]:
        lines = clone.run(
            "up", "--stack", stack, cwd=clone.root, TWILIO_BASE_URL="http://x"
        ).stdout.splitlines()
        return [line for line in lines if line.startswith(("TWILIO_BASE_URL=", "SUPABASE_URL="))]

    (clone.root / "Pulumi.yaml").write_text("name: voicehooks\n")
    settings = clone.root / f"Pulumi.{stack}.yaml"
    settings.write_text("config:\n  twilio:region: ie1\n")
    assert seen() == ["TWILIO_BASE_URL=http://x", "SUPABASE_URL=unset"]

    settings.write_text('config:\n  voicehooks:sandbox: "true"\n')
    assert seen() == ["TWILIO_BASE_URL=http://127.0.0.1:9", "SUPABASE_URL="]

    name = "sandbox" if stack == "local" else "sandbox-rehearsal"
    folder = StateFolder(clone.root / ".voicehooks" / name)
    folder.create()
    addresses = {"twilio_base_url": "http://127.0.0.1:1", "supabase_url": "http://127.0.0.1:2"}
    folder.write_running(RunningSandbox(identify_self(), addresses, {}), {})
    assert seen() == ["TWILIO_BASE_URL=http://127.0.0.1:1", "SUPABASE_URL=http://127.0.0.1:2"]

    # A record that another process left behind: somebody else may have its ports by now.
    gone = ProcessIdentity(identify_self().pid, "long ago")
    folder.write_running(RunningSandbox(gone, addresses, {}), {})
    assert seen() == ["TWILIO_BASE_URL=http://127.0.0.1:9", "SUPABASE_URL="]


@pytest.mark.parametrize(
    "line",
    [
        "voicehooks:sandbox: true",
        "voicehooks:sandbox: True",
        "voicehooks:sandbox: TRUE",
        'voicehooks:sandbox: "true"',
        "'voicehooks:sandbox': 'true'",
        '"voicehooks:sandbox":  true  # of this folder',
        "voicehooks:sandbox: false",
        'voicehooks:sandbox: ""',
        "# voicehooks:sandbox: true",
        "voicehooks:functionName: sandbox",
    ],
)
def test_the_script_and_the_commands_agree_which_stacks_have_a_sandbox(clone: Clone, line: str) -> None:
    """Otherwise one of the two would reach the real Twilio where the other reaches the sandbox."""
    (clone.root / "Pulumi.yaml").write_text("name: voicehooks\n")
    settings = f"config:\n  {line}\n  twilio:region: ie1\n"
    (clone.root / "Pulumi.dev.yaml").write_text(settings)
    lines = clone.run("up", "--stack", "dev", cwd=clone.root, TWILIO_BASE_URL="http://x").stdout.splitlines()
    given = "TWILIO_BASE_URL=http://127.0.0.1:9" in lines
    assert given == is_sandbox(yaml.safe_load(settings)["config"])


def test_every_call_gets_the_clones_python_and_todays_credentials(clone: Clone) -> None:
    """`.venv/bin` and the CLI's folder come first on PATH; destroy and refresh run the program."""
    lines = clone.run("destroy", "--stack", "dev").stdout.splitlines()
    path = next(line for line in lines if line.startswith("PATH="))
    assert path.startswith(f"PATH={clone.root}/.venv/bin:{clone.cli.parent}:")
    assert "PULUMI_RUN_PROGRAM=true" in lines
    assert "PULUMI_SKIP_UPDATE_CHECK=true" in lines


def test_arguments_and_exit_code_pass_unchanged(clone: Clone) -> None:
    """Spaces, quotes and empty arguments reach the CLI, its exit code comes back."""
    answer = clone.run("up", "-m", "it's a test", "", "*")
    given = [line[9:] for line in answer.stdout.splitlines() if line.startswith("argument=")]
    assert given == ["up", "-m", "it's a test", "", "*"]
    assert answer.returncode == 7


def test_wrapper_first_on_path_does_not_call_itself(clone: Clone) -> None:
    """With .venv activated, plain `pulumi` is the wrapper and still reaches the real CLI."""
    answer = clone.run("up", PATH=f"{clone.root}/.venv/bin:{os.environ['PATH']}")
    assert answer.returncode == 7


def test_vanished_cli_is_named(clone: Clone) -> None:
    """When the CLI behind the wrapper is gone, one sentence says so and what to do."""
    clone.cli.unlink()
    answer = clone.run("up")
    assert answer.returncode == 127
    assert answer.stderr == (
        f"pulumi: {clone.cli} is gone; run 'make install' in {clone.root} to find or fetch it again\n"
    )


def test_wrapper_is_renewed_only_when_needed(clone: Clone, tmp_path: Path) -> None:
    """A complete wrapper around the verified CLI is current; one that was edited or has another is not."""
    cache = tmp_path / "cache"
    verified = cache / f"v{VERSION}" / "pulumi"
    verified.parent.mkdir(parents=True)
    verified.write_bytes(clone.cli.read_bytes())
    verified.chmod(0o755)
    wrapper.write(clone.root, PulumiCli(verified, verified, VERSION))
    assert wrapper.is_current(clone.root, cache=cache)
    script = clone.root / ".venv" / "bin" / "pulumi"
    script.write_text(script.read_text() + "\n")
    assert not wrapper.is_current(clone.root, cache=cache)
    wrapper.write(clone.root, PulumiCli(verified, verified, "3.1.0"))
    assert not wrapper.is_current(clone.root, cache=cache)
    wrapper.write(clone.root, PulumiCli(clone.cli, clone.cli, VERSION))
    assert not wrapper.is_current(clone.root, cache=cache)
    assert wrapper.is_current(clone.root, cache=cache, given=str(clone.cli))
    wrapper.write(clone.root, PulumiCli(verified, verified, VERSION))
    assert not wrapper.is_current(clone.root, cache=cache, given=str(clone.cli))
    verified.unlink()
    assert not wrapper.is_current(clone.root, cache=cache)


@pytest.mark.parametrize("local", [True, False])
def test_empty_attributes_of_a_state_in_a_folder_go(clone: Clone, tmp_path: Path, local: bool) -> None:
    """What a kill left empty beside a state is deleted; whole ones, and the state, stay."""
    (clone.root / "Pulumi.yaml").write_text("name: voicehooks\n")
    state = clone.root / ".voicehooks" / "state" if local else tmp_path / "backend"
    stacks = state / ".pulumi" / "stacks"
    stacks.mkdir(parents=True)
    for name, text in (("a.json", "{}"), ("a.json.attrs", ""), ("b.json", ""), ("b.json.attrs", "{}")):
        (stacks / name).write_text(text)

    if local:
        clone.run("up", "--stack", "local", cwd=clone.root)
    else:
        clone.run("up", PULUMI_BACKEND_URL=f"file://{state}")

    assert sorted(path.name for path in stacks.iterdir()) == ["a.json", "b.json", "b.json.attrs"]


@pytest.mark.parametrize("before", [None, 0o755])
def test_the_state_of_local_is_for_its_owner_alone(clone: Clone, before: int | None) -> None:
    """The folder with the state of `local` can be read by nobody else, also if an earlier version made it."""
    state = clone.root / ".voicehooks" / "state"
    if before is not None:
        state.mkdir(parents=True)
        state.chmod(before)
    (clone.root / ".voicehooks").mkdir(exist_ok=True)
    (clone.root / ".voicehooks").chmod(0o755)
    clone.run("up", "--stack", "local", umask=0o022)

    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert stat.S_IMODE(state.parent.stat().st_mode) == 0o755  # the sandbox's Postgres may run as another user


def test_another_folder_with_a_state_keeps_its_mode(clone: Clone, tmp_path: Path) -> None:
    """A state that the user keeps in a folder of the own is not ours to protect."""
    folder = tmp_path / "states"
    folder.mkdir()
    folder.chmod(0o755)
    clone.run("up", "--stack", "prod", PULUMI_BACKEND_URL=f"file://{folder}")

    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
