"""The vendor's own command line, against a sandbox: installed once from npm, and run without its telemetry."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.npm_package import npm_package
from tests.support.waiting import PATIENCE

VERSION = "3.1.0"


def installed() -> Path:
    """Return the CLI, installed once into this user's cache."""
    return npm_package("supabase", VERSION) / ".bin" / "supabase"


@dataclass(frozen=True)
class SupabaseCli:
    """The CLI as a user of one sandbox runs it.

    Attributes:
        program: the executable.
        sandbox: what `voicehooks sandbox env --json` prints.
        home: a folder for the CLI's own files.
    """

    program: Path
    sandbox: Mapping[str, str]
    home: Path

    def run(self, folder: Path, *arguments: str, remote: bool = True) -> str:
        """Run a command in a folder and return what it printed; `remote` names the sandbox's project."""
        self.home.mkdir(exist_ok=True)
        profile = self.home / "profile.yaml"
        api = self.sandbox["supabase_api_url"]
        values = {"name": "sandbox", "api_url": api, "dashboard_url": api, "project_host": "sandbox.invalid"}
        profile.write_text("".join(f"{key}: {value}\n" for key, value in values.items()), encoding="utf-8")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "SUPABASE_HOME": str(self.home),
            "SUPABASE_ACCESS_TOKEN": self.sandbox["supabase_access_token"],
            "SUPABASE_TELEMETRY_DISABLED": "1",
            "DO_NOT_TRACK": "1",
            "NO_COLOR": "1",
        }
        target = [f"--remote={self.sandbox['supabase_project_ref']}"] if remote else []
        done = subprocess.run(
            [self.program, *arguments, *target, "--profile", profile, "--yes"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        output = done.stdout + done.stderr
        assert done.returncode == 0, output
        return output
