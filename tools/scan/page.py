"""The libraries of the sandbox's page and of the CRM example are the files that were published."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tools.page_libraries import FOLDERS, LIBRARIES
from tools.scan.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["scan"]

_DO = "run .venv/bin/python -m tools.page_libraries"


def scan(root: Path) -> Iterator[Finding]:
    """Yield a finding for each library that is missing, changed, or not in the table."""
    for folder in FOLDERS:
        expected = {library.name: library.sha256 for library in LIBRARIES if library.folder == folder}
        present = {file.name for file in (root / folder).iterdir()} if (root / folder).is_dir() else set()
        for name in sorted(present | expected.keys()):
            yield from _file(root, str(folder / name), expected.get(name))


def _file(root: Path, file: str, sha256: str | None) -> Iterator[Finding]:
    if not (root / file).exists():
        yield Finding(file, 0, "this library of the page is missing", _DO)
    elif sha256 is None:
        what = "this file is not in the table of the pages' libraries"
        yield Finding(file, 1, what, "add it to tools/page_libraries.py")
    elif hashlib.sha256((root / file).read_bytes()).hexdigest() != sha256:
        yield Finding(file, 0, "this library of the page is not the published file", _DO)
