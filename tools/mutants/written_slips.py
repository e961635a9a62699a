"""The slips of SQL and TypeScript, which are written in `slips.yaml` as they would happen."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml  # type: ignore[import-untyped]

from tools.mutants.model import MutantsError, Slip

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SLIPS", "written_slips"]

# A function of a migration, with its body; a later migration may define it again.
_FUNCTION = re.compile(r"^create or replace function ([\w.]+).*?(\$\w*\$).*?\2", re.MULTILINE | re.DOTALL)

SLIPS = Path(__file__).with_name("slips.yaml")


def written_slips(root: Path, content: Mapping[str, Any] | None = None) -> list[Slip]:
    """Return the written slips.

    Args:
        root: the repository.
        content: in place of that of slips.yaml.

    Raises:
        MutantsError: a slip does not apply, because its line changed; all of those are named.
    """
    if content is None:
        content = yaml.safe_load(SLIPS.read_text(encoding="utf-8"))
    slips: list[Slip] = []
    stale: list[str] = []
    for file, entry in content.items():
        path = root / file
        if not path.is_file():
            stale.append(f"{file}: the file does not exist")
            continue
        text = path.read_text(encoding="utf-8")
        replaced = _replaced(path, text)
        for number, written in enumerate(entry["slips"]):
            count = text.count(written["find"])
            if count != 1:
                stale.append(f"{file}: in the file {count} times instead of once:\n    {written['find']}")
            elif later := replaced.get(_function_at(text, text.index(written["find"]))):
                stale.append(f"{file}: its function is replaced by {later}:\n    {written['find']}")
            elif problem := _missing(root, (*entry["tests"], *written.get("tests", ()))):
                stale.append(f"{file}: {problem}")
            else:
                slips.append(_slip(file, text, number, written, tuple(written.get("tests", entry["tests"]))))
    if stale:
        raise MutantsError("slips.yaml is out of date:\n  " + "\n  ".join(stale))
    return slips


def _replaced(path: Path, text: str) -> dict[str, str]:
    """Return a migration's functions in which a slip could change nothing, each with what replaces it."""
    if path.suffix != ".sql":
        return {}
    here = {found[1] for found in _FUNCTION.finditer(text)}
    return {
        found[1]: later.name
        for later in sorted(path.parent.glob("*.sql"))
        if later > path
        for found in _FUNCTION.finditer(later.read_text(encoding="utf-8"))
        if found[1] in here
    }


def _function_at(text: str, place: int) -> str:
    """Return the function around a place; empty outside of functions."""
    return next((m[1] for m in _FUNCTION.finditer(text) if m.start() <= place < m.end()), "")


def _missing(root: Path, tests: tuple[str, ...]) -> str:
    gone = [test for test in tests if not (root / test.split("::")[0]).exists()]
    return f"no such test: {', '.join(gone)}" if gone else ""


def _slip(file: str, text: str, number: int, written: Mapping[str, str], tests: tuple[str, ...]) -> Slip:
    before, after = written["find"], written["replace"]
    line = text[: text.index(before)].count("\n") + 1
    digest = hashlib.sha256(f"{text}\0{before}\0{after}".encode()).hexdigest()[:16]
    return Slip(
        file,
        line,
        "written",
        number,
        "",
        lambda: text.replace(before, after),
        digest,
        written["why"],
        tests,
    )
