"""How the page is served: its headers, and what is refused."""

from __future__ import annotations

import base64
import hashlib
import re

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from voicehooks_page import LoopbackOnly, page_route


@pytest.fixture
def anyio_backend() -> str:
    """The servers run on asyncio."""
    return "asyncio"


@pytest.fixture
def client() -> httpx.AsyncClient:
    """A client of a server that serves the page under a path."""
    routes = [Mount("/some/path", routes=[page_route()], middleware=[Middleware(LoopbackOnly)])]
    transport = httpx.ASGITransport(Starlette(routes=routes))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:4710/some/path/")


@pytest.mark.anyio
async def test_nothing_from_elsewhere_is_loaded(client: httpx.AsyncClient) -> None:
    """The policy allows this server and the inline import map, which it names by its hash."""
    answer = await client.get("")
    policy = answer.headers["content-security-policy"]

    assert policy.startswith("default-src 'self';")
    (inline,) = re.findall(r"<script type=\"importmap\">(.*?)</script>", answer.text, re.DOTALL)
    assert base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode() in policy
    assert "unsafe" not in policy
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", answer.text)


@pytest.mark.anyio
async def test_an_unchanged_file_is_not_sent_again(client: httpx.AsyncClient) -> None:
    """A browser asks each time, and an upgrade takes effect at once."""
    first = await client.get("main.js")
    again = await client.get("main.js", headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "no-cache"
    assert again.status_code == 304


@pytest.mark.anyio
@pytest.mark.parametrize("host", ["127.0.0.1:4710", "localhost:4710", "[::1]:4710"])
async def test_this_machine_is_served(client: httpx.AsyncClient, host: str) -> None:
    """All addresses of the loopback interface work, also for requests of the page itself."""
    answer = await client.get("", headers={"Host": host, "Origin": f"http://{host}"})

    assert answer.status_code == 200


@pytest.mark.anyio
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:4710"},
        {"Host": "evil.example:4710", "Origin": "http://evil.example:4710"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_a_web_site_is_refused(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """A site whose name resolves to this machine, or that sends requests to it, gets nothing."""
    answer = await client.get("", headers=headers)

    assert answer.status_code == 403
    assert "message" in answer.json()
