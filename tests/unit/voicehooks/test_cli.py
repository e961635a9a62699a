"""The command line around the commands: help, errors, exit codes, the sandbox as another program."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from voicehooks import cli, project, sandbox
from voicehooks.errors import CommandError

BIN = Path(sys.executable).parent


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


def test_help_imports_nothing_slow() -> None:
    """`--help` stays quick because no command's modules are imported for it."""
    code = (
        "import sys\nfrom voicehooks.cli import app\n"
        "try: app(['--help'])\nexcept SystemExit: pass\n"
        "print([name for name in ('httpx', 'rich', 'pulumi', 'pydantic') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Make a test call" in answer.stdout
    assert answer.stdout.splitlines()[-1] == "[]"


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
