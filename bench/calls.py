"""How many calls a second the simulator walks through, without any network.

The emulator runs inside this process with time at its fastest; its webhooks go to a receiver in the same
process that answers at once. A call is an incoming one that is dialed on and recorded: two legs, TwiML, a
recording, and the webhooks of all that, each signed and kept in the journal.
"""

from __future__ import annotations

import asyncio
import math
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import httpx
from starlette.responses import Response
from voicehooks_sandbox.twilio import create_app

from bench.figure import Figure
from bench.twilio_emulator import ACCOUNT, TOKEN

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

__all__ = ["run"]

_NUMBER = "+15551234567"
_TOGETHER = 20
_TWIML = (
    '<Response><Dial record="record-from-answer" recordingStatusCallback="/status"><Number '
    'statusCallback="/status" statusCallbackEvent="initiated ringing answered completed">'
    "+15557654321</Number></Dial></Response>"
)


def run(*, long: bool) -> list[Figure]:
    """200 calls a round, three rounds; with `long` 1,000 a round, five rounds."""
    calls, rounds = (1000, 5) if long else (200, 3)
    with tempfile.TemporaryDirectory(prefix="vh-bench-") as folder:
        rates, webhooks = asyncio.run(_measure(Path(folder), calls, rounds))
    return [
        Figure("calls", "simulated calls", median(rates), "1/s", spread=(min(rates), max(rates))),
        Figure("calls", "webhooks a call", webhooks, ""),
    ]


async def _measure(folder: Path, calls: int, rounds: int) -> tuple[list[float], float]:
    app = create_app(
        state_dir=folder,
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        phone_numbers=[_NUMBER],
        time_factor=math.inf,
        webhook_transport=httpx.ASGITransport(_receiver),
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://emulator", auth=(ACCOUNT, TOKEN)
    ) as client:
        await _configure(client)
        await _make_calls(client, _TOGETHER)  # warms up
        rates = []
        for _ in range(rounds):
            await client.delete("/_sandbox/webhook-requests")
            started = time.perf_counter()
            await _make_calls(client, calls)
            rates.append(calls / (time.perf_counter() - started))
        journal = (await client.get("/_sandbox/webhook-requests")).json()
    await app.state.emulator.close()
    return rates, len(_entries(journal)) / calls


async def _receiver(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    answer = Response(_TWIML, media_type="text/xml") if scope["path"] == "/voice" else Response(status_code=204)
    await answer(scope, receive, send)


async def _configure(client: httpx.AsyncClient) -> None:
    numbers = f"/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers"
    sid = (await client.get(f"{numbers}.json")).json()["incoming_phone_numbers"][0]["sid"]
    urls = {"VoiceUrl": "https://handler.example/voice", "StatusCallback": "https://handler.example/status"}
    (await client.post(f"{numbers}/{sid}.json", data=urls)).raise_for_status()


async def _make_calls(client: httpx.AsyncClient, count: int) -> None:
    waiting = iter(range(count))

    async def callers() -> None:
        for _ in waiting:
            call = await client.post("/_sandbox/calls", json={"from": "+15550001111", "to": _NUMBER})
            over = await client.get(f"/_sandbox/calls/{call.json()['sid']}", params={"wait": 60})
            if not over.json()["finished"]:
                raise RuntimeError(f"call {call.json()['sid']} did not end")

    await asyncio.gather(*(callers() for _ in range(_TOGETHER)))


def _entries(journal: dict[str, Any]) -> list[Any]:
    return next(value for value in journal.values() if isinstance(value, list))
