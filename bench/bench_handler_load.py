"""A load generator that costs little: prepared requests over kept-alive connections."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import psutil

ACCOUNT = "AC" + "5a4db0c5" * 4
STEPS = ("initiated", "ringing", "in-progress", "completed")


@dataclass(frozen=True)
class Run:
    """What one run measured."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    database_us: float
    """Processor time of Postgres per request."""


def status_callback(call: str, step: int) -> dict[str, str]:
    """The parameters of one of a call's four callbacks; `call` is 28 hex digits."""
    geography = {f"{who}{what}": "" for who in ("From", "To") for what in ("City", "State", "Zip", "Country")}
    return {
        "CallSid": f"CAbeac{call}",
        "AccountSid": ACCOUNT,
        "From": "+15551234567",
        "To": "+15550001111",
        "Caller": "+15551234567",
        "Called": "+15550001111",
        "CallStatus": STEPS[step],
        "ApiVersion": "2010-04-01",
        "Direction": "outbound-api",
        # Later than any event that could still have a key of the first release.
        "Timestamp": f"Tue, 24 Nov 2099 11:00:0{step} +0000",
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(step),
        **geography,
    }


def signed_requests(first_call: int, count: int, public_url: str, token: str) -> list[bytes]:
    """Whole HTTP requests, four callbacks a call, signed as Twilio does."""
    requests = []
    for number in range(count):
        form = status_callback(f"{first_call + number // 4:028x}", number % 4)
        text = public_url + "".join(name + form[name] for name in sorted(form))
        signature = base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()
        body = urlencode(form)
        head = (
            "POST /twilio-webhook HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"X-Twilio-Signature: {signature}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        requests.append((head + body).encode())
    return requests


async def load(port: int, requests: list[bytes], connections: int, postmaster: psutil.Process) -> Run:
    """Send all requests, each connection one after the other; every answer must be 204."""
    used = processor_seconds(postmaster)
    waiting = iter(requests)
    seconds: list[float] = []

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            started = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            seconds.append(time.perf_counter() - started)
            if not head.startswith(b"HTTP/1.1 204"):
                raise RuntimeError(head.decode(errors="replace"))
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(connections)))
    elapsed = time.perf_counter() - started
    seconds.sort()
    return Run(
        requests_per_second=len(seconds) / elapsed,
        p50_ms=seconds[len(seconds) // 2] * 1000,
        p99_ms=seconds[int(len(seconds) * 0.99)] * 1000,
        database_us=(processor_seconds(postmaster) - used) / len(seconds) * 1e6,
    )


def processor_seconds(postmaster: psutil.Process) -> float:
    """User and system time of a database's processes, also of those that have ended."""
    used = 0.0
    for process in (postmaster, *postmaster.children()):
        with contextlib.suppress(psutil.NoSuchProcess):  # it ended just now
            times = process.cpu_times()
            used += times.user + times.system + times.children_user + times.children_system
    return used
