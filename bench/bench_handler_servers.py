"""The three servers that bench_handler compares: ours, the limit, and what one would write in Python instead.

Run as a program it is the last of them: Starlette, the `twilio` validator and the `supabase` async client.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sysconfig
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from voicehooks_sandbox.credentials import SUPABASE_JWT_SECRET
from voicehooks_sandbox.supabase.binaries import find_binaries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.requests import Request

ROOT = Path(__file__).parents[1]
DENO = Path(sysconfig.get_path("scripts")) / "deno"

# The limit: the same single RPC, without validation, parsing or anything else.
BARE = """
const url = Deno.env.get("SUPABASE_URL") + "/rest/v1/rpc/ingest_twilio_webhook";
const apikey = JSON.parse(Deno.env.get("SUPABASE_SECRET_KEYS")).default;
const headers = {apikey, authorization: `Bearer ${apikey}`, "content-type": "application/json"};
const events = JSON.parse(Deno.env.get("BARE_EVENTS"));  // the four callbacks of a call
let requests = 0;
Deno.serve(async (request) => {
  await request.text();
  const call = Math.floor(requests / events.length).toString(16).padStart(28, "0");
  const body = events[requests++ % events.length].replaceAll("CALL", call);
  const answer = await fetch(url, {method: "POST", headers, body});
  await answer.text();
  return new Response(null, {status: answer.ok ? 204 : 503});
});
"""
# The functions ask the project's gateway for /rest/v1/...; PostgREST itself has no such prefix.
DIRECT = """
const send = globalThis.fetch;
globalThis.fetch = (url, init) => send(String(url).replace("/rest/v1/", "/"), init);
"""
EMPTY = "Deno.serve(() => new Response(null, {status: 204}));"


@contextmanager
def running(command: list[str | Path], environment: Mapping[str, str]) -> Iterator[int]:
    """Run a server that takes its port from one of three variables, until it listens; yields the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = os.environ | dict(environment)
    env |= {"DENO_SERVE_ADDRESS": f"tcp:127.0.0.1:{port}", "PORT": str(port), "DENO_NO_UPDATE_CHECK": "1"}
    env |= {"PGRST_SERVER_PORT": str(port)}
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            await_listening(port, process)
            yield port
        finally:
            process.terminate()


def await_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return once the server answers at all."""
    while process.poll() is None:
        try:
            httpx.get(f"http://127.0.0.1:{port}/twilio-webhook", timeout=5)
        except httpx.TransportError:
            time.sleep(0.001)
        else:
            return
    message = f"{process.args!r} ended with code {process.returncode}"
    raise RuntimeError(message)


def deno(script: Path, *, preload: Path | None = None) -> list[str | Path]:
    """The command that runs a function as the sandbox does, after another script if one is given."""
    options = [] if preload is None else [f"--preload={preload}"]
    return [DENO, "run", "--no-config", "--no-check", "--allow-net=127.0.0.1", "--allow-env", *options, script]


@contextmanager
def postgrest(database_url: str) -> Iterator[str]:
    """A PostgREST of the benchmark's own, so that no gateway is part of what is measured; yields its URL."""
    variables = {
        "PGRST_DB_URI": database_url,
        "PGRST_DB_SCHEMAS": "public",
        "PGRST_DB_ANON_ROLE": "anon",
        "PGRST_DB_POOL": "10",
        "PGRST_JWT_SECRET": SUPABASE_JWT_SECRET,
        "PGRST_SERVER_HOST": "127.0.0.1",
        "PGRST_LOG_LEVEL": "crit",
    }
    with running([find_binaries().postgrest], variables) as port:
        url = f"http://127.0.0.1:{port}"
        while httpx.get(url).status_code == 503:  # it is still reading the schema
            time.sleep(0.01)
        yield url


def serve_python() -> None:
    """What a Python developer would write instead, on one uvicorn worker."""
    import uvicorn  # noqa: PLC0415 - the other two servers do not need these
    from starlette.applications import Starlette  # noqa: PLC0415
    from starlette.responses import Response  # noqa: PLC0415
    from starlette.routing import Route  # noqa: PLC0415
    from supabase import AsyncClient, create_async_client  # noqa: PLC0415
    from twilio.request_validator import RequestValidator  # noqa: PLC0415

    validator = RequestValidator(os.environ["VOICEHOOKS_AUTH_TOKEN"])
    public_url = os.environ["PUBLIC_URL"]
    client: list[AsyncClient] = []

    async def webhook(request: Request) -> Response:
        form = await request.form()
        if not validator.validate(public_url, form, request.headers.get("x-twilio-signature", "")):
            return Response(status_code=403)
        if not client:
            key = json.loads(os.environ["SUPABASE_SECRET_KEYS"])["default"]
            client.append(await create_async_client(os.environ["SUPABASE_URL"], key))
            client[0].rest_url = client[0].supabase_url  # PostgREST itself has no prefix
        event = {"kind": "status", "path": "", "params": dict(form)}
        await client[0].rpc("ingest_twilio_webhook", event).execute()
        return Response(status_code=204)

    app = Starlette(routes=[Route("/twilio-webhook", webhook, methods=["POST", "GET"])])
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error", access_log=False)


if __name__ == "__main__":
    serve_python()
