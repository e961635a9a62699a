"""How Deno is started for a function: flags, permissions, environment.

A function may use the network and read its own files and variables, nothing else. Memory is limited
as hosted (Supabase docs: functions/limits, 256 MB).
"""

from __future__ import annotations

import asyncio
import os
import re
from importlib.resources import files
from pathlib import Path

from voicehooks_sandbox.credentials import SUPABASE_PROJECT_REF
from voicehooks_sandbox.supabase.binaries import deno_folder
from voicehooks_sandbox.supabase.functions.models import Function, safe_path

_MEMORY_MEGABYTES = 256
_BUNDLE_SECONDS = 120


class BundleError(Exception):
    """The sources of a function cannot be bundled; the message gives the reason."""


def bootstrap_file() -> Path:
    """The module that Deno runs instead of the function's entrypoint."""
    return Path(str(files("voicehooks_sandbox.supabase.functions").joinpath("bootstrap.ts")))


def runtime_environment() -> dict[str, str]:
    """Variables of Deno itself."""
    return {"DENO_DIR": str(deno_folder()), "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}


def run_arguments(function: Function, source: Path, marker: str) -> list[str]:
    """Deno's arguments for running a function."""
    entrypoint = source / safe_path(function.entrypoint_path)
    return [
        "run",
        "--no-prompt",
        "--no-check",
        "--cached-only",
        *_module_flags(function, source),
        "--allow-net",
        "--allow-env",
        f"--allow-read={source}",
        f"--v8-flags=--max-old-space-size={_MEMORY_MEGABYTES}",
        str(bootstrap_file()),
        entrypoint.as_uri(),
        marker,
    ]


async def bundle(deno: Path, function: Function, source: Path) -> None:
    """Resolve and download all modules of a function, as the platform does when it bundles a deploy.

    Raises:
        BundleError: The entrypoint is missing, a module cannot be found or does not parse.
    """
    if not (source / safe_path(function.entrypoint_path)).is_file():
        msg = f"Entrypoint path does not exist - {reported_path(function, function.entrypoint_path)}"
        raise BundleError(msg)
    process = await asyncio.create_subprocess_exec(
        deno,
        "cache",
        *_module_flags(function, source),
        str(source / safe_path(function.entrypoint_path)),
        # The user's proxy and registry settings apply to what functions import.
        env={**os.environ, **runtime_environment()},
        cwd=source,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, errors = await asyncio.wait_for(process.communicate(), _BUNDLE_SECONDS)
    except TimeoutError as error:
        process.kill()
        await process.wait()
        msg = f"its modules could not be downloaded within {_BUNDLE_SECONDS} s"
        raise BundleError(msg) from error
    if process.returncode != 0:
        text = errors.decode(errors="replace").replace(source.as_uri(), reported_path(function, "").rstrip("/"))
        reason = re.sub(r"^.*?error: ", "", text, count=1, flags=re.DOTALL).partition("\n\nStack backtrace")[0]
        raise BundleError(reason.strip())


def reported_path(function: Function, path: str) -> str:
    """A path within a release as the Management API reports it (opaque; ends with what was sent)."""
    return f"file:///tmp/user_fn_{SUPABASE_PROJECT_REF}_{function.id}_{function.version}/source/{path}"


def _module_flags(function: Function, source: Path) -> list[str]:
    flags = ["--no-lock", "--node-modules-dir=none"]
    if function.import_map_path is None:
        return [*flags, "--no-config"]
    path = source / safe_path(function.import_map_path)
    if not path.is_file():
        # A stale path of an earlier deploy: hosted, too, bundles without it.
        return [*flags, "--no-config"]
    if path.name in ("deno.json", "deno.jsonc"):
        return [*flags, f"--config={path}"]
    return [*flags, "--no-config", f"--import-map={path}"]
