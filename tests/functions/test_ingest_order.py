"""Whatever the order, the repetitions and the concurrency, the same events leave the same rows."""

from __future__ import annotations

import json
import random
import threading

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.functions.histories import Author

WORKERS = 4
BATCH = 50
# What a row has of its own on every telling: its identity and when it was written.
# What all SIDs of a telling begin with. Long enough that no random SID of another test begins so.
ORDERED, WILD = "aaaaaaaaaaaa", "bbbbbbbbbbbb"
MODES = ("alone", "together", "mixed")
OWN = {"id", "created_at", "updated_at"}
TABLES = {
    "twilio_calls": "call_sid",
    "twilio_recordings": "recording_sid",
    "twilio_call_events": "call_sid, kind, sequence_number, received_at",
}


class Teller:
    """Tells histories to the ingest function, as a worker of the service role does."""

    def __init__(self, database_url):
        self.connection = psycopg.connect(database_url, autocommit=True, row_factory=dict_row)
        self.connection.execute("set role service_role")

    def ingest(self, event):
        row = self.connection.execute(
            "select ingest_twilio_webhook(%s::jsonb) as result", [json.dumps(event)]
        ).fetchone()
        return row["result"]

    def ingest_many(self, events):
        """Tell several at once; what has to wait goes alone, as the handler does it."""
        row = self.connection.execute(
            "select ingest_twilio_webhooks(%s::jsonb) as results", [json.dumps(events)]
        ).fetchone()
        for event, result in zip(events, row["results"], strict=True):
            if "error" in result:
                assert result["error"] == "55P03", result
                self.ingest(event)

    def reserve(self, history):
        """Reserve the call as place-call does, and give its id to the events."""
        if history.reservation is None:
            return
        user = "00000000-0000-4000-8000-" + history.call_sid[-12:]
        reserved = self.ingest(
            {
                "kind": "place",
                "params": history.reservation,
                "user_id": user,
                "limit": 1000,
                "received_at": "2026-11-24T11:00:00Z",
            }
        )
        for event in history.events:
            if "place" in event:
                event["place"] = reserved["id"]


def write(seed, prefix, count):
    """The same histories for the same seed, under SIDs that begin with the prefix."""
    author = Author(seed, prefix)
    return [author.write() for _ in range(count)]


def tell_in_order(database_url, histories):
    """Each event once, as it happened."""
    teller = Teller(database_url)
    for history in histories:
        teller.reserve(history)
        for event in history.events:
            teller.ingest(event)
    teller.connection.close()


def lots_of(events, chance, *, together):
    """Split what a worker tells: one by one, or in lots of random sizes; a refused call goes alone."""
    at = 0
    while at < len(events):
        size = chance.choice([1, 2, 5, 16, 64]) if together else 1
        lot = events[at : at + size]
        at += size
        yield [event for event in lot if event["kind"] != "refused"]
        yield from ([event] for event in lot if event["kind"] == "refused")


def tell_wildly(database_url, histories, seed, mode):
    """All events shuffled and partly repeated, split over concurrent workers.

    Every worker tells its events one by one, or every one in lots, or (`mixed`) every other.
    """
    chance = random.Random(seed)
    first = Teller(database_url)
    for history in histories:
        first.reserve(history)
    first.connection.close()
    events = [event for history in histories for event in history.events]
    events += chance.sample(events, len(events) // 3)
    # Shuffled, but near each other: so that the workers meet at the same calls at the same time.
    order = sorted(range(len(events)), key=lambda i: events[i]["params"]["CallSid"][:8] + str(chance.random()))
    failures = []

    def work(worker):
        together = mode == "together" or (mode == "mixed" and worker % 2 == 0)
        own = [events[i] for i in order[worker::WORKERS]]
        try:
            teller = Teller(database_url)
            for lot in lots_of(own, random.Random(seed * WORKERS + worker), together=together):
                if len(lot) == 1:
                    teller.ingest(lot[0])
                elif lot:
                    teller.ingest_many(lot)
            teller.connection.close()
        except (psycopg.Error, AssertionError) as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=[worker]) for worker in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def rows_left(connection, prefix):
    """The rows under a prefix, with the prefix taken out of them."""
    left = {}
    for table, order in TABLES.items():
        found = connection.execute(
            f"select * from {table} where call_sid like %s order by {order}", [f"CA{prefix}%"]
        ).fetchall()
        left[table] = [
            {
                key: json.loads(json.dumps(value, default=str).replace(prefix, "----"))
                for key, value in row.items()
                if key not in OWN | {"event_key", "placed_by"}
            }
            for row in found
        ]
    return left


def compare(database_url, seed, count, mode):
    """Tell histories in order and wildly; both must leave equal rows."""
    tell_in_order(database_url, write(seed, ORDERED, count))
    tell_wildly(database_url, write(seed, WILD, count), seed, mode)
    with psycopg.connect(database_url, autocommit=True, row_factory=dict_row) as connection:
        ordered, wild = rows_left(connection, ORDERED), rows_left(connection, WILD)
        for table in ("twilio_call_events", "twilio_calls"):
            connection.execute(
                f"delete from {table} where call_sid like %s or call_sid like %s",
                [f"CA{ORDERED}%", f"CA{WILD}%"],
            )
    assert len(ordered["twilio_calls"]) >= count * 0.9
    for table in TABLES:
        assert wild[table] == ordered[table], f"seed {seed}"


@pytest.mark.parametrize("seed", range(6))
def test_histories_end_alike_in_any_order(project, seed):
    """Three hundred histories: shuffled, repeated, split over workers, they leave what they leave in order."""
    compare(project.env["database_url"], seed, BATCH, MODES[seed % len(MODES)])


@pytest.mark.slow
def test_ten_thousand_histories_end_alike_in_any_order(project):
    """The same for ten thousand."""
    for seed in range(1000, 1000 + 10_000 // BATCH):
        compare(project.env["database_url"], seed, BATCH, MODES[seed % len(MODES)])


def test_a_tie_of_workers_stores_once(project, new_sid):
    """Sixteen workers that deliver one callback at the same time store it once."""
    params = {
        "CallSid": new_sid("CA"),
        "AccountSid": "AC" + "5" * 32,
        "CallStatus": "ringing",
        "SequenceNumber": "1",
    }
    gate = threading.Barrier(16)
    results = []

    def work():
        teller = Teller(project.env["database_url"])
        gate.wait()
        results.append(teller.ingest({"kind": "status", "params": params})["result"])
        teller.connection.close()

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["duplicate"] * 15 + ["stored"]
