"""The REST client: what is sent again and what never is. Faults are forced with a mock transport."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

import httpx
import pytest
from pulumi_provider_kit.cancellation import Cancellation
from pulumi_provider_kit.errors import Cancelled, ProviderError
from pulumi_provider_kit.rest import RestClient, tls_context


class RecordedWaits(Cancellation):
    """Notes waits in place of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.check()


def send(
    answer: Callable[[int], httpx.Response], *, repeatable: bool, cancellation: Cancellation | None = None
) -> tuple[httpx.Response, int, list[float]]:
    """Send one request to a server that answers by the number of the attempt."""
    attempts = 0
    waiting = cancellation or RecordedWaits()

    def handle(request: httpx.Request) -> httpx.Response:
        nonlocal attempts
        attempts += 1
        return answer(attempts)

    async def go() -> httpx.Response:
        transport = httpx.MockTransport(handle)
        client = RestClient("https://api.example.com", waiting, attempts=8, timeout=30, transport=transport)
        return await client.send("POST", "/x", repeatable=repeatable)

    response = asyncio.run(go())
    return response, attempts, getattr(waiting, "waits", [])


def test_429_is_sent_again_even_where_twice_is_not_once() -> None:
    """The vendor says that a throttled request was never processed."""
    response, attempts, waits = send(lambda n: httpx.Response(429 if n < 4 else 200), repeatable=False)
    assert (response.status_code, attempts) == (200, 4)
    assert all(0.25 <= wait <= 2 for wait in waits)


def test_a_server_fault_is_sent_again_only_where_that_is_safe() -> None:
    """A create is not repeated after a 500, an update is."""
    assert send(lambda n: httpx.Response(500), repeatable=False)[:2][1] == 1
    assert send(lambda n: httpx.Response(503 if n < 3 else 200), repeatable=True)[1] == 3


def test_retry_after_is_honoured() -> None:
    """A server that says how long, is waited for that long."""
    answer = lambda n: httpx.Response(429, headers={"Retry-After": "7"}) if n == 1 else httpx.Response(200)  # noqa: E731
    assert send(answer, repeatable=True)[2] == [7.0]


def test_it_gives_up_with_the_last_answer() -> None:
    """After eight attempts the vendor's own answer is what counts."""
    response, attempts, _ = send(lambda n: httpx.Response(429), repeatable=True)
    assert (response.status_code, attempts) == (429, 8)


def test_a_client_error_is_final() -> None:
    """4xx is not repeated."""
    assert send(lambda n: httpx.Response(400), repeatable=True)[1] == 1


def _fail(error: httpx.TransportError) -> Callable[[int], httpx.Response]:
    def answer(attempt: int) -> httpx.Response:
        raise error

    return answer


def test_an_unreachable_host_is_a_sentence() -> None:
    """Host and cause are named, no traceback, no URL with parameters."""
    with pytest.raises(ProviderError, match=r"^api\.example\.com cannot be reached \(ConnectError\); check"):
        send(_fail(httpx.ConnectError("refused")), repeatable=False)


def test_a_request_that_may_have_arrived_is_not_repeated() -> None:
    """A create whose answer was lost is not sent a second time."""
    waiting = RecordedWaits()
    with pytest.raises(ProviderError, match="did not answer in time"):
        send(_fail(httpx.ReadTimeout("slow")), repeatable=False, cancellation=waiting)
    assert waiting.waits == []


def test_cancel_ends_the_wait() -> None:
    """Ctrl-C does not have to wait for a back-off."""
    waiting = RecordedWaits()
    waiting.cancel()
    with pytest.raises(Cancelled):
        send(lambda n: httpx.Response(429), repeatable=True, cancellation=waiting)


def test_requests_under_way_are_limited() -> None:
    """No more than the given number are in flight at once."""
    peak = current = 0

    async def handle(request: httpx.Request) -> httpx.Response:
        nonlocal peak, current
        current += 1
        peak = max(peak, current)
        await asyncio.sleep(0)
        current -= 1
        return httpx.Response(200)

    async def go() -> None:
        client = RestClient(
            "https://api.example.com",
            Cancellation(),
            concurrency=3,
            attempts=1,
            timeout=30,
            transport=httpx.MockTransport(handle),
        )
        await asyncio.gather(*(client.send("GET", "/x", repeatable=True) for _ in range(20)))

    asyncio.run(go())
    assert peak == 3


def test_all_clients_share_settings_that_verify_certificates() -> None:
    """The certificates are loaded once per process, and a server has to prove its name."""
    context = tls_context()
    assert context is tls_context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.get_ca_certs()
