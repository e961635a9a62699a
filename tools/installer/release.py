"""The release of the Pulumi CLI that this project works with."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

VERSION = "3.259.0"
"""The release that is downloaded or built, and that the tests use. Older ones are refused. It is also the
version of the Python package `pulumi` in requirements.txt."""

RELEASES = "https://get.pulumi.com/releases/sdk"
"""The base URL of the vendor's archives."""

CLI = "pulumi"
LANGUAGE_HOST = "pulumi-language-python"


@dataclass(frozen=True)
class PulumiCli:
    """A Pulumi CLI with its Python language host."""

    executable: Path
    language_host: Path
    version: str

    @property
    def folders(self) -> list[Path]:
        """The folders that must be on PATH for the CLI to find its language host."""
        return list(dict.fromkeys([self.executable.parent, self.language_host.parent]))

    def is_complete(self) -> bool:
        """Whether both files still exist."""
        return os.access(self.executable, os.X_OK) and os.access(self.language_host, os.X_OK)

    def to_json(self) -> dict[str, str]:
        """Return the CLI as JSON, to store it in a file."""
        return {
            "executable": str(self.executable),
            "language_host": str(self.language_host),
            "version": self.version,
        }

    @staticmethod
    def from_json(value: dict[str, str]) -> PulumiCli:
        """Read the JSON of `to_json`; KeyError if a field is missing."""
        return PulumiCli(Path(value["executable"]), Path(value["language_host"]), value["version"])


def version_of(executable: Path) -> str | None:
    """Return the output of `pulumi version` as "3.259.0"; None if it does not run or prints no version."""
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        answer = subprocess.run(
            [str(executable), "version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.fullmatch(r"v?(\d+\.\d+\.\d+)(?:[-+].*)?", answer.stdout.strip())
    return found[1] if found and answer.returncode == 0 else None


def is_new_enough(version: str) -> bool:
    """Whether `version` is VERSION or later; a new major release is not known to work."""
    have, want = (tuple(int(part) for part in text.split(".")) for text in (version, VERSION))
    return have[0] == want[0] and have >= want
