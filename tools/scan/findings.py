"""The findings of a scan, and the files that it reads."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Finding", "files_of"]


@dataclass(frozen=True)
class Finding:
    """A problem that must be fixed.

    Attributes:
        file: relative to the repository's root.
        line: counted from 1; 0 for the whole file.
        what: one sentence, which never contains the secret itself.
        do: how to fix it.
    """

    file: str
    line: int
    what: str
    do: str

    def __str__(self) -> str:
        """Return the finding in the format of compilers, so that editors find the line."""
        return f"{self.file}:{self.line}: {self.what}; {self.do}"


def files_of(root: Path) -> list[Path]:
    """Return the files that are or could be committed: tracked, or new and not ignored; no links."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - the user's git
        cwd=root,
        capture_output=True,
        check=True,
    ).stdout.decode()
    paths = [root / name for name in sorted(set(listed.split("\0"))) if name]
    return [path for path in paths if path.is_file() and not path.is_symlink()]
