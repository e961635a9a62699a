"""Supabase's Management API, as far as this provider asks it anything.

The API allows 120 requests a minute and says in headers when the next ones are welcome (Supabase docs:
Management API, rate limits).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.errors import ProviderError
from pulumi_provider_kit.rest import RestClient, retry_after

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx
    from pulumi_provider_kit.cancellation import Cancellation

__all__ = ["NotFound", "SupabaseClient", "SupabaseError"]


class SupabaseError(ProviderError):
    """Supabase refused a request.

    Attributes:
        status: the HTTP status.
        detail: Supabase's own message.
    """

    def __init__(self, status: int, detail: str, hint: str = "") -> None:
        super().__init__(f"Supabase: {detail.rstrip('.')} (HTTP {status})" + (f"; {hint}" if hint else ""))
        self.status = status
        self.detail = detail


class NotFound(SupabaseError):
    """What was asked for does not exist."""


class SupabaseClient:
    """The Management API, signed in with one access token.

    Args:
        access_token: a personal access token or an OAuth token.
        cancellation: ends waits.
        api_url: where the API is.
        transport: for tests.
    """

    def __init__(
        self,
        access_token: str,
        cancellation: Cancellation,
        *,
        api_url: str,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._rest = RestClient(
            api_url,
            cancellation,
            headers={"Authorization": f"Bearer {access_token}"},
            wait_of=_until_reset,
            concurrency=8,
            timeout=60.0,
            transport=transport,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._rest.close()

    async def get(self, path: str, **request: Any) -> Any:
        """Read JSON."""
        return (await self._send("GET", path, **request)).json()

    async def get_raw(self, path: str, accept: str) -> httpx.Response:
        """Read something that is not JSON."""
        return await self._send("GET", path, headers={"Accept": accept})

    async def post(self, path: str, **request: Any) -> Any:
        """Write; everything written here may be written twice. Empty answers are None."""
        response = await self._send("POST", path, **request)
        return response.json() if response.content else None

    async def delete(self, path: str, **request: Any) -> None:
        """Delete."""
        await self._send("DELETE", path, **request)

    async def query(self, project_ref: str, sql: str) -> Sequence[dict[str, Any]]:
        """Run SQL and return the rows of its last statement.

        Not sent again after an unclear failure: a statement may have run.

        Raises:
            SupabaseError: among others status 400 with Postgres's message.
        """
        path = f"/v1/projects/{project_ref}/database/query"
        response = await self._send("POST", path, repeatable=False, json={"query": sql})
        rows: list[dict[str, Any]] = response.json() if response.content else []
        return rows

    async def _send(
        self, method: str, path: str, *, repeatable: bool = True, **request: Any
    ) -> httpx.Response:
        response = await self._rest.send(method, path, repeatable=repeatable, **request)
        if response.is_success:
            return response
        raise _error(response)


def _until_reset(response: httpx.Response) -> float | None:
    """Return the seconds until the rate limit's window is over, or what ``Retry-After`` says."""
    reset: str = response.headers.get("X-RateLimit-Reset", "")
    if response.status_code == 429 and reset.isdigit():
        return min(float(reset), 120.0)
    return retry_after(response)


def _error(response: httpx.Response) -> SupabaseError:
    try:
        body = response.json()
    except ValueError:
        body = {}
    detail = str(body.get("message") or response.reason_phrase) if isinstance(body, dict) else str(body)
    status = response.status_code
    kind = NotFound if status == 404 else SupabaseError
    return kind(status, detail, _HINTS.get(status, ""))


_HINTS = {
    401: (
        "the access token was refused; it may have expired or been revoked: "
        "pulumi config set --secret supabase:accessToken"
    ),
    402: "the plan's limit is reached; delete something or upgrade the project's plan",
    403: "the access token lacks this permission; grant it to the token, or use one of a member who has it",
    429: "the limit of 120 requests a minute held on; run the command again later",
    544: "the project may be paused; restore it in the dashboard, then run the command again",
}
