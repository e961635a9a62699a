"""Realtime: supabase-js and supabase-py, unmodified, follow rows and talk to each other; what sockets show."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from supabase import acreate_client
from voicehooks_sandbox.testing import running_sandbox
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from tests.sandbox.supabase.clients import checks_of, run_check
from tests.support.waiting import PATIENCE

TABLE = """
    create table notes (id int primary key, owner uuid, body text);
    alter publication supabase_realtime add table notes;
"""
JOIN = {"config": {"postgres_changes": [{"event": "*", "schema": "public", "table": "notes"}]}}


@pytest.mark.parametrize("check", checks_of("realtime.ts"))
def test_supabase_js(sandbox: dict[str, str], check: str) -> None:
    """The npm package as it is, under Deno; the check is in clients/realtime.ts."""
    run_check("realtime.ts", sandbox, check)


@pytest.mark.filterwarnings("ignore:The '.*' parameter is deprecated:DeprecationWarning")
def test_supabase_py(sandbox: dict[str, str], query: Callable[[str], Any]) -> None:
    """A row and a broadcast reach the asynchronous client, which speaks version 1 of the protocol."""
    query(TABLE)

    async def follow() -> tuple[Any, Any]:
        client = await acreate_client(sandbox["supabase_url"], sandbox["supabase_secret_key"])
        rows: asyncio.Queue[Any] = asyncio.Queue()
        talks: asyncio.Queue[Any] = asyncio.Queue()
        subscribed = asyncio.Event()
        channel = client.channel("notes", {"config": {"broadcast": {"self": True, "ack": False}}})
        channel.on_postgres_changes("*", rows.put_nowait, table="notes", schema="public")
        channel.on_broadcast("talk", talks.put_nowait)
        channel.on_system(lambda _: subscribed.set())
        await channel.subscribe()
        await asyncio.wait_for(subscribed.wait(), PATIENCE)
        await asyncio.to_thread(query, "insert into notes values (1, null, 'zażółć')")
        row = await asyncio.wait_for(rows.get(), PATIENCE)
        await channel.send_broadcast("talk", {"a": 1})
        talk = await asyncio.wait_for(talks.get(), PATIENCE)
        await client.realtime.close()
        await client.postgrest.aclose()
        return row, talk

    row, talk = asyncio.run(follow())

    assert row["data"]["record"] == {"id": 1, "owner": None, "body": "zażółć"}
    assert talk["payload"] == {"a": 1}


class Raw:
    """A socket that speaks version 2 of the protocol."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self._ref = 0

    async def push(self, topic: str, event: str, payload: Any, join_ref: str | None = None) -> str:
        """Send a message; returns its ref."""
        self._ref += 1
        await self.connection.send(json.dumps([join_ref, str(self._ref), topic, event, payload]))
        return str(self._ref)

    async def next(self, event: str) -> list[Any]:
        """The next message of an event."""
        async with asyncio.timeout(PATIENCE):
            while True:
                frame: list[Any] = json.loads(await self.connection.recv())
                if frame[3] == event:
                    return frame

    async def join(self, topic: str, payload: Any) -> Any:
        """Join a topic and return the answer."""
        await self.push(topic, "phx_join", payload, "1")
        return (await self.next("phx_reply"))[4]


@asynccontextmanager
async def socket(sandbox: dict[str, str], key: str = "secret") -> AsyncIterator[Raw]:
    """A socket with one of the project's keys."""
    url = f"{sandbox['supabase_url']}/realtime/v1/websocket".replace("http", "ws", 1)
    async with connect(f"{url}?apikey={sandbox[f'supabase_{key}_key']}&vsn=2.0.0", proxy=None) as connection:
        yield Raw(connection)


@pytest.mark.parametrize(
    ("apikey", "error"),
    [
        ("", "API key is missing"),
        ("nonsense", "The token provided is not a valid JWT"),
        ("{expired}", "Token has expired"),
        ("{foreign}", "Failed to validate JWT signature"),
    ],
)
def test_refused_handshakes(sandbox: dict[str, str], control: httpx.Client, apikey: str, error: str) -> None:
    """401 with the server's own words."""
    valid = control.post("/tokens", json={"sub": "x"}).json()["token"]
    tokens = {
        "expired": control.post("/tokens", json={"exp": 1_700_000_000}).json()["token"],
        "foreign": valid[:-4] + "AAAA",
    }
    url = f"{sandbox['supabase_url']}/realtime/v1/websocket".replace("http", "ws", 1)

    async def shake() -> None:
        async with connect(f"{url}?apikey={apikey.format(**tokens)}", proxy=None):
            pass

    with pytest.raises(InvalidStatus) as refused:
        asyncio.run(shake())

    assert refused.value.response.status_code == 401
    assert json.loads(refused.value.response.body or b"") == {"error": error}


def test_the_protocol(sandbox: dict[str, str]) -> None:
    """Heartbeats, unknown topics, malformed frames, a join in place of another, leaving."""

    async def talk() -> list[Any]:
        async with socket(sandbox) as raw:
            await raw.push("phoenix", "heartbeat", {})
            heartbeat = await raw.next("phx_reply")
            for malformed in ("", "x", "[]", "{}", b"", b"\x07"):
                await raw.connection.send(malformed)
            await raw.push("realtime:nowhere", "broadcast", {})
            unmatched = await raw.next("phx_reply")
            nameless = await raw.join("realtime:", {})
            first = await raw.join("realtime:room", {"config": {"private": "false"}})
            await raw.push("realtime:room", "phx_join", {}, "2")
            replaced = await raw.next("phx_close")
            second = await raw.next("phx_reply")
            await raw.push("realtime:room", "presence", {"event": "track", "payload": 1}, "2")
            no_map = await raw.next("phx_reply")
            await raw.push("realtime:room", "phx_leave", {}, "2")
            left = await raw.next("phx_close")
            return [heartbeat, unmatched, nameless, first, replaced, second, no_map, left]

    heartbeat, unmatched, nameless, first, replaced, second, no_map, left = asyncio.run(talk())

    ok = {"status": "ok", "response": {}}
    assert heartbeat == [None, "1", "phoenix", "phx_reply", ok]
    assert unmatched[4] == {"status": "error", "response": {"reason": "unmatched topic"}}
    assert nameless["response"] == {"reason": "TopicNameRequired: You must provide a topic name"}
    assert first == {"status": "ok", "response": {"postgres_changes": []}}
    assert replaced[:4] == ["1", "1", "realtime:room", "phx_close"]
    assert (second[0], second[4]["status"]) == ("2", "ok")
    assert no_map[4]["response"] == {"reason": "Presence track payload must be a map"}
    assert left[:4] == ["2", "2", "realtime:room", "phx_close"]


@pytest.mark.parametrize(
    ("replay", "is_private", "reason"),
    [
        ({"since": 0}, False, "Replay is not allowed for public channels"),
        ({}, True, "Replay params are not valid"),
        ({"since": "yesterday"}, True, "Replay params are not valid"),
        ({"since": 0, "limit": 26}, True, "Replay params are not valid"),
    ],
)
def test_a_replay_that_is_not_possible(
    sandbox: dict[str, str], replay: dict[str, Any], reason: str, *, is_private: bool
) -> None:
    """The join is refused with the server's own words."""

    async def join() -> Any:
        async with socket(sandbox) as raw:
            return await raw.join(
                "realtime:room", {"config": {"private": is_private, "broadcast": {"replay": replay}}}
            )

    assert asyncio.run(join()) == {
        "status": "error",
        "response": {"reason": f"UnableToReplayMessages: {reason}"},
    }


def test_a_policy_that_fails_for_one_row_hides_only_that_row(
    sandbox: dict[str, str], query: Callable[[str], Any], control: httpx.Client
) -> None:
    """The rows of one transaction are asked about together; an error of the policy counts for its row alone."""
    query(TABLE)
    query("alter table notes enable row level security")
    query("create policy fragile on notes for select to authenticated using (10 / (id - 2) is not null)")
    token = control.post("/tokens", json={"sub": str(uuid.uuid4())}).json()["token"]

    async def follow() -> list[int]:
        async with socket(sandbox, "publishable") as raw:
            await raw.join("realtime:notes", {**JOIN, "access_token": token})
            await raw.next("system")
            await asyncio.to_thread(query, "insert into notes values (1), (2), (3)")
            return [(await raw.next("postgres_changes"))[4]["data"]["record"]["id"] for _ in range(2)]

    assert asyncio.run(follow()) == [1, 3]


def test_joins_with_bad_tokens_are_refused(sandbox: dict[str, str], control: httpx.Client) -> None:
    """The reason begins with Realtime's code."""
    expired = control.post("/tokens", json={"exp": int(time.time()) - 12}).json()["token"]

    async def join() -> list[str]:
        async with socket(sandbox, "publishable") as raw:
            answers = [await raw.join("realtime:x", {"access_token": token}) for token in (expired, "a.b.c")]
            return [answer["response"]["reason"] for answer in answers]

    late, malformed = asyncio.run(join())

    assert late.startswith("InvalidJWTToken: Token has expired 1")
    assert late.endswith(" seconds ago")
    assert malformed == "MalformedJWT: The token provided is not a valid JWT"


def test_every_committed_row_arrives_in_order(sandbox: dict[str, str], query: Callable[[str], Any]) -> None:
    """The log can be ahead of what new snapshots see: asked too early, row-level security would hide rows."""
    query(TABLE)
    query("alter table notes enable row level security; grant select on notes to authenticated")
    query("create policy all_of_them on notes for select to anon using (true)")
    count = 1_000

    async def follow() -> list[int]:
        async with socket(sandbox, "publishable") as raw:
            await raw.join("realtime:notes", JOIN)
            await raw.next("system")
            writer = asyncio.create_task(asyncio.to_thread(write))
            numbers = [(await raw.next("postgres_changes"))[4]["data"]["record"]["id"] for _ in range(count)]
            await writer
            return numbers

    def write() -> None:
        with psycopg.connect(sandbox["database_url"], autocommit=True) as connection:
            for number in range(count):
                connection.execute("insert into notes values (%s)", [number])

    assert asyncio.run(follow()) == list(range(count))


def test_rights_and_keys_decide_what_a_change_shows(
    sandbox: dict[str, str], query: Callable[[str], Any]
) -> None:
    """Columns without SELECT are left out; without the key's it is 401, without a key 400."""
    query(TABLE)
    query("create table loose (a int); alter publication supabase_realtime add table loose")
    query("revoke all on notes from anon; grant select (id, body) on notes to anon")
    entries = [{"event": "INSERT", "schema": "public"}]

    async def follow() -> list[Any]:
        async with socket(sandbox, "publishable") as raw:
            await raw.join("realtime:x", {"config": {"postgres_changes": entries}})
            await raw.next("system")
            owner = uuid.uuid4()
            for statement in (
                f"insert into notes values (1, '{owner}', 'shown')",
                "insert into loose values (1)",
                f"revoke all (id) on notes from anon; insert into notes values (2, '{owner}', 'hidden')",
            ):
                await asyncio.to_thread(query, statement)
            return [(await raw.next("postgres_changes"))[4]["data"] for _ in range(3)]

    shown, without_key, refused = asyncio.run(follow())

    assert shown["record"] == {"id": 1, "body": "shown"}
    assert shown["columns"] == [{"name": "id", "type": "int4"}, {"name": "body", "type": "text"}]
    assert without_key["errors"] == ["Error 400: Bad Request, no primary key"]
    assert (refused["errors"], refused["record"]) == (["Error 401: Unauthorized"], {})


def test_full_replica_identity_shows_the_old_row(sandbox: dict[str, str], query: Callable[[str], Any]) -> None:
    """Whole for UPDATE and DELETE; with row-level security a DELETE still gives the key alone."""
    query(TABLE)
    query("alter table notes replica identity full; insert into notes values (1, null, 'a'), (2, null, 'b')")

    async def follow() -> list[Any]:
        async with socket(sandbox) as raw:
            await raw.join("realtime:notes", JOIN)
            await raw.next("system")
            await asyncio.to_thread(query, "update notes set body = 'c' where id = 1")
            await asyncio.to_thread(query, "delete from notes where id = 1")
            await asyncio.to_thread(query, "alter table notes enable row level security")
            await asyncio.to_thread(query, "delete from notes where id = 2")
            return [(await raw.next("postgres_changes"))[4]["data"]["old_record"] for _ in range(3)]

    changed, deleted, secured = asyncio.run(follow())

    assert changed == {"id": 1, "owner": None, "body": "a"}
    assert deleted == {"id": 1, "owner": None, "body": "c"}
    assert secured == {"id": 2}


def test_broadcasts_over_http(sandbox: dict[str, str], gateway: httpx.Client) -> None:
    """202 for a batch; errors of the content, of the type, of the path and of missing rights."""
    headers = {"apikey": sandbox["supabase_publishable_key"]}
    path = "/realtime/v1/api/broadcast"

    async def listen() -> tuple[int, list[Any]]:
        async with socket(sandbox) as raw:
            await raw.join("realtime:room", {})
            messages = [{"topic": "room", "event": "note", "payload": {"a": 1}}]
            body = {"messages": messages}
            answer = await asyncio.to_thread(gateway.post, path, json=body, headers=headers)
            frame = await asyncio.wait_for(raw.connection.recv(), PATIENCE)
            assert isinstance(frame, bytes)
            return answer.status_code, [frame[0], frame[-8:]]

    assert asyncio.run(listen()) == (202, [4, b'{"a": 1}'])
    refused = gateway.post(path, json={"messages": [{"topic": "x"}]}, headers=headers)
    assert (refused.status_code, refused.json()) == (422, {"errors": {"event": ["can't be blank"]}})
    assert gateway.post(path, json={"messages": []}).status_code == 401
    one = f"{path}/room/events/note"
    assert gateway.post(one, json={}, headers=headers).status_code == 202
    assert gateway.post(f"{one}?private=true", json={}, headers=headers).status_code == 403
    assert gateway.post(one, content="x", headers={**headers, "content-type": "text/csv"}).status_code == 415


def test_a_stop_with_clients_is_orderly(tmp_path: Path) -> None:
    """Clients get a message, nothing waits for them, and no slot stays that would keep Postgres' log."""

    async def follow(environment: dict[str, str], stopped: asyncio.Event) -> Any:
        async with socket(environment) as raw:
            await raw.join("realtime:room", {})
            stopped.set()
            system = await raw.next("system")
            await raw.next("phx_close")
            await raw.connection.wait_closed()
            return system[4], raw.connection.close_code

    async def run() -> Any:
        joined = asyncio.Event()
        context = running_sandbox(tmp_path / "sandbox", keep=True)
        environment = await asyncio.to_thread(context.__enter__)
        following = asyncio.create_task(follow(environment, joined))
        await joined.wait()
        await asyncio.to_thread(context.__exit__, None, None, None)
        return await following

    system, code = asyncio.run(run())

    assert (system["status"], system["message"], code) == ("ok", "Server requested disconnect", 1012)
    with (
        running_sandbox(tmp_path / "sandbox") as environment,
        psycopg.connect(environment["database_url"]) as connection,
    ):
        assert connection.execute("select count(*) from pg_replication_slots").fetchone() == (0,)
