"""A sandbox for a test: its own state, free ports, stopped at the end."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from voicehooks_sandbox import launcher
from voicehooks_sandbox.state import StateFolder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def running_sandbox(
    state_dir: Path,
    *,
    time_factor: float = 1.0,
    rate_limit: int = 0,
    database_port: int = 0,
    keep: bool = False,
) -> Iterator[dict[str, str]]:
    """Run a sandbox as a process of its own and yield its connection values.

    Args:
        state_dir: The state folder; made if it does not exist.
        time_factor: How much faster than the clock simulated calls run.
        rate_limit: The Management API's requests a minute; 0 (the default here) for no limit.
        database_port: The port of Postgres; 0 for a free one.
        keep: Keep what is stored for another start on the same state.

    Yields:
        The mapping that `voicehooks-sandbox env --json` prints.

    Raises:
        SandboxError: It did not start.
    """
    state = StateFolder(state_dir)
    arguments = ["--time-factor", str(time_factor), "--rate-limit", str(rate_limit)]
    for option in ("--twilio-port", "--supabase-api-port", "--supabase-port", "--proxy-port"):
        arguments += [option, "0"]
    arguments += ["--database-port", str(database_port)]
    running = launcher.up(state, arguments, lambda _: None)
    try:
        yield dict(running.environment)
    finally:
        launcher.down(state, purge=not keep)
