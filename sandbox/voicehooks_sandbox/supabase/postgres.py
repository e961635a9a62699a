"""An embedded Postgres with the roles and privileges of a hosted Supabase project."""

from __future__ import annotations

import asyncio
import secrets
import signal
import sys
from importlib.resources import files
from typing import TYPE_CHECKING

import psycopg

from voicehooks_sandbox.credentials import POSTGRES_PASSWORD
from voicehooks_sandbox.errors import SandboxError
from voicehooks_sandbox.ports import LOOPBACK
from voicehooks_sandbox.service import Service
from voicehooks_sandbox.supabase.cluster import ClusterFolders, prepare_folders, readable_binaries
from voicehooks_sandbox.supabase.server_certificate import ensure_server_certificate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from voicehooks_sandbox.processes import ChildRegister
    from voicehooks_sandbox.state import StateFolder

_SUPERUSER = "supabase_admin"
_CLI_LOGIN_ROLE = "cli_login_postgres"
# The socket folder is private; on a port, others on this machine could knock.
_ACCESS = f"""local all all trust
host all postgres,{_CLI_LOGIN_ROLE} 127.0.0.1/32 scram-sha-256
"""
_SCRIPTS = ("roles", "auth", "storage", "realtime")
_BOOTSTRAPPED = "bootstrapped"
_CONFIGURED = """
    select from pg_db_role_setting cross join unnest(setconfig) as setting
    where setrole = 'authenticator'::regrole and setting like 'pgrst.%'
"""
_LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"

# Only a crash of the machine itself can lose data with fsync off: what a killed Postgres has written
# is in the operating system's cache. A sandbox gains much speed for that.
_SETTINGS = {
    "unix_socket_permissions": "0700",
    "fsync": "off",
    "full_page_writes": "off",
    "ssl": "on",
    "wal_level": "logical",
    "shared_preload_libraries": "pg_stat_statements",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Postgres:
    """One cluster: made on the first start, found again afterwards.

    Args:
        state: The sandbox's state folder.
        binaries: The folder with `postgres` and `initdb`.
        register: Where its pid is written down.
        port: The loopback port to listen on, with a password, in addition to the Unix socket without one.
        release_port: Called right before Postgres opens the port, which was reserved until then.
    """

    def __init__(
        self,
        state: StateFolder,
        binaries: Path,
        register: ChildRegister,
        *,
        port: int,
        release_port: Callable[[], None],
    ) -> None:
        self._state = state
        self._release_port = release_port
        self._folders = prepare_folders(state)
        self._binaries = readable_binaries(binaries)
        self._port = port  # part of the Unix socket's name, too
        settings = {
            **_SETTINGS,
            "listen_addresses": LOOPBACK,
            "port": str(self._port),
            "unix_socket_directories": str(self._folders.sockets),
        }
        self.service = Service(
            "postgres",
            [
                self._binaries / "postgres",
                "-D",
                self._folders.data,
                *(argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")),
            ],
            environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            log_folder=state.logs,
            register=register,
            is_ready=self._accepts_connections,
            stop_signal=signal.SIGINT,
            popen_arguments=self._folders.user.popen_arguments(),
        )

    @property
    def folders(self) -> ClusterFolders:
        """Where data and sockets are."""
        return self._folders

    @property
    def port(self) -> int:
        """The loopback port for clients."""
        return self._port

    @property
    def url(self) -> str:
        """The connection URL for clients: role `postgres`, the role that migrations run as."""
        return f"postgresql://postgres:{POSTGRES_PASSWORD}@{LOOPBACK}:{self._port}/postgres"

    @property
    def superuser_url(self) -> str:
        """The connection URL of the superuser, whom clients cannot be."""
        return self.url_for(_SUPERUSER)

    def url_for(self, role: str) -> str:
        """The connection URL of a role (the socket folder is private, so no password is asked)."""
        return f"postgresql://{role}@/postgres?host={self._folders.sockets}&port={self._port}"

    async def start(self) -> None:
        """Start the server, on the first start after making the cluster and its roles.

        Raises:
            SandboxError: The cluster could not be made or the server did not start.
        """
        if not (self._folders.data / "PG_VERSION").exists():
            await self._initialize()
        await self._refuse_data_of_another_version()
        (self._folders.data / "pg_hba.conf").write_text(_ACCESS, encoding="utf-8")
        ensure_server_certificate(self._folders.data, self._folders.user)
        self._release_port()
        await self.service.start()
        marker = self._folders.data / _BOOTSTRAPPED
        if not marker.exists():
            await self._create_roles()
            marker.touch()

    async def reset(self) -> bool:
        """Empty the database, up to what a project has from the start.

        Returns:
            Whether PostgREST's configuration was changed, which PostgREST reads when it starts.
        """
        async with await psycopg.AsyncConnection.connect(self.superuser_url) as connection:
            configured = await (await connection.execute(_CONFIGURED)).fetchone() is not None
            await connection.execute(_script("reset").encode())
        return configured

    async def create_login_role(self, seconds: int) -> tuple[str, str]:
        """Give the login role of the Supabase CLI, a member of `postgres`, a new password.

        Args:
            seconds: How long the password is valid.

        Returns:
            The role's name and its password.
        """
        password = secrets.token_urlsafe(32)
        await self._run_as_superuser(f"""
            do $$ begin
              if not exists (select from pg_roles where rolname = '{_CLI_LOGIN_ROLE}') then
                create role {_CLI_LOGIN_ROLE} login noinherit;
                grant postgres to {_CLI_LOGIN_ROLE};
              end if;
              execute format('alter role {_CLI_LOGIN_ROLE} password %L valid until %L',
                '{password}', now() + interval '{seconds} seconds');
            end $$
        """)
        return _CLI_LOGIN_ROLE, password

    async def drop_login_role(self) -> None:
        """Drop the login role of the Supabase CLI, if it exists."""
        await self._run_as_superuser(f"drop role if exists {_CLI_LOGIN_ROLE}")

    async def stop(self) -> None:
        """Stop the server in an orderly way."""
        await self.service.stop()

    async def _accepts_connections(self) -> bool:
        if not (self._folders.sockets / f".s.PGSQL.{self._port}").exists():
            return False
        try:
            async with await psycopg.AsyncConnection.connect(self.url_for(_SUPERUSER), connect_timeout=5):
                return True
        except psycopg.OperationalError:
            return False

    async def _refuse_data_of_another_version(self) -> None:
        """Postgres would say so only in its log, and data cannot be converted without the other programs."""
        made_by = (self._folders.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        process = await asyncio.create_subprocess_exec(
            self._binaries / "postgres", "--version", stdout=asyncio.subprocess.PIPE
        )
        version = (await process.communicate())[0].decode().split()[-1].partition(".")[0]
        if made_by != version:
            msg = (
                f"The database of this sandbox was made by Postgres {made_by}, and the sandbox now runs "
                f"Postgres {version}, which cannot read it; nothing was changed. "
                f"To delete the sandbox's data and start again: {self._state.command('down --purge')}"
            )
            raise SandboxError(msg)

    async def _initialize(self) -> None:
        process = await asyncio.create_subprocess_exec(
            self._binaries / "initdb",
            *(
                "-D",
                self._folders.data,
                "-U",
                _SUPERUSER,
                "-A",
                "trust",
                "-E",
                "UTF8",
                f"--locale={_LOCALE}",
                "--no-sync",
            ),
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            **self._folders.user.popen_arguments(),
        )
        _, errors = await process.communicate()
        if process.returncode != 0:
            msg = f"initdb failed in {self._folders.data}: {errors.decode(errors='replace').strip()}"
            raise SandboxError(msg)

    async def _create_roles(self) -> None:
        password = f"alter role postgres password '{POSTGRES_PASSWORD}';"
        await self._run_as_superuser("".join(map(_script, _SCRIPTS)) + password)

    async def _run_as_superuser(self, script: str) -> None:
        async with await psycopg.AsyncConnection.connect(self.url_for(_SUPERUSER)) as connection:
            await connection.execute(script.encode())


def _script(name: str) -> str:
    return files("voicehooks_sandbox.supabase").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
