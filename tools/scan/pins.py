"""Dependencies that could change by themselves: everything that is installed has an exact version."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from tools.scan.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["actions", "build_backends", "go_modules", "npm", "requirements", "scan"]

_PIN = re.compile(r"([A-Za-z0-9_.-]+)==([A-Za-z0-9_.+!-]+)")


def scan(root: Path, files: list[Path]) -> Iterator[Finding]:
    """Check requirements, build backends, the workflows' actions, npm imports and Go modules."""
    pinned = dict(
        _PIN.findall("\n".join(path.read_text(encoding="utf-8") for path in files if _is_requirements(path)))
    )
    for path in files:
        name = str(path.relative_to(root))
        if _is_requirements(path):
            text = path.read_text(encoding="utf-8")
            yield from requirements(name, text)
        elif path.name == "pyproject.toml":
            yield from build_backends(name, path.read_text(encoding="utf-8"), pinned)
        elif path.name == "go.mod":
            yield from go_modules(name, has_sums=(path.parent / "go.sum").is_file())
        elif name.startswith(".github/") and path.suffix in {".yml", ".yaml"}:
            yield from actions(name, path.read_text(encoding="utf-8"))
        elif name.startswith("functions/") and path.suffix in {".ts", ".json"}:
            yield from npm(name, path.read_text(encoding="utf-8"))


def requirements(name: str, text: str) -> Iterator[Finding]:
    """Each line is one distribution with one version, or a distribution of this repository."""
    for number, line in enumerate(text.splitlines(), 1):
        line = line.split(" #")[0].strip()  # noqa: PLW2901 - the same line without its remark
        pin = line.partition(";")[0].strip()  # a marker selects machines
        own = line.startswith(("-e .", "./", "../")) or line == "."
        if line and not line.startswith("#") and not own and not _PIN.fullmatch(pin):
            yield Finding(name, number, f"{line!r} is not pinned", "write NAME==VERSION")


def actions(name: str, text: str) -> Iterator[Finding]:
    """Each action is named by a full commit SHA, with its release as a comment."""
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r"\s*(?:- )?uses:\s*(\S+)(.*)", line)
        if match is None or match[1].startswith("./"):
            continue
        if not re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", match[1]):
            yield Finding(name, number, f"{match[1]} can be moved", "use the full commit SHA")
        elif not re.match(r"\s*# v\d", match[2]):
            yield Finding(name, number, f"{match[1]} does not name its release", "add a comment: # v1.2.3")


def npm(name: str, text: str) -> Iterator[Finding]:
    """Each import from a registry names an exact version."""
    for number, line in enumerate(text.splitlines(), 1):
        for specifier in re.findall(r"[\"'](?:npm|jsr):([^\"']+)[\"']", line):
            if not re.search(r".@\d+\.\d+\.\d+", specifier):
                yield Finding(name, number, f"{specifier} is not pinned", "write NAME@1.2.3")


def go_modules(name: str, *, has_sums: bool) -> Iterator[Finding]:
    """A Go module has the checksums of all its dependencies."""
    if not has_sums:
        yield Finding(name, 0, "there is no go.sum next to it", "run go mod tidy there")


def build_backends(name: str, text: str, pinned: Mapping[str, str]) -> Iterator[Finding]:
    """A build backend has an exact version, the same as in the requirements.

    Args:
        name: the file.
        text: a pyproject.toml.
        pinned: the versions in the requirements by name.
    """
    for requirement in tomllib.loads(text).get("build-system", {}).get("requires", []):
        match = _PIN.fullmatch(requirement)
        if match is None:
            yield Finding(name, 0, f"the build backend {requirement!r} is not pinned", "write NAME==VERSION")
        elif pinned.get(match[1], match[2]) != match[2]:
            wanted = f"{match[1]}=={pinned[match[1]]}"
            yield Finding(name, 0, f"{requirement}, but the requirements say {wanted}", "use one version")


def _is_requirements(path: Path) -> bool:
    return re.fullmatch(r"requirements.*\.txt", path.name) is not None
