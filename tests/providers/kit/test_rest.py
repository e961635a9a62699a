"""The REST client: what is sent again and what never is. Faults are forced with a mock transport."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pulumi_provider_kit.cancellation import Cancellation
from pulumi_provider_kit.errors import Cancelled, ProviderError
from pulumi_provider_kit.rest import RestClient, retry_after, tls_context


class RecordedWaits(Cancellation):
    """Notes waits in place of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.check()


def send(
    answer: Callable[[int], httpx.Response],
    *,
    repeatable: bool,
    cancellation: Cancellation | None = None,
    url: str = "/x",
    ok: frozenset[int] = frozenset(),
    **options: Any,
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
        limits = {"attempts": 8, "timeout": 30, **options}
        client = RestClient("https://api.example.com", waiting, transport=transport, **limits)
        return await client.send("POST", url, repeatable=repeatable, ok=ok)

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


def _fail(error: Exception) -> Callable[[int], httpx.Response]:
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


@pytest.mark.parametrize("status", [500, 502, 599])
def test_which_faults_of_a_server_are_sent_again(status: int) -> None:
    """All but 501, which no repetition changes, and those that the caller takes as an answer."""
    assert send(lambda n: httpx.Response(status if n < 2 else 200), repeatable=True)[1] == 2
    assert send(lambda n: httpx.Response(501), repeatable=True)[1] == 1
    assert send(lambda n: httpx.Response(status), repeatable=True, ok=frozenset({status}))[1] == 1


def test_a_connection_that_was_never_made_is_tried_again() -> None:
    """Also for a create, because nothing arrived; as often as any request."""
    waiting = RecordedWaits()
    with pytest.raises(ProviderError):
        send(_fail(httpx.ConnectTimeout("slow")), repeatable=False, cancellation=waiting)
    assert len(waiting.waits) == 2, "a time-out takes long, so there are three attempts at most"
    waiting = RecordedWaits()
    with pytest.raises(ProviderError):
        send(_fail(httpx.ConnectError("refused")), repeatable=False, cancellation=waiting)
    assert len(waiting.waits) == 7
    assert all(wait <= 30 for wait in waiting.waits)
    assert waiting.waits[6] >= 15


def test_nothing_on_this_machine_is_waited_for() -> None:
    """Waiting starts no sandbox."""
    waiting = RecordedWaits()
    with pytest.raises(ProviderError, match=r"^nothing listens at 127\.0\.0\.1:4720;"):
        send(
            _fail(httpx.ConnectError("refused")),
            repeatable=True,
            cancellation=waiting,
            url="http://127.0.0.1:4720/x",
        )
    assert waiting.waits == []


@pytest.mark.parametrize(
    ("error", "attempts", "what"),
    [
        (httpx.ReadTimeout(""), 3, "api.example.com did not answer in time (ReadTimeout)"),
        (httpx.RemoteProtocolError(""), 8, "closed the connection without a complete answer"),
        (httpx.ReadError(""), 8, "cannot be reached (ReadError)"),
        (httpx.DecodingError(""), 1, "sent an answer that cannot be decoded"),
        (httpx.InvalidURL(""), 1, "cannot be reached (InvalidURL)"),
    ],
)
def test_what_went_wrong_is_distinguished(error: Exception, attempts: int, what: str) -> None:
    """An answer that cannot be decoded would be the same the next time."""
    waiting = RecordedWaits()
    with pytest.raises(ProviderError) as failed:
        send(_fail(error), repeatable=True, cancellation=waiting)
    assert what in str(failed.value)
    assert len(waiting.waits) == attempts - 1


def test_an_address_that_is_none_is_not_repeated_in_the_error() -> None:
    """It may hold a secret; the port of one that is an address is shown."""
    with pytest.raises(ProviderError, match="not a URL") as failed:
        send(lambda n: httpx.Response(200), repeatable=True, url="http://user:hunter2@a.example:port/x")
    assert "hunter2" not in str(failed.value)
    with pytest.raises(ProviderError, match=r"^api\.example\.com:8443 "):
        send(_fail(httpx.ReadError("")), repeatable=False, url="https://api.example.com:8443/x")


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("500", 120.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None)]
)
def test_retry_after(header: str, seconds: float | None) -> None:
    """Two minutes at most; a date is ignored, and so is its absence."""
    assert retry_after(httpx.Response(429, headers={"Retry-After": header})) == seconds
    assert retry_after(httpx.Response(429)) is None


def test_a_vendor_may_say_in_its_own_way_how_long_to_wait() -> None:
    """Zero is a wait as well."""
    waits = send(lambda n: httpx.Response(429 if n == 1 else 200), repeatable=True, wait_of=lambda _: 0.0)[2]
    assert waits == [0.0]


def test_a_request_as_it_is_sent() -> None:
    """Below the base URL, with the client's headers and credentials, and the caller's body."""
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200)

    async def go() -> None:
        client = RestClient(
            "https://api.example.com/v1/",
            Cancellation(),
            auth=("user", "pass"),
            headers={"X-One": "1"},
            attempts=1,
            timeout=30,
            transport=httpx.MockTransport(handle),
        )
        await client.send("PATCH", "/x", repeatable=True, data={"a": "b"})
        await client.send("GET", "http://other.example.com/y", repeatable=True)
        await client.close()
        with pytest.raises(RuntimeError, match="closed"):
            await client.send("GET", "/x", repeatable=True)

    asyncio.run(go())
    first, second = asked
    assert (first.method, str(first.url), first.content) == ("PATCH", "https://api.example.com/v1/x", b"a=b")
    assert first.headers["Authorization"] == "Basic dXNlcjpwYXNz"
    assert first.headers["X-One"] == "1"
    assert str(second.url) == "http://other.example.com/y"


def test_an_attempt_has_a_time_limit_as_a_whole() -> None:
    """A server that sends one byte a second is not waited for."""

    async def never(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError("never set")

    async def go() -> None:
        transport = httpx.MockTransport(never)
        client = RestClient("https://a.example", RecordedWaits(), attempts=1, timeout=0.01, transport=transport)
        await client.send("GET", "/x", repeatable=False)

    with pytest.raises(ProviderError, match="did not answer in time"):
        asyncio.run(go())
