"""The real PostgREST in front of the embedded Postgres, on a Unix socket."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from voicehooks_sandbox.service import Service
from voicehooks_sandbox.supabase.keys import verification_keys

if TYPE_CHECKING:
    from pathlib import Path

    from voicehooks_sandbox.processes import ChildRegister
    from voicehooks_sandbox.state import StateFolder
    from voicehooks_sandbox.supabase.postgres import Postgres


DEFAULT_SETTINGS = {
    "db_schemas": "public, graphql_public",
    "db_extra_search_path": "public, extensions",
    "db_max_rows": "1000",
}
"""The configuration of a new project; `alter role authenticator set pgrst...` takes precedence over it."""


class PostgREST:
    """One PostgREST process, configured as a hosted project's.

    Args:
        state: The sandbox's state folder (for the log).
        binary: The executable.
        postgres: The database it serves.
        register: Where its pid is written down.
        project_url: The project URL, for the API's description.
    """

    def __init__(
        self, state: StateFolder, binary: Path, postgres: Postgres, register: ChildRegister, project_url: str
    ) -> None:
        self.socket = postgres.folders.sockets / "postgrest"
        self.service = Service(
            "postgrest",
            [binary],
            environment={
                "PGRST_DB_URI": postgres.url_for("authenticator"),
                "PGRST_DB_SCHEMAS": DEFAULT_SETTINGS["db_schemas"],
                "PGRST_DB_EXTRA_SEARCH_PATH": DEFAULT_SETTINGS["db_extra_search_path"],
                "PGRST_DB_ANON_ROLE": "anon",
                "PGRST_DB_POOL": "10",
                "PGRST_DB_MAX_ROWS": DEFAULT_SETTINGS["db_max_rows"],
                # The gateway asks for a rollback where it counts the rows that a request would change.
                "PGRST_DB_TX_END": "commit-allow-override",
                "PGRST_OPENAPI_SERVER_PROXY_URI": f"{project_url}/rest/v1",
                "PGRST_JWT_SECRET": verification_keys(),
                "PGRST_SERVER_UNIX_SOCKET": str(self.socket),
                "PGRST_SERVER_UNIX_SOCKET_MODE": "600",
                "PGRST_LOG_LEVEL": "error",
            },
            log_folder=state.logs,
            register=register,
            is_ready=self.serves_schema,
        )

    async def start(self) -> None:
        """Start it, and return once its schema cache is loaded."""
        if not self.service.is_started:
            self.socket.unlink(missing_ok=True)
        await self.service.start()

    async def stop(self) -> None:
        """Stop it."""
        await self.service.stop()
        self.socket.unlink(missing_ok=True)

    async def serves_schema(self) -> bool:
        """Ask for the API's description, which it refuses with 503 until it knows the schema."""
        try:
            reader, writer = await asyncio.open_unix_connection(str(self.socket))
        except OSError:
            return False
        try:
            writer.write(b"HEAD / HTTP/1.1\r\nHost: postgrest\r\nConnection: close\r\n\r\n")
            status_line = await reader.readline()
        except OSError:
            return False
        finally:
            writer.close()
        return status_line.startswith(b"HTTP/1.1 200")
