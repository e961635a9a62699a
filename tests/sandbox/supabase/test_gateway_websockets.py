"""The gateway relays WebSockets between a client and a function (Supabase docs: functions/websockets)."""

from __future__ import annotations

import json
from socket import SHUT_RDWR

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.sandbox.supabase.conftest import Deploy
from tests.support.waiting import PATIENCE, wait_for

ECHO = """
const gone: string[] = [];
Deno.serve((request) => {
  if (request.headers.get("upgrade") !== "websocket") return Response.json(gone);
  if (new URL(request.url).searchParams.has("refuse")) return new Response("not today", { status: 418 });
  const seen = JSON.stringify({ url: request.url, headers: [...request.headers] });
  const protocol = request.headers.get("sec-websocket-protocol")?.split(", ")[1];
  const { socket, response } = Deno.upgradeWebSocket(request, { protocol });
  socket.binaryType = "arraybuffer";
  socket.onopen = () => socket.send(seen);
  socket.onmessage = ({ data }) => {
    if (data === "close") socket.close(4001, "enough");
    else if (data === "die") Deno.exit(1);
    else socket.send(data);
  };
  socket.onclose = ({ code, reason }) => gone.push(`${code} ${reason}`);
  return response;
});
"""


@pytest.fixture
def address(deploy: Deploy, sandbox: dict[str, str]) -> str:
    """The address of a function that sends back what it gets."""
    deploy("echo", ECHO)
    return f"{sandbox['supabase_url'].replace('http:', 'ws:')}/functions/v1/echo"


def opened(address: str, **options: object) -> ClientConnection:
    """A connection to the gateway."""
    return connect(address, proxy=None, **options)  # type: ignore[arg-type]


def refusal(address: str, **options: object) -> tuple[int, bytes]:
    """The status and the body with which a handshake is refused."""
    with pytest.raises(InvalidStatus) as refused:
        opened(address, **options)
    response = refused.value.response
    return response.status_code, bytes(response.body or b"")


def test_the_handshake_reaches_the_function(address: str) -> None:
    """Path, query and headers arrive as those of any other request, and the chosen subprotocol comes back."""
    with opened(
        f"{address}/a%20b?x=%2B", subprotocols=["one", "two"], additional_headers={"X-Lead": "42"}
    ) as socket:
        seen = json.loads(socket.recv(timeout=PATIENCE))
        headers = dict(seen["headers"])

        assert socket.subprotocol == "two"
    assert seen["url"] == "http://edge-runtime.sandbox.internal/echo/a%20b?x=%2B"
    assert (headers["x-lead"], headers["x-forwarded-for"]) == ("42", "127.0.0.1")


@pytest.mark.parametrize("message", ["", "text ü", b"", b"\x00\xff", "x" * 3_000_000, b"y" * 3_000_000])
def test_messages_pass_unchanged_both_ways(address: str, message: str | bytes) -> None:
    """Text remains text, binary remains binary, whatever the size."""
    with opened(address, max_size=None) as socket:
        socket.recv(timeout=PATIENCE)
        socket.send(message)

        assert socket.recv(timeout=PATIENCE) == message


def test_many_messages_keep_their_order(address: str) -> None:
    """A client that sends without reading gets all answers in order."""
    with opened(address) as socket:
        socket.recv(timeout=PATIENCE)
        for number in range(200):
            socket.send(str(number))

        assert [socket.recv(timeout=PATIENCE) for _ in range(200)] == [str(number) for number in range(200)]


def test_the_function_closes(address: str) -> None:
    """The code and the reason of a function's close reach the client."""
    with opened(address) as socket:
        socket.recv(timeout=PATIENCE)
        socket.send("close")
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=PATIENCE)

    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4001, "enough")


def test_the_client_closes(address: str, gateway: httpx.Client) -> None:
    """The code and the reason of a client's close reach the function."""
    with opened(address) as socket:
        socket.recv(timeout=PATIENCE)
        socket.close(4002, "no more")

    gone = wait_for(lambda: gateway.get("/functions/v1/echo").json(), "the function sees the close")
    assert gone == ["4002 no more"]


def test_a_client_that_disappears_leaves_no_connection(address: str, gateway: httpx.Client) -> None:
    """A connection that breaks without a close is broken on the function's side, too."""
    with opened(address) as socket:
        socket.recv(timeout=PATIENCE)
        socket.socket.shutdown(SHUT_RDWR)

        gone = wait_for(lambda: gateway.get("/functions/v1/echo").json(), "the function sees the break")
    assert len(gone) == 1


def test_the_functions_process_ends(address: str) -> None:
    """A client does not wait for a function that has crashed."""
    with opened(address) as socket:
        socket.recv(timeout=PATIENCE)
        socket.send("die")
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=PATIENCE)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1011


def test_a_function_may_refuse_the_handshake(address: str) -> None:
    """The status and the body that a function answers with reach the client."""
    assert refusal(f"{address}?refuse") == (418, b"not today")


def test_the_gateways_own_refusals_answer_a_handshake(deploy: Deploy, address: str) -> None:
    """The gateway's rules apply to a handshake as to any request."""
    deploy("closed", ECHO, verify_jwt=True)
    base = address.rpartition("/functions/")[0]

    codes = {
        path: refusal(f"{base}{path}")[0]
        for path in ("/functions/v1/closed", "/functions/v1/nothing", "/storage/v1/x", "/rest/v1/x")
    }

    assert codes == {
        "/functions/v1/closed": 401,
        "/functions/v1/nothing": 404,
        "/storage/v1/x": 501,
        "/rest/v1/x": 401,
    }
