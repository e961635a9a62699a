"""Scripts that use supabase-js, unmodified, under Deno; `deno.lock` pins it."""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
from pathlib import Path

from voicehooks_sandbox.supabase.binaries import deno_folder

from tests.support.waiting import PATIENCE

FOLDER = Path(__file__).parent


def checks_of(script: str) -> list[str]:
    """The names of a script's checks, as they are written in it."""
    lines = (FOLDER / script).read_text(encoding="utf-8").splitlines()
    return [line.split('"')[1] for line in lines if line.startswith('  async "')]


def run_check(script: str, sandbox: dict[str, str], check: str) -> str:
    """Run one check of a script against a sandbox; returns what it printed.

    Raises:
        AssertionError: It failed; with the client's own error.
    """
    deno = Path(sysconfig.get_path("scripts")) / "deno"
    done = subprocess.run(
        [deno, "run", "--frozen", "--no-check", "--allow-all", script, json.dumps(sandbox), check],
        cwd=FOLDER,
        env={**os.environ, "DENO_DIR": str(deno_folder()), "NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout
