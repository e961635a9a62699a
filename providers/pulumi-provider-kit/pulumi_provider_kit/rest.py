"""A REST client that behaves: bounded concurrency, retries with jitter, and errors as sentences.

What is sent again, and when:

- 429: always; the vendor says that it did nothing.
- 5xx, a broken connection, a time-out: only where the caller says that doing it twice is the same as once.
- A connection refused by this machine itself: never.
- A request that was not answered in time: twice at most, since each wait is long already.

The time-out holds for a whole attempt, so that a server that sends one byte a second is not waited for.

The wait doubles from half a second to half a minute, half of it random, so that many clients do not come
back together; a ``Retry-After`` header is honoured. A cancelled update ends the wait.
"""

from __future__ import annotations

import asyncio
import functools
import random
from typing import TYPE_CHECKING, Any

import httpx

from .errors import ProviderError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

    from .cancellation import Cancellation

__all__ = ["LOOPBACK", "RestClient", "retry_after", "tls_context"]

_FIRST_WAIT = 0.5
_LONGEST_WAIT = 30.0
_TIMED_OUT_ATTEMPTS = 3
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""The hosts that are this machine."""


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Return the TLS settings of all clients of this process, because loading the certificates takes 30 ms."""
    return httpx.create_ssl_context()


class RestClient:
    """Sends requests to one vendor.

    Args:
        base_url: where paths are appended to; an absolute URL in a request wins.
        cancellation: ends waits.
        auth: HTTP Basic credentials, or None where ``headers`` carry them.
        headers: sent with every request.
        wait_of: says from an answer's headers how many seconds to wait, or None; ``Retry-After`` by default.
        concurrency: how many requests may be under way at once.
        attempts: how often one request is sent at most.
        timeout: seconds until one attempt has to be answered completely.
        transport: for tests.
    """

    def __init__(
        self,
        base_url: str,
        cancellation: Cancellation,
        *,
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        wait_of: Callable[[httpx.Response], float | None] | None = None,
        concurrency: int = 16,
        attempts: int,
        timeout: float,
        transport: httpx.AsyncBaseTransport | None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._cancellation = cancellation
        self._wait_of = wait_of or retry_after
        self._slots = asyncio.Semaphore(concurrency)
        self._attempts = attempts
        self._timeout = timeout
        self._http = httpx.AsyncClient(
            auth=auth,
            headers=dict(headers or {}),
            timeout=timeout,
            transport=transport,
            verify=tls_context(),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def send(
        self, method: str, url: str, *, repeatable: bool, ok: frozenset[int] = frozenset(), **request: Any
    ) -> httpx.Response:
        """Send a request, again where that is safe, and return the last answer, whatever its status.

        Args:
            method: the HTTP method.
            url: a path below the base URL, or an absolute URL.
            repeatable: whether sending it twice does the same as once.
            ok: statuses that are final although they look like a fault of the server.
            **request: as for httpx: ``data``, ``json``, ``params``, ``files``, ``headers``.

        Raises:
            ProviderError: the vendor could not be reached, or sent something that is not HTTP.
            Cancelled: the user stopped the update while this waited.
        """
        target = url if url.startswith(("http://", "https://")) else self.base_url + url
        for attempt in range(1, self._attempts + 1):
            last = attempt == self._attempts
            try:
                async with self._slots:
                    response = await self._attempt(method, target, request)
            except httpx.TransportError as error:
                never_sent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                # Nothing listens on this machine, and waiting will not start it.
                refused_here = isinstance(error, httpx.ConnectError) and httpx.URL(target).host in LOOPBACK
                timed_out = isinstance(error, httpx.TimeoutException) and attempt >= _TIMED_OUT_ATTEMPTS
                if last or refused_here or timed_out or not (repeatable or never_sent):
                    raise ProviderError(_unreachable(target, error)) from None
                wait: float | None = None
            except (httpx.HTTPError, httpx.InvalidURL) as error:  # a body that cannot be decoded
                raise ProviderError(_unreachable(target, error)) from None
            else:
                status = response.status_code
                again = status == 429 or (repeatable and status >= 500 and status != 501)
                if last or not again or status in ok:
                    return response
                wait = self._wait_of(response)
            await self._cancellation.sleep(_backoff(attempt) if wait is None else wait)
        raise AssertionError("the last attempt returns or raises")

    async def _attempt(self, method: str, target: str, request: dict[str, Any]) -> httpx.Response:
        """Send once. httpx limits each wait for some bytes; this limits all of them together."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._http.request(method, target, **request)
        except TimeoutError:
            raise httpx.ReadTimeout("") from None


def retry_after(response: httpx.Response) -> float | None:
    """Return the seconds of a ``Retry-After`` header, or None (RFC 9110, section 10.2.3; dates ignored)."""
    value: str = response.headers.get("Retry-After", "")
    return min(float(value), 120.0) if value.isdigit() else None


def _backoff(attempt: int) -> float:
    longest: float = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (attempt - 1))
    return longest / 2 + random.uniform(0, longest / 2)  # noqa: S311 - spreads load, guards nothing


def _unreachable(target: str, error: httpx.HTTPError | httpx.InvalidURL) -> str:
    try:
        url = httpx.URL(target)
    except httpx.InvalidURL:
        return "an address that is not a URL was to be asked; check the API's address in the settings"
    where = f"{url.host}:{url.port}" if url.port else url.host
    if isinstance(error, httpx.ConnectError) and url.host in LOOPBACK:
        return f"nothing listens at {where}; start what should (a sandbox?), then run the command again"
    if isinstance(error, httpx.TimeoutException):
        what = "did not answer in time"
    elif isinstance(error, httpx.RemoteProtocolError):
        what = "closed the connection without a complete answer"
    elif isinstance(error, httpx.DecodingError):
        what = "sent an answer that cannot be decoded"
    else:
        what = "cannot be reached"
    return f"{where} {what} ({type(error).__name__}); check the network, then run the command again"
