"""What the gateway does with slow clients, broken connections, large heads and unusual bytes."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing

import httpx
import pytest

from tests.sandbox.supabase.conftest import Deploy
from tests.support.waiting import PATIENCE, wait_for

STREAM = """
let sent = 0, left = false, broken = false;
Deno.serve(async (request) => {
  const what = new URL(request.url).pathname;
  if (what.endsWith("/state")) return Response.json({ sent, left, broken });
  if (what.endsWith("/upload")) {
    try { return new Response(String((await request.arrayBuffer()).byteLength)); }
    catch (error) { broken = true; throw error; }
  }
  const piece = new Uint8Array(65536);
  return new Response(new ReadableStream({
    pull(controller) {
      controller.enqueue(piece);
      sent += piece.length;
      if (what.endsWith("/crash") && sent > 5_000_000) Deno.exit(1);
    },
    cancel() { left = true; },
  }));
});
"""
ECHO = """
Deno.serve(async (request) => Response.json({
  url: request.url, body: await request.text(), headers: Object.fromEntries(request.headers),
}));
"""


@pytest.fixture
def state(deploy: Deploy, gateway: httpx.Client) -> Callable[[], dict[str, object]]:
    """Asks a function that streams without an end what has become of its requests."""
    deploy("stream", STREAM)
    return lambda: gateway.get("/functions/v1/stream/state").json()


@pytest.fixture
def connected(sandbox: dict[str, str]) -> Callable[[], socket.socket]:
    """Opens a connection to the gateway."""
    host, _, port = sandbox["supabase_url"].removeprefix("http://").partition(":")
    return lambda: socket.create_connection((host, int(port)), timeout=PATIENCE)


def received(connection: socket.socket) -> bytes:
    """All bytes until the other side closes."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def test_a_client_that_does_not_read_holds_the_function_back(
    state: Callable[[], dict[str, object]], connected: Callable[[], socket.socket]
) -> None:
    """The gateway does not collect an answer that nobody reads, and answers others in the meantime."""
    with closing(connected()) as connection:
        connection.sendall(b"GET /functions/v1/stream HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"
        sent, unchanged = -1, 0
        for _ in range(10_000):
            before, sent = sent, int(str(state()["sent"]))
            unchanged = unchanged + 1 if sent == before else 0
            if unchanged == 50:
                break

    assert unchanged == 50  # what fits into the buffers of the machine has been sent, and no more


def test_a_client_that_leaves_ends_the_functions_answer(
    state: Callable[[], dict[str, object]], connected: Callable[[], socket.socket]
) -> None:
    """The function learns that nobody reads its answer any longer."""
    with closing(connected()) as connection:
        connection.sendall(b"GET /functions/v1/stream HTTP/1.1\r\nHost: x\r\n\r\n")
        connection.recv(12)

    wait_for(lambda: state()["left"], "the function learns that its client has left")


@pytest.mark.parametrize("framing", ["Content-Length: 2000000", "Transfer-Encoding: chunked"])
def test_a_client_that_leaves_during_its_request_breaks_it(
    state: Callable[[], dict[str, object]], connected: Callable[[], socket.socket], framing: str
) -> None:
    """A function never takes half a request for a whole one."""
    with closing(connected()) as connection:
        connection.sendall(
            f"POST /functions/v1/stream/upload HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n".encode()
        )
        connection.sendall(b"5\r\nhalf \r\n")

    wait_for(lambda: state()["broken"], "the function learns that the request broke off")


@pytest.mark.parametrize("size", [10, 2_000_000])
def test_a_slow_client_is_waited_for(
    state: Callable[[], dict[str, object]], connected: Callable[[], socket.socket], size: int
) -> None:
    """A request may arrive in pieces, while others are answered."""
    with closing(connected()) as connection:
        connection.sendall(b"POST /functions/v1/stream/upload HTTP/1.1\r\nHo")
        state()
        connection.sendall(f"st: x\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n123".encode())
        state()
        connection.sendall(b"x" * (size - 3))

        assert received(connection).endswith(str(size).encode())


def test_a_function_that_crashes_within_its_answer_cuts_it(deploy: Deploy, gateway: httpx.Client) -> None:
    """A client never takes half an answer for a whole one."""
    deploy("stream", STREAM)

    with pytest.raises(httpx.RemoteProtocolError):
        gateway.get("/functions/v1/stream/crash")


def test_a_client_that_asks_for_permission_gets_it(
    state: Callable[[], dict[str, object]], connected: Callable[[], socket.socket]
) -> None:
    """`Expect: 100-continue` is answered before the body is sent; the function does not see it."""
    with closing(connected()) as connection:
        connection.sendall(
            b"POST /functions/v1/stream/upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"
        )
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"abc")

        assert received(connection).endswith(b"3")


@pytest.mark.parametrize(("size", "status"), [(60_000, 501), (70_000, 400)])
def test_the_size_of_a_head_is_limited(connected: Callable[[], socket.socket], size: int, status: int) -> None:
    """A head of up to 64 KiB passes, a larger one is refused."""
    head = f"GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: {'x' * size}\r\n\r\n"
    with closing(connected()) as connection:
        connection.sendall(head.encode())

        assert connection.recv(12) == f"HTTP/1.1 {status}".encode()


@pytest.mark.parametrize(
    "target",
    [
        "/echo/a%20b%2Fc/d;e=1/",
        "/echo?From=%2B15551234567&To=%2b1&x=a+b&y=~%7e&z",
        "/echo//double?a=1&&b=?c",
        "/echo?",
    ],
)
def test_path_and_query_pass_byte_for_byte(
    deploy: Deploy, connected: Callable[[], socket.socket], target: str
) -> None:
    """Twilio signs the URL as it sends it: a function sees the same."""
    deploy("echo", ECHO.replace("url: request.url", "url: request.url.split('/').slice(3).join('/')"))
    with closing(connected()) as connection:
        connection.sendall(
            f"GET /functions/v1{target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        )
        answer = received(connection).decode()

    assert f'"url":"{target[1:]}"' in answer


def test_repeated_headers_and_the_order_of_cookies_pass(deploy: Deploy, sandbox: dict[str, str]) -> None:
    """Headers that occur several times stay as they are, in both directions."""
    deploy(
        "cookies",
        """Deno.serve((r) => new Response(r.headers.get("x-tag"),
             { headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"]] }));""",
    )
    answer = httpx.get(
        f"{sandbox['supabase_url']}/functions/v1/cookies",
        headers=[("X-Tag", "one"), ("X-Tag", "two")],
        timeout=PATIENCE,
    )

    assert answer.text == "one, two"
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
