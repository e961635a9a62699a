"""Retries and timeouts, over real connections."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from starlette.responses import Response
from voicehooks_sandbox.twilio.webhooks.overrides import InvalidOverride, Overrides, parse_overrides

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import MakeSandbox, Sandbox, Serve

pytestmark = pytest.mark.anyio
SAY = "<Response><Say>Hello</Say></Response>"


@pytest.fixture
async def real(make_sandbox: MakeSandbox) -> AsyncIterator[Any]:
    """A sandbox that makes its webhook requests over real HTTP."""
    async with make_sandbox(transport=None) as sandbox:
        yield sandbox


@pytest.fixture
def base(receiver: Receiver, serve: Serve) -> Iterator[Any]:
    """The receiver on a real port."""
    with serve(receiver) as url:
        yield url


@pytest.fixture
def closed_port() -> Any:
    """A port that refuses connections."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def silent_port() -> Iterator[Any]:
    """A port that accepts connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(16)
        yield listening.getsockname()[1]


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("", Overrides()),
        ("#section-2", Overrides()),
        ("#rc=3&rp=all", Overrides(retries=3, policy=frozenset({"all"}))),
        ("#ct=100&rt=15000&tt=9000", Overrides(connect=100, read=15000, total=9000)),
        (
            "#rp=5xx,ct,rt&rc=0&e=dublin,tokyo-ix&sni=n",
            Overrides(retries=0, policy=frozenset({"5xx", "ct", "rt"})),
        ),
    ],
)
def test_overrides_are_read_from_the_fragment(fragment: str, expected: Any) -> None:
    """Defaults: 5 s to connect, 15 s to read, 15 s in total, one retry on ct."""
    assert parse_overrides(f"https://a.example/x?y=1{fragment}") == expected


@pytest.mark.parametrize(
    "fragment",
    ["rc=6", "rc=x", "ct=99", "ct=10001", "rt=15001", "tt=15001", "rp=timeout", "e=mars", "sni=maybe"],
)
async def test_bad_values_are_errors_and_nothing_is_sent(
    sandbox: Sandbox, receiver: Receiver, fragment: str
) -> None:
    """An alert of the 11xxx instead of a request."""
    with pytest.raises(InvalidOverride):
        parse_overrides(f"https://a.example/#{fragment}")
    await sandbox.configure(VoiceUrl=f"https://hooks.example/voice#{fragment}")
    await sandbox.call_in()
    assert (receiver.requests, [a["error_code"] for a in await sandbox.alerts()]) == ([], ["11100"])


async def attempts(sandbox: Sandbox, url: Any) -> Any:
    """What was tried for a call to a number with this voice URL."""
    await sandbox.configure(VoiceUrl=url)
    await sandbox.call_in()
    return [(w["attempt"], w["status"], w["error_code"]) for w in await sandbox.webhooks()]


async def test_by_default_only_a_failed_connection_is_tried_again(real: Sandbox, closed_port: Any) -> None:
    """One retry on ct: two attempts, 11205."""
    made = await attempts(real, f"http://127.0.0.1:{closed_port}/voice")
    assert made == [(1, None, 11205), (2, None, 11205)]
    assert [a["error_code"] for a in await real.alerts()] == ["11205"]


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
async def test_by_default_answers_are_not_tried_again(
    real: Sandbox, receiver: Receiver, base: Any, status: int
) -> None:
    """Neither 4xx nor 5xx; Retry-After is not honoured."""
    receiver.answer("/voice", Response("no", status, headers={"Retry-After": "1"}))
    assert len(await attempts(real, f"{base}/voice")) == 1


@pytest.mark.parametrize(
    ("fragment", "status", "count"),
    [
        ("rc=3&rp=5xx", 503, 4),
        ("rc=3&rp=5xx", 404, 1),
        ("rc=2&rp=4xx", 404, 3),
        ("rc=5&rp=all", 401, 6),
        ("rc=0&rp=all", 500, 1),
    ],
)
async def test_the_policy_says_what_is_tried_again(
    real: Sandbox, receiver: Receiver, base: Any, fragment: str, status: int, count: int
) -> None:
    """Attempts beyond the first, by kind of failure."""
    receiver.answer("/voice", Response("no", status))
    assert len(await attempts(real, f"{base}/voice#{fragment}")) == count


async def test_a_retry_that_succeeds_is_the_answer(real: Sandbox, receiver: Receiver, base: Any) -> None:
    """The call goes on, no alert."""
    receiver.answer(
        "/voice", lambda n: Response("no", 500) if n < 2 else Response(SAY, media_type=("text/xml"))
    )
    assert [status for _, status, _ in await attempts(real, f"{base}/voice#rc=3&rp=5xx")] == [500, 500, 200]
    assert await real.alerts() == []


async def test_a_read_timeout_is_tried_again_on_request_only(real: Sandbox, silent_port: Any) -> None:
    """rt, with the time the URL allows."""
    url = f"http://127.0.0.1:{silent_port}/voice#rt=100&rc=2"
    assert len(await attempts(real, url)) == 1
    await real.control("DELETE", "/webhook-requests")
    assert await attempts(real, url + "&rp=rt") == [(1, None, 11205), (2, None, 11205), (3, None, 11205)]


async def test_the_total_time_ends_everything(real: Sandbox, silent_port: Any) -> None:
    """Tt over all attempts: within 250 ms at most two waits of 200 ms begin, however slow the machine is."""
    made = await attempts(real, f"http://127.0.0.1:{silent_port}/voice#rt=200&tt=250&rc=5&rp=rt")
    assert [(status, code) for _, status, code in made] == [(None, 11205)] * len(made)
    assert len(made) <= 2


async def test_callbacks_have_the_same_rules(real: Sandbox, receiver: Receiver, base: Any) -> None:
    """Status callbacks are tried again as their URL says, and never go to a fallback."""
    receiver.twiml("/voice", SAY)
    receiver.answer("/status", lambda n: Response("no", 500) if n == 0 else Response(status_code=204))
    fallback = f"{base}/fallback"
    await real.configure(
        VoiceUrl=f"{base}/voice", VoiceFallbackUrl=fallback, StatusCallback=f"{base}/status#rc=1&rp=5xx"
    )
    await real.call_in()
    assert (len(receiver.on("/status")), receiver.on("/fallback")) == (2, [])


async def test_only_twiml_requests_go_to_the_fallback(real: Sandbox, receiver: Receiver, base: Any) -> None:
    """After all attempts at the voice URL."""
    receiver.answer("/voice", Response("no", 500))
    receiver.twiml("/fallback", SAY)
    await real.configure(VoiceUrl=f"{base}/voice#rc=1&rp=5xx", VoiceFallbackUrl=f"{base}/fallback")
    await real.call_in()
    assert [r.path for r in receiver.requests] == ["/voice", "/voice", "/fallback"]


async def test_the_fragment_is_not_sent(real: Sandbox, receiver: Receiver, base: Any) -> None:
    """Stored and given back, but not on the wire."""
    receiver.twiml("/voice", SAY)
    number = await real.configure(VoiceUrl=f"{base}/voice?a=b#rp=all&rc=5")
    await real.call_in()
    assert number["voice_url"].endswith("?a=b#rp=all&rc=5")
    assert receiver.requests[0].url == f"{base}/voice?a=b"


async def test_an_unknown_host_is_11210(real: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name cannot be resolved; the resolver's answer is forced, because a slow one is a time-out."""

    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert await attempts(real, "https://no-such-host.invalid/voice#rc=0") == [(1, None, 11210)]


async def test_a_tls_failure_is_11220_and_counts_as_ct(real: Sandbox, base: Any) -> None:
    """Https to a port that speaks plain HTTP, tried again like any failed connection."""
    made = await attempts(real, base.replace("http:", "https:") + "/voice")
    assert made == [(1, None, 11220), (2, None, 11220)]


async def test_a_connection_that_breaks_is_11200(real: Sandbox) -> None:
    """The other side hangs up in the middle."""

    async def hang_up(_: Any, writer: Any) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await attempts(real, f"http://127.0.0.1:{port}/voice") == [(1, None, 11200)]


async def test_credentials_in_a_url_are_sent_as_basic_auth(
    real: Sandbox, receiver: Receiver, base: Any
) -> None:
    """And not as part of the URL."""
    receiver.twiml("/voice", SAY)
    await attempts(real, base.replace("//", "//user:p%40ss@") + "/voice")
    assert receiver.requests[0].headers["authorization"] == httpx.BasicAuth("user", "p@ss")._auth_header


async def test_partial_bodies_are_never_tried_again(real: Sandbox) -> None:
    """An answer that broke off in the middle is an error, whatever the policy."""

    async def break_off(reader: Any, writer: Any) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 100\r\n\r\n<Resp")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(break_off, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await attempts(real, f"http://127.0.0.1:{port}/voice#rc=5&rp=all") == [(1, None, 11200)]


def test_15_seconds_are_the_cap_over_everything() -> None:
    """No fragment can ask for more, and none asking means 15 s."""
    assert Overrides().total == 15_000
    with pytest.raises(InvalidOverride):
        parse_overrides("https://a.example/#tt=15001")
