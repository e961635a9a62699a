"""TypeScript types of the database, written by Supabase's own generator.

The npm package `@supabase/postgrest-typegen` is the engine behind `supabase gen types`. It runs under Deno, is
fetched on the first call and is pinned by `deno.lock`.
"""

from __future__ import annotations

import asyncio
import os
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from voicehooks_sandbox.errors import SandboxError
from voicehooks_sandbox.supabase.binaries import deno_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECONDS = 120
# The version that hosted projects run, whose answers the gateway gives. supabase-js decides by it which methods
# exist, so the types are those of a hosted project.
_POSTGREST_VERSION = "14.5"


async def typescript_types(deno: Path, database_url: str, schemas: Sequence[str]) -> str:
    """The types of some schemas, as `supabase gen types` prints them.

    Args:
        deno: The Deno executable.
        database_url: Connection URL of a role that may read the catalog.
        schemas: The schemas to describe; one that does not exist is left out.

    Raises:
        SandboxError: The generator could not be fetched, or it failed; with its reason.
    """
    folder = Path(str(files("voicehooks_sandbox.supabase.type_generator")))
    process = await asyncio.create_subprocess_exec(
        deno,
        *("run", "--no-prompt", "--no-check", "--frozen", f"--config={folder / 'deno.json'}"),
        # It reads its own packages, connects to the database, and loads a formatter that is native code.
        *("--allow-env", "--allow-read", "--allow-write", "--allow-net", "--allow-sys", "--allow-ffi"),
        *(str(folder / "generate.ts"), database_url, _POSTGREST_VERSION, *schemas),
        env=_environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        types, errors = await asyncio.wait_for(process.communicate(), _SECONDS)
    except BaseException as error:
        process.kill()
        await process.wait()
        if isinstance(error, TimeoutError):
            msg = f"The type generator did not finish within {_SECONDS} s. Try again."
            raise SandboxError(msg) from error
        raise
    if process.returncode != 0:
        raise SandboxError(_explain(errors.decode(errors="replace")))
    return types.decode().rstrip("\n") + "\n"


def _environment() -> dict[str, str]:
    """The user's proxy and registry settings apply to the download; settings of libpq do not apply here."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "DENO_"))}
    return {**own, "DENO_DIR": str(deno_folder()), "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}


def _explain(output: str) -> str:
    reason = next((line for line in output.splitlines() if "rror:" in line), output.strip().rpartition("\n")[2])
    return (
        f"The type generator (npm package @supabase/postgrest-typegen) failed: {reason.strip()}. "
        "It is fetched on its first use: check the network or the npm registry setting, then try again."
    )
