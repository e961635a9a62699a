"""The part of Supabase's Management API that this provider uses.

Each request names the fine-grained permission that it needs (the API's own document lists them by operation),
so that an error can name the one that a scoped token lacks. Errors are ``{"message": ...}`` for every status.
The client returns an answer only if it matches the type for its path in ``shapes.py``.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
from pulumi_provider_kit.cancellation import Cancellation
from pulumi_provider_kit.errors import PropertyError, ProviderError
from pulumi_provider_kit.resource import OneHome
from pulumi_provider_kit.rest import RestClient, retry_after, tls_context
from pulumi_provider_kit.vendor_answer import read, sentence

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["API_URL", "ManagementApi", "NotFound", "ProjectAsleep", "SupabaseError"]

API_URL = "https://api.supabase.com"
USER_AGENT = "pulumi-supabase/0.1.0"
# The platform needs a while to bundle a function's sources.
_TIMEOUT_SECONDS = 150.0
_NOT_SUPABASE = (
    "check supabase:apiUrl and whether a proxy answers in Supabase's place, then run the command again"
)
# The answers of a paused project, from the gateway and from requests to its database.
_MAYBE_PAUSED = frozenset({540, 544})
# In one of these statuses, a project's functions and database do not answer.
_ASLEEP = frozenset(
    {
        "INACTIVE",
        "PAUSING",
        "PAUSE_FAILED",
        "GOING_DOWN",
        "REMOVED",
        "RESTORING",
        "RESTORE_FAILED",
        "INIT_FAILED",
    }
)
_DATABASE_ATTEMPTS = 3
_DATABASE_WAIT_SECONDS = 3.0


class SupabaseError(ProviderError):
    """Supabase refused a request.

    Attributes:
        status: the HTTP status.
        detail: Supabase's own message.
    """

    def __init__(self, status: int, detail: str, hint: str = "") -> None:
        super().__init__(f"Supabase: {sentence(detail)} (HTTP {status})" + (f"; {hint}" if hint else ""))
        self.status = status
        self.refused = status < 500
        self.detail = detail


class NotFound(SupabaseError):
    """The object does not exist, or the token may not see it."""


class ProjectAsleep(PropertyError):
    """The project is not running."""

    def __init__(self, project_ref: str, status: str) -> None:
        super().__init__(
            "projectRef",
            f"the project {project_ref} is {status.lower().replace('_', ' ')}, so that neither its "
            "functions nor its database answer; restore it in the Supabase dashboard, wait until it is "
            "healthy, then run the command again",
        )


class ManagementApi(OneHome):
    """The Management API with one access token.

    Args:
        access_token: a personal access token, or an OAuth2 token.
        cancellation: ends waits.
        url: the API's URL.
        attempts: the maximum number of attempts per request.
        timeout: seconds to wait for the answer of one attempt.
        transport: for tests.
    """

    def __init__(
        self,
        access_token: str,
        cancellation: Cancellation,
        *,
        url: str = API_URL,
        attempts: int = 8,
        timeout: float = _TIMEOUT_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.cancellation = cancellation
        self._again: Callable[[], ManagementApi] = lambda: ManagementApi(
            access_token, Cancellation(), url=url, transport=transport
        )
        self._steadfast: ManagementApi | None = None
        self._rest = RestClient(
            url,
            cancellation,
            headers={"Authorization": f"Bearer {access_token}", "User-Agent": USER_AGENT},
            wait_of=_wait_of,
            concurrency=6,
            attempts=attempts,
            timeout=timeout,
            transport=transport,
        )
        # Without credentials: the checked URLs are public and must not receive the token.
        self.public = httpx.AsyncClient(
            headers={"User-Agent": USER_AGENT}, transport=transport, verify=tls_context()
        )
        self._next_window = 0.0
        self._awake: set[str] = set()

    @property
    def home(self) -> dict[str, str]:
        """Return nothing: each resource names its project, and project references are unique at Supabase."""
        return {}

    async def close(self) -> None:
        """Close the connections."""
        await self._rest.close()
        await self.public.aclose()
        if self._steadfast is not None:
            await self._steadfast.close()

    @property
    def steadfast(self) -> ManagementApi:
        """The same API for requests that must be completed although the user has asked to stop."""
        if self._steadfast is None:
            self._steadfast = self._again()
        return self._steadfast

    async def get(self, project_ref: str, path: str, permission: str, **request: Any) -> httpx.Response:
        """Read a part of a project."""
        return await self.send("GET", project_ref, path, permission, **request)

    async def send(
        self, method: str, project_ref: str, path: str, permission: str, **request: Any
    ) -> httpx.Response:
        """Send a request about a project; it must be idempotent.

        Args:
            method: the HTTP method.
            project_ref: the project.
            path: the part after ``/v1/projects/{ref}``.
            permission: the fine-grained permission that the operation needs.
            **request: as for httpx.

        Raises:
            NotFound: 404.
            ProjectAsleep: the project is not running.
            SupabaseError: any other refusal.
            UnexpectedAnswer: the answer is not as documented.
            ProviderError: the API could not be reached.
        """
        url = f"/v1/projects/{project_ref}{path}"
        for attempt in range(_DATABASE_ATTEMPTS):
            await self._await_window()
            response = await self._rest.send(method, url, repeatable=True, ok=_MAYBE_PAUSED, **request)
            self._note_window(response)
            if response.is_success:
                _check_shape(response, method, path)
                return response
            if response.status_code not in _MAYBE_PAUSED:
                break
            self._awake.discard(project_ref)
            await self.require_awake(project_ref)
            if attempt + 1 < _DATABASE_ATTEMPTS:
                await self.cancellation.sleep(_DATABASE_WAIT_SECONDS)
        raise _error(response, permission)

    async def query(
        self, project_ref: str, sql: str, *, read_only: bool = False, row: Any = None
    ) -> list[dict[str, Any]]:
        """Run SQL and return the rows of the last statement; the SQL must be idempotent.

        Args:
            project_ref: the project.
            sql: one or more statements.
            read_only: whether it may only read.
            row: the type of a row, a ``TypedDict``; without it, a row may be any object.

        Raises:
            SupabaseError: for example with status 400 and Postgres's message.
            UnexpectedAnswer: the rows are not of that type.
        """
        body = {"query": sql, "read_only": True} if read_only else {"query": sql}
        permission = "database_read" if read_only else "database_write"
        response = await self.send("POST", project_ref, "/database/query", permission, json=body)
        shape = list[dict[str, Any]] if row is None else list[row]
        rows: list[dict[str, Any]] = read(response, "Supabase", shape, do=_NOT_SUPABASE)
        return rows

    async def require_awake(self, project_ref: str) -> None:
        """Make sure, once per process, that the project exists and is running.

        Raises:
            PropertyError: it does not.
        """
        if project_ref in self._awake:
            return
        response = await self._rest.send(
            "GET", f"/v1/projects/{project_ref}", repeatable=True, ok=_MAYBE_PAUSED
        )
        if response.status_code == 404:
            raise PropertyError(
                "projectRef", f"there is no project {project_ref} that this access token can see; correct it"
            )
        if response.status_code == 401:
            raise _error(response, "project_admin_read")
        # A scoped token may be able to deploy but not to read the project. The operation itself then reports
        # errors.
        status = ""
        if response.is_success:
            _check_shape(response, "GET", "")
            status = response.json()["status"]
        if status in _ASLEEP:
            raise ProjectAsleep(project_ref, status)
        self._awake.add(project_ref)

    async def _await_window(self) -> None:
        """Wait if the last answer said that no request is left in this window."""
        wait = self._next_window - asyncio.get_running_loop().time()
        if wait > 0:
            await self.cancellation.sleep(wait)
            self._next_window = 0.0

    def _note_window(self, response: httpx.Response) -> None:
        seconds = _reset_of(response)
        if seconds is not None and response.headers.get("X-RateLimit-Remaining") == "0":
            self._next_window = asyncio.get_running_loop().time() + seconds


def _check_shape(response: httpx.Response, method: str, path: str) -> None:
    # Loaded with the first answer: pydantic takes a moment to import.
    from .shapes import NOTHING, shape_of  # noqa: PLC0415

    shape = shape_of(method, path.partition("?")[0])
    if shape is not NOTHING:
        read(response, "Supabase", shape, do=_NOT_SUPABASE)


def _reset_of(response: httpx.Response) -> float | None:
    """Return the seconds until the rate limit's window is over (Supabase docs: API rate limits)."""
    value = response.headers.get("X-RateLimit-Reset", "")
    return min(float(value), 120.0) if value.isdigit() else None


def _wait_of(response: httpx.Response) -> float | None:
    if response.status_code != 429:
        return retry_after(response)
    asked = retry_after(response)
    seconds = asked if asked is not None else _reset_of(response)
    return None if seconds is None else seconds + 0.1


def _error(response: httpx.Response, permission: str) -> SupabaseError:
    status = response.status_code
    detail = _detail(response)
    if status == 401:
        return SupabaseError(
            status,
            detail,
            "the access token was refused; it may be mistyped, expired or revoked: "
            "pulumi config set --secret supabase:accessToken",
        )
    if status == 402:
        return SupabaseError(
            status, detail, "the project's plan allows no more of these; delete one or change the plan"
        )
    if status == 403:
        return SupabaseError(
            status,
            detail,
            f"the access token lacks the permission {permission}, or its owner the role for it in the "
            "project's organization",
        )
    if status == 404:
        return NotFound(status, detail)
    if status == 429:
        return SupabaseError(
            status, detail, "the limit of requests per minute is still reached; run the command again later"
        )
    if 300 <= status < 400:
        return SupabaseError(status, detail, f"Supabase's API does not redirect: {_NOT_SUPABASE}")
    return SupabaseError(status, detail)


def _detail(response: httpx.Response) -> str:
    reason = response.reason_phrase or "no explanation"
    try:
        body: Any = response.json()
    except (ValueError, RecursionError):
        return reason
    message = body.get("message") if isinstance(body, dict) else None
    if isinstance(message, list):  # validation errors may come as a list
        message = "; ".join(str(part) for part in message)
    return message if isinstance(message, str) and message else reason
