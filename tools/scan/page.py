"""The libraries of the sandbox's page are the files that were published."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tools.page_libraries import FOLDER, LIBRARIES
from tools.scan.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["scan"]

_DO = "run .venv/bin/python -m tools.page_libraries"


def scan(root: Path) -> Iterator[Finding]:
    """Yield a finding for each library that is missing, changed, or not in the table."""
    folder = root / FOLDER
    expected = {library.name: library.sha256 for library in LIBRARIES}
    present = {file.name for file in folder.iterdir()} if folder.is_dir() else set()
    for name in sorted(present | expected.keys()):
        file = str(FOLDER / name)
        if name not in present:
            yield Finding(file, 0, "this library of the page is missing", _DO)
        elif name not in expected:
            yield Finding(
                file,
                1,
                "this file is not in the table of the page's libraries",
                "add it to tools/page_libraries.py",
            )
        elif hashlib.sha256((folder / name).read_bytes()).hexdigest() != expected[name]:
            yield Finding(file, 0, "this library of the page is not the published file", _DO)
