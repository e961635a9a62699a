"""The tables that a CRM reads, asked as a CRM asks: the REST API (PostgREST) with a secret key.

Async, bounded and retried like the vendors' APIs; see :func:`open_database`.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.cancellation import Cancellation
from pulumi_provider_kit.rest import RestClient
from pulumi_provider_kit.vendor_answer import read, sentence

from voicehooks.output.errors import CommandError
from voicehooks.vendors.errors import reported
from voicehooks.vendors.supabase import open_supabase
from voicehooks.vendors.tables import rows_shape

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    import httpx
    from pulumi_supabase.client import ManagementApi

    from voicehooks.stack.environment import Environment

__all__ = ["CHUNK", "Database", "Row", "open_database", "secret_key"]

Row = dict[str, Any]

# How many SIDs of 34 characters one request asks about: gateways refuse addresses beyond some 8 KB.
CHUNK = 150
_PERMISSION = "api_gateway_keys_read"
_NOT_SUPABASE = (
    "check voicehooks:publicUrl and whether a proxy answers in its place, then run the command again"
)
# A person waits for a command.
_ATTEMPTS = 4
_AT_ONCE = 8
_TIMEOUT_SECONDS = 15.0


class Database:
    """The REST API of one project.

    Args:
        project_url: the project's public address, without a trailing slash.
        key: a secret key (``sb_secret_...``) or the legacy service role's JWT; never to be printed.
        name: the environment's, for messages.
        transport: for tests.
    """

    def __init__(
        self,
        project_url: str,
        key: str,
        *,
        name: str,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._name = name
        self._url = project_url
        # A secret key is not a JWT: Supabase's gateway turns it into one, and it must not be in Authorization.
        headers = {"apikey": key} | ({} if key.startswith("sb_") else {"Authorization": f"Bearer {key}"})
        self._rest = RestClient(
            f"{project_url}/rest/v1",
            Cancellation(),
            headers=headers,
            concurrency=_AT_ONCE,
            attempts=_ATTEMPTS,
            timeout=_TIMEOUT_SECONDS,
            transport=transport,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._rest.close()

    async def rows(self, table: str, **query: str | int) -> list[Row]:
        """Read rows; the query is PostgREST's: ``select="a,b"``, ``a="eq.1"``, ``order="a"``, ``limit=10``.

        A project answers at most so many rows at once (1,000 as hosted), whatever the limit.

        Raises:
            CommandError: the API cannot be reached or refuses.
        """
        shape = rows_shape(table, str(query.get("select") or ""))
        rows: list[Row] = await self._send(
            "GET", f"/{table}", f"table {table} cannot be read", shape, params=query
        )
        return rows

    async def rows_by_key(self, table: str, column: str, keys: Iterable[str], *, select: str) -> dict[str, Row]:
        """Read the rows whose ``column`` is one of ``keys``; returns those found, by key.

        Raises:
            CommandError: as for ``rows``.
        """
        wanted = list(keys)
        chunks = [wanted[first : first + CHUNK] for first in range(0, len(wanted), CHUNK)]
        answers = await asyncio.gather(
            *(self.rows(table, select=select, **{column: f"in.({','.join(chunk)})"}) for chunk in chunks)
        )
        return {row[column]: row for rows in answers for row in rows}

    async def rpc(self, function: str, argument: dict[str, Any], *, shape: Any = Any) -> Any:
        """Call a function that takes one JSON document and that may be called twice with the same effect.

        Args:
            function: its name.
            argument: the document.
            shape: the type of what it returns, as pydantic validates it.

        Raises:
            CommandError: the API cannot be reached or refuses.
        """
        return await self._send(
            "POST", f"/rpc/{function}", f"{function} cannot be called", shape, json=argument
        )

    async def _send(self, method: str, path: str, what: str, shape: Any, **request: Any) -> Any:
        with reported(what):
            answer = await self._rest.send(method, path, repeatable=True, **request)
            if answer.is_success:
                return read(answer, "The database's REST API", shape, do=_NOT_SUPABASE)
        if answer.status_code == 404:
            raise CommandError(
                what,
                f"the database of {self._name} does not have it",
                f"deploy the migrations: pulumi up --stack {self._name}",
            )
        raise CommandError(
            what,
            f"{self._url} answered HTTP {answer.status_code}: {_message(answer)}",
            f"voicehooks doctor --stack {self._name} says what is wrong"
            if answer.status_code in (401, 403)
            else f"run it again when the project's database answers: {self._url}",
        )


@asynccontextmanager
async def open_database(environment: Environment) -> AsyncIterator[Database]:
    """Open the environment's tables with the project's secret key, which the Management API returns.

    Raises:
        CommandError: a setting is missing, or the key is not available.
    """
    settings = environment.settings
    async with open_supabase(environment) as api:
        key = await secret_key(api, settings.supabase_project)
    database = Database(settings.project_url, key, name=environment.name)
    try:
        yield database
    finally:
        await database.close()


async def secret_key(api: ManagementApi, project_ref: str) -> str:
    """Return a key of the project that may read and write everything; never to be printed.

    The default secret key where there is one, any other secret key, else the legacy service role's.

    Raises:
        CommandError: the API refuses, or the project has no such key.
    """
    what = f"could not get the secret key of the Supabase project {project_ref}"
    with reported(what):
        answer = await api.get(project_ref, "/api-keys", _PERMISSION, params={"reveal": "true"})
    keys = [key for key in answer.json() if key.get("api_key")]
    secret = [key for key in keys if key.get("type") == "secret"]
    secret.sort(key=lambda key: key.get("name") != "default")
    legacy = [key for key in keys if key.get("name") == "service_role"]
    for key in (*secret, *legacy):
        return str(key["api_key"])
    raise CommandError(
        what, "it has neither a secret key nor a service role key", "create one: dashboard, Settings, API Keys"
    )


def _message(answer: httpx.Response) -> str:
    """The sentence in an error body of PostgREST or the gateway."""
    try:
        body = answer.json()
    except (ValueError, RecursionError):
        body = None
    message = body.get("message") if isinstance(body, dict) else None
    return sentence(message if isinstance(message, str) and message else answer.reason_phrase)
