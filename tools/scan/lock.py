"""requirements.lock: each entry has hashes, its inputs are current, and its versions are installed."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.installer.environment import LOCK, REQUIREMENTS, own_distributions
from tools.scan.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Entry", "agrees", "entries", "header", "installed", "own_names", "scan", "verified"]

_DO = "run make lock"
_INPUTS = re.compile(r"^# inputs: sha256:([0-9a-f]{64})$", re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """One version in the lock.

    Attributes:
        line: where it begins, counted from 1.
        requirement: name, version and marker.
        hashes: the number of SHA-256 sums.
    """

    line: int
    requirement: Requirement
    hashes: int

    @property
    def pin(self) -> tuple[str, str]:
        """The normalized name, and the version, or an empty string if it is not exact."""
        exact = re.fullmatch(r"==([^*,]+)", str(self.requirement.specifier))
        return canonicalize_name(self.requirement.name), exact[1] if exact else ""

    @property
    def applies(self) -> bool:
        """Whether its marker applies to this machine."""
        return self.requirement.marker is None or self.requirement.marker.evaluate()


def scan(root: Path) -> Iterator[Finding]:
    """Check the repository's lock."""
    file = root / LOCK
    if not file.is_file():
        yield Finding(LOCK, 0, "there is no such file", _DO)
        return
    text = file.read_text(encoding="utf-8")
    yield from verified(text)
    yield from agrees(root, text)
    yield from installed(text)


def entries(text: str) -> Iterator[Entry]:
    """Read a requirements file with or without hashes; skip comments and options."""
    line = 0
    for block in re.split(r"(?<!\\)\n", text):
        first, *rest = block.split("\\\n")
        if first.strip() and not first.lstrip().startswith(("#", "-")):
            hashes = sum(bool(re.fullmatch(r"\s*--hash=sha256:[0-9a-f]{64}\s*", row)) for row in rest)
            yield Entry(line + 1, Requirement(first.split(" #")[0].strip()), hashes)
        line += 1 + len(rest)


def verified(text: str) -> Iterator[Finding]:
    """Each entry has one exact version and at least one hash."""
    for entry in entries(text):
        name, version = entry.pin
        if not version or not entry.hashes:
            yield Finding(LOCK, entry.line, f"{name} has no {'hash' if version else 'exact version'}", _DO)


def agrees(root: Path, text: str) -> Iterator[Finding]:
    """The lock has the versions that the inputs name, and was made from the current inputs."""
    locked = {entry.pin for entry in entries(text)}
    found = False
    for name in REQUIREMENTS:
        for entry in entries((root / name).read_text(encoding="utf-8")):
            if entry.pin[1] and entry.pin not in locked:
                found = True
                yield Finding(name, entry.line, f"{'=='.join(entry.pin)} is not in {LOCK}", _DO)
    made_from = _INPUTS.search(text)
    if not found and (made_from is None or made_from[1] != _digest(root)):
        yield Finding(LOCK, 0, "it was made from other requirements or pyproject.toml files", _DO)


def installed(text: str) -> Iterator[Finding]:
    """The installed versions are the locked ones, so that a changed environment is noticed."""
    for entry in entries(text):
        name, version = entry.pin
        try:
            there = metadata.version(name)
        except metadata.PackageNotFoundError:
            there = "nothing"
        if entry.applies and there != version:
            yield Finding(LOCK, entry.line, f"{name}=={version}, but {there} is installed", "run make install")


def header(root: Path) -> str:
    """Return the lock's first lines: which command made it, and from which inputs."""
    made = f"# Made by `make lock` from {', '.join(REQUIREMENTS)} and the pyproject.toml files. Do not edit."
    return f"{made}\n# inputs: sha256:{_digest(root)}\n"


def own_names(root: Path) -> list[str]:
    """Return the names of this repository's distributions, which are installed from their folders."""
    return [str(_project(folder)["name"]) for folder in own_distributions(root)]


def _digest(root: Path) -> str:
    """Return a digest of everything that affects the lock; comments and order do not."""
    pins = sorted(
        str(entry.requirement)
        for name in REQUIREMENTS
        for entry in entries((root / name).read_text(encoding="utf-8"))
    )
    keys = ("name", "dependencies", "optional-dependencies", "requires-python")
    projects = [{key: _project(folder).get(key) for key in keys} for folder in own_distributions(root)]
    return hashlib.sha256(json.dumps([pins, projects], sort_keys=True).encode()).hexdigest()


def _project(folder: Path) -> dict[str, object]:
    text = (folder / "pyproject.toml").read_text(encoding="utf-8")
    project: dict[str, object] = tomllib.loads(text)["project"]
    return project
