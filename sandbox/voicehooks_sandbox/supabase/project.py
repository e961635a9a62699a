"""A Supabase project: all its parts, started and stopped together."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicehooks_sandbox.credentials import SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_KEY
from voicehooks_sandbox.supabase.auth.app import Auth
from voicehooks_sandbox.supabase.database import Database
from voicehooks_sandbox.supabase.faults import OPEN_SIGN_UP, Faults
from voicehooks_sandbox.supabase.functions.log import FunctionLogs
from voicehooks_sandbox.supabase.functions.models import FunctionStore
from voicehooks_sandbox.supabase.functions.runner import FunctionRunner
from voicehooks_sandbox.supabase.functions.secrets import SecretStore
from voicehooks_sandbox.supabase.gateway.app import Gateway
from voicehooks_sandbox.supabase.gateway.upstream import Upstream
from voicehooks_sandbox.supabase.keys import ANON_KEY, SERVICE_ROLE_KEY, public_keys
from voicehooks_sandbox.supabase.postgres import Postgres
from voicehooks_sandbox.supabase.postgrest import PostgREST
from voicehooks_sandbox.supabase.realtime.app import Realtime
from voicehooks_sandbox.supabase.row_changes import RowChanges

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicehooks_sandbox.processes import ChildRegister
    from voicehooks_sandbox.state import StateFolder
    from voicehooks_sandbox.supabase.binaries import Binaries


@dataclass(frozen=True)
class ProjectAddresses:
    """Where the project is reached from outside."""

    url: str
    """The project URL (the gateway)."""
    api_url: str
    """The Management API's base URL."""


class Project:
    """The one project of a sandbox.

    Args:
        state: The sandbox's state folder.
        binaries: The programs it is made of.
        register: Where children's pids are written down.
        addresses: Where it is reached.
        database_port: The loopback port of Postgres.
        release_database_port: Called right before Postgres opens that port.
    """

    def __init__(
        self,
        state: StateFolder,
        binaries: Binaries,
        register: ChildRegister,
        addresses: ProjectAddresses,
        *,
        database_port: int,
        release_database_port: Callable[[], None],
    ) -> None:
        self.addresses = addresses
        self.faults = Faults()
        self.deno = binaries.deno
        self.postgres = Postgres(
            state,
            binaries.postgres_folder,
            register,
            port=database_port,
            release_port=release_database_port,
        )
        self.postgrest = PostgREST(state, binaries.postgrest, self.postgres, register, addresses.url)
        self.database = Database(
            url=self.postgres.url_for("postgres"),
            read_only_url=self.postgres.url_for("supabase_read_only_user"),
        )
        self.functions = FunctionStore(state.functions)
        self.secrets = SecretStore(state.secrets_file)
        self.logs = FunctionLogs(state.logs)
        self.runner = FunctionRunner(
            deno=binaries.deno,
            store=self.functions,
            secrets=self.secrets,
            platform_environment=self.platform_environment(),
            logs=self.logs,
            register=register,
        )
        self.auth = Auth(
            database_url=self.postgres.url_for("supabase_auth_admin"),
            project_url=addresses.url,
            settings_file=state.auth_file,
            changed_by_faults=lambda: OPEN_SIGN_UP if self.faults.open_sign_up else {},
        )
        self.realtime = Realtime(
            database_url=self.postgres.url_for("supabase_admin"),
            limits_file=state.realtime_file,
            deleted_keys=lambda: self.faults.deleted_api_keys,
        )
        self.row_changes = RowChanges(self.postgres.url_for("supabase_admin"))
        self.gateway = Gateway(
            runner=self.runner,
            auth=self.auth,
            realtime=self.realtime,
            postgrest=Upstream(socket=str(self.postgrest.socket)),
            faults=lambda: self.faults,
        )

    def platform_environment(self) -> dict[str, str]:
        """The variables that every function has by default (Supabase docs: functions/secrets)."""
        deleted = self.faults.deleted_api_keys
        publishable = {} if "publishable" in deleted else {"default": SUPABASE_PUBLISHABLE_KEY}
        secret = {} if "secret" in deleted else {"default": SUPABASE_SECRET_KEY}
        return {
            "SUPABASE_URL": self.addresses.url,
            "SUPABASE_DB_URL": self.postgres.url,
            "SUPABASE_PUBLISHABLE_KEYS": json.dumps(publishable),
            "SUPABASE_SECRET_KEYS": json.dumps(secret),
            "SUPABASE_ANON_KEY": ANON_KEY,
            "SUPABASE_SERVICE_ROLE_KEY": SERVICE_ROLE_KEY,
            "SUPABASE_JWKS": json.dumps(public_keys()),
        }

    def api_keys_changed(self) -> None:
        """Restart the functions with the current API keys."""
        self.runner.set_platform_environment(self.platform_environment())

    async def stop(self) -> None:
        """Stop everything that runs behind the gateway."""
        self.gateway.close()
        async with contextlib.AsyncExitStack() as last:
            # Each is stopped even if one before it fails: no child may stay behind.
            last.push_async_callback(self.postgres.stop)
            last.push_async_callback(self.postgrest.stop)
            last.push_async_callback(self.runner.stop)
            last.push_async_callback(self.realtime.close)  # before Postgres, which would wait for it
            last.push_async_callback(self.row_changes.close)  # likewise
        with contextlib.suppress(OSError):
            self.postgres.folders.sockets.rmdir()  # made again, at the same place, by the next start
        self.logs.close()

    async def start_database(self) -> None:
        """Start Postgres and PostgREST, as far as they are stopped."""
        if not self.postgres.service.is_started:
            # PostgREST waits up to half a minute between its attempts to connect: restart it.
            await self.postgrest.stop()
            await self.postgres.start()
            await self.realtime.feed.forget_slot()
        await self.postgrest.start()

    async def restart_postgrest(self) -> None:
        """Make changes of PostgREST's configuration effective.

        Its own `reload config` can lose one when a schema is loaded at the same time.
        """
        await self.postgrest.stop()
        await self.postgrest.start()

    async def stop_database(self, *, postgres: bool = True, postgrest: bool = True) -> None:
        """Stop PostgREST, Postgres or both, until they are started again."""
        if postgrest:
            await self.postgrest.stop()
        if postgres:
            await self.postgres.stop()

    def status(self) -> dict[str, object]:
        """What runs: {"services": [{name, pid}], "functions": [{slug, version, verify_jwt, pid}]}."""
        services = (self.postgres.service, self.postgrest.service)
        return {
            "services": [{"name": service.name, "pid": service.pid} for service in services],
            "functions": [
                {
                    "slug": function.slug,
                    "version": function.version,
                    "verify_jwt": function.verify_jwt,
                    "pid": self.runner.pid(function),
                }
                for function in self.functions.all()
            ],
        }

    async def reset(self) -> None:
        """Bring the project back to its first day: no functions, no secrets, empty database, no faults."""
        self.faults = Faults()
        self.api_keys_changed()
        await self.start_database()
        for function in self.functions.all():
            self.functions.delete(function.slug)
            self.runner.deleted(function.slug)
        self.secrets.clear()
        self.logs.clear()
        self.auth.reset()
        self.realtime.reset_limits()
        if await self.postgres.reset():
            await self.restart_postgrest()
