"""git, as far as the commands ask it anything."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["try_git"]


def try_git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git in a folder and return how it went; without git it fails like a command that is not found."""
    program = shutil.which("git")
    if program is None:
        return subprocess.CompletedProcess(arguments, 127, "", "git is not installed")
    return subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, check=False)
