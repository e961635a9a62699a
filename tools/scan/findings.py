"""What a scan reports, and which files it reads."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Finding", "files_of"]


@dataclass(frozen=True)
class Finding:
    """Something that must not stay as it is.

    Attributes:
        file: relative to the repository's root.
        line: counted from 1; 0 where the whole file is meant.
        what: one sentence, which never contains the secret itself.
        do: what puts it right.
    """

    file: str
    line: int
    what: str
    do: str

    def __str__(self) -> str:
        """As compilers write it, so that editors find the place."""
        return f"{self.file}:{self.line}: {self.what}; {self.do}"


def files_of(root: Path) -> list[Path]:
    """The files that are or could be committed: known to git, or new and not ignored; links left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - the user's git
        cwd=root,
        capture_output=True,
        check=True,
    ).stdout.decode()
    paths = [root / name for name in sorted(set(listed.split("\0"))) if name]
    return [path for path in paths if path.is_file() and not path.is_symlink()]
