"""Realtime's limits: the free plan's values, and what a client reads that exceeds one."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from voicehooks_sandbox.supabase.realtime.limits import RealtimeLimits
from voicehooks_sandbox.supabase.realtime.rates import PresenceCalls, Rate, Rates
from voicehooks_sandbox.supabase.settings_file import SettingsFile
from websockets.exceptions import InvalidStatus

from tests.sandbox.supabase.test_realtime import JOIN, TABLE, Raw, socket

A_MINUTE = 60
"""What a limit of one per second allows in the 60 seconds over which it is averaged."""
TRACK = {"type": "presence", "event": "track", "payload": {}}
FREE_PLAN = {
    "max_concurrent_users": 200,
    "max_channels_per_client": 100,
    "max_joins_per_second": 100,
    "max_events_per_second": 100,
    "max_presence_events_per_second": 20,
    "max_client_presence_events_per_window": 5,
    "client_presence_window_ms": 30_000,
}


def limit(control: httpx.Client, **limits: Any) -> Any:
    """Set limits; returns all in force."""
    return control.post("/realtime", json=limits).raise_for_status().json()


async def ended(raw: Raw) -> str:
    """Why the server ends a channel; it says so and closes it."""
    system = (await raw.next("system"))[4]
    await raw.next("phx_close")
    assert system["status"] == "error"
    return str(system["message"])


def test_the_limits_are_settings(control: httpx.Client) -> None:
    """No rates by default; a plan's values, single ones, both; a reset goes back."""
    default = control.get("/realtime").json()
    assert {name for name, value in default.items() if value == 0} == {
        "max_joins_per_second",
        "max_events_per_second",
        "max_presence_events_per_second",
        "max_client_presence_events_per_window",
    }
    assert limit(control, plan="free") == FREE_PLAN
    assert limit(control, max_events_per_second=7) == {**FREE_PLAN, "max_events_per_second": 7}
    assert limit(control, plan=None, max_joins_per_second=3) == {**default, "max_joins_per_second": 3}
    control.post("/reset").raise_for_status()
    assert control.get("/realtime").json() == default


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"plan": "gold"}, "plan: must be one of free, or null for the sandbox's defaults"),
        ({"max_joins_per_second": True}, "max_joins_per_second: must be a whole number, 0 for no limit"),
        ({"max_joins_per_second": -1}, "max_joins_per_second: must be a whole number, 0 for no limit"),
        ({"rate": 1}, "rate: is not emulated; the sandbox knows plan, " + ", ".join(FREE_PLAN)),
    ],
)
def test_wrong_limits_are_refused(control: httpx.Client, body: dict[str, Any], message: str) -> None:
    """One sentence, and nothing changes."""
    before = control.get("/realtime").json()
    answer = control.post("/realtime", json=body)
    assert (answer.status_code, answer.json()["message"]) == (400, message)
    assert control.get("/realtime").json() == before


def test_limits_outlive_a_restart(tmp_path: Path) -> None:
    """They are in the state folder until a reset."""
    path = tmp_path / "realtime.json"
    SettingsFile(path, RealtimeLimits()).change({"plan": "free", "max_joins_per_second": 3})
    kept = SettingsFile(path, RealtimeLimits())
    assert dataclasses.asdict(kept.current) == {**FREE_PLAN, "max_joins_per_second": 3}
    kept.reset()
    assert SettingsFile(path, RealtimeLimits()).current == RealtimeLimits()


def test_too_many_sockets(sandbox: dict[str, str], control: httpx.Client) -> None:
    """429 at the handshake; the sockets that are there stay."""
    limit(control, max_concurrent_users=1)

    async def crowd() -> InvalidStatus:
        async with socket(sandbox) as raw:
            with pytest.raises(InvalidStatus) as refused:
                async with socket(sandbox):
                    pass
            await raw.push("phoenix", "heartbeat", {})
            await raw.next("phx_reply")
            return refused.value

    response = asyncio.run(crowd()).response
    assert response.status_code == 429
    assert json.loads(response.body or b"") == {"error": "Too many connected users"}


def test_too_many_channels(sandbox: dict[str, str], control: httpx.Client) -> None:
    """The join is refused, and the socket goes on."""
    limit(control, max_channels_per_client=1)

    async def join() -> list[Any]:
        async with socket(sandbox) as raw:
            return [await raw.join(topic, {}) for topic in ("realtime:a", "realtime:b", "realtime:a")]

    first, refused, again = asyncio.run(join())
    assert refused == {"status": "error", "response": {"reason": "ChannelRateLimitReached: Too many channels"}}
    assert (first["status"], again["status"]) == ("ok", "ok")


def test_too_many_joins(sandbox: dict[str, str], control: httpx.Client) -> None:
    """The join is refused and the socket ends; the next handshake is refused, until the limits change."""
    limit(control, max_joins_per_second=1)

    async def join() -> tuple[list[Any], Any]:
        async with socket(sandbox) as raw:
            answers = [await raw.join("realtime:a", {}) for _ in range(A_MINUTE + 1)]
            await raw.connection.wait_closed()
        with pytest.raises(InvalidStatus) as refused:
            async with socket(sandbox):
                pass
        await asyncio.to_thread(limit, control, max_joins_per_second=2)
        async with socket(sandbox) as raw:
            assert (await raw.join("realtime:a", {}))["status"] == "ok"
        return answers, refused.value.response

    answers, handshake = asyncio.run(join())
    assert {answer["status"] for answer in answers[:-1]} == {"ok"}
    reason = "ClientJoinRateLimitReached: Too many joins per second"
    assert answers[-1] == {"status": "error", "response": {"reason": reason}}
    assert (handshake.status_code, json.loads(handshake.body)) == (429, {"error": "Too many joins per second"})


def test_too_many_messages(sandbox: dict[str, str], control: httpx.Client, gateway: httpx.Client) -> None:
    """A broadcast counts for its sender and for each receiver; over it, channels end and HTTP has 429."""
    limit(control, max_events_per_second=1)
    headers = {"apikey": sandbox["supabase_publishable_key"]}
    path = "/realtime/v1/api/broadcast"
    message = {"topic": "room", "event": "note", "payload": {}}
    sent = {"type": "broadcast", "event": "note", "payload": {}}

    async def talk() -> tuple[int, str]:
        async with socket(sandbox) as raw:
            await raw.join("realtime:room", {"config": {"broadcast": {"self": True, "ack": True}}})
            count = 0
            for count in range(A_MINUTE):
                await raw.push("realtime:room", "broadcast", sent, "1")
                frame: Any = b""
                while isinstance(frame, bytes):  # the broadcast itself
                    frame = await raw.connection.recv()
                if json.loads(frame)[3] == "system":
                    return count, json.loads(frame)[4]["message"]
            return count, ""

    assert asyncio.run(talk()) == (A_MINUTE // 2, "Too many messages per second")
    for answer in (
        gateway.post(path, json={"messages": [message]}, headers=headers),
        gateway.post(f"{path}/room/events/note", json={}, headers=headers),
    ):
        assert (answer.status_code, answer.json()) == (429, {"message": "You have exceeded your rate limit"})


def test_a_receiver_over_the_limit_is_ended(
    sandbox: dict[str, str], control: httpx.Client, gateway: httpx.Client
) -> None:
    """The batch itself is within the limit; delivering it is not."""
    limit(control, max_events_per_second=1)
    messages = [{"topic": "room", "event": "note", "payload": {}}] * (A_MINUTE // 2 + 1)

    async def listen() -> tuple[int, str]:
        async with socket(sandbox) as raw:
            await raw.join("realtime:room", {})
            answer = await asyncio.to_thread(
                gateway.post,
                "/realtime/v1/api/broadcast",
                json={"messages": messages},
                headers={"apikey": sandbox["supabase_publishable_key"]},
            )
            while isinstance(frame := await raw.connection.recv(), bytes):
                pass
            return answer.status_code, json.loads(frame)[4]["message"]

    assert asyncio.run(listen()) == (202, "Too many messages per second")


def test_changes_over_the_limit_are_skipped(
    sandbox: dict[str, str], control: httpx.Client, query: Callable[[str], Any]
) -> None:
    """Silently: the channel stays, and gets rows again when the limit allows it."""
    query(TABLE)
    limit(control, max_events_per_second=1)

    async def follow() -> list[int]:
        async with socket(sandbox) as raw:
            await raw.join("realtime:notes", JOIN)
            await raw.next("system")
            await asyncio.to_thread(query, f"insert into notes select generate_series(1, {A_MINUTE + 5})")
            numbers = [await row(raw) for _ in range(A_MINUTE)]
            await asyncio.to_thread(limit, control, max_events_per_second=0)
            await asyncio.to_thread(query, "insert into notes values (1000)")
            return [*numbers, await row(raw)]

    async def row(raw: Raw) -> int:
        return int((await raw.next("postgres_changes"))[4]["data"]["record"]["id"])

    assert asyncio.run(follow()) == [*range(1, A_MINUTE + 1), 1000]


def test_too_many_presence_calls_of_a_client(sandbox: dict[str, str], control: httpx.Client) -> None:
    """The free plan's five calls in 30 seconds."""
    limit(control, plan="free")

    async def track() -> str:
        async with socket(sandbox) as raw:
            await raw.join("realtime:room", {})
            for _ in range(5):
                await raw.push("realtime:room", "presence", TRACK, "1")
                assert (await raw.next("phx_reply"))[4]["status"] == "ok"
            await raw.push("realtime:room", "presence", TRACK, "1")
            return await ended(raw)

    assert asyncio.run(track()) == "Client presence rate limit exceeded"


def test_too_many_presence_messages(sandbox: dict[str, str], control: httpx.Client) -> None:
    """A track counts, and what each receiver hears of it; the same again does not; nor does presence begin."""
    limit(control, max_presence_events_per_second=1)

    async def track() -> list[str]:
        async with socket(sandbox) as raw:
            await raw.join("realtime:room", {})
            for number in range(A_MINUTE // 2):
                for _ in range(2):
                    await raw.push("realtime:room", "presence", {**TRACK, "payload": {"n": number}}, "1")
                    assert (await raw.next("phx_reply"))[4]["status"] == "ok"
            await raw.push("realtime:room", "presence", TRACK, "1")
            ending = await ended(raw)
            await raw.join("realtime:other", {"config": {"presence": {"enabled": True}}})
            return [ending, await ended(raw)]

    assert asyncio.run(track()) == ["Too many presence messages per second"] * 2


def test_a_rate_is_an_average_over_sixty_seconds() -> None:
    """A burst may use the whole minute at once; what is older counts no more; no limit, no counts."""
    now = [1000.0]
    limits = [RealtimeLimits(max_joins_per_second=1)]
    rates = Rates(lambda: limits[0], lambda: now[0])
    assert [rates.take(Rate.JOINS) for _ in range(A_MINUTE + 1)] == [True] * A_MINUTE + [False]
    now[0] += A_MINUTE - 1
    assert not rates.allows(Rate.JOINS)
    now[0] += 1
    assert rates.allows(Rate.JOINS, A_MINUTE)
    assert not rates.allows(Rate.JOINS, A_MINUTE + 1)
    limits[0] = RealtimeLimits()
    assert all(rates.take(rate, 1_000_000) for rate in Rate)


def test_the_calls_of_a_client_count_from_the_first() -> None:
    """The window begins with a call and not with the clock's half minute."""
    now = [1000.0]
    limits = RealtimeLimits(max_client_presence_events_per_window=2)
    calls = PresenceCalls(Rates(lambda: limits, lambda: now[0]))
    assert [calls.take() for _ in range(3)] == [True, True, False]
    now[0] += 29.9
    assert not calls.take()
    now[0] += 0.1
    assert calls.take()
