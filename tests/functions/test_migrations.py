"""The migrations, each on a database that holds data of the one before, with a handler that still serves."""

from __future__ import annotations

import json

import psycopg
import pytest
from psycopg.rows import dict_row
from voicehooks_sandbox.testing import running_sandbox

from tests.functions.histories import Author
from tests.functions.project import MIGRATIONS, apply_migration, migration_version

# The first migration that has the ingest function; from it on a handler may be live.
FIRST_LIVE = 2


@pytest.fixture(scope="module")
def database_url(tmp_path_factory):
    """The database of a new project."""
    with running_sandbox(tmp_path_factory.mktemp("migrations")) as environment:
        yield environment["database_url"]


@pytest.fixture
def database(database_url):
    """A database without our schema: everything that our migrations created is dropped first."""
    with psycopg.connect(database_url, autocommit=True, row_factory=dict_row) as connection:
        connection.execute("""
            drop view if exists twilio_call_timeline;
            drop table if exists twilio_recordings, twilio_call_events, twilio_calls cascade;
            drop schema if exists voicehooks cascade;
            drop function if exists ingest_twilio_webhook, delete_old_twilio_calls;
        """)
        yield connection


def ingest(database, event):
    """Call the ingest function."""
    return database.execute("select ingest_twilio_webhook(%s::jsonb) as r", [json.dumps(event)]).fetchone()["r"]


def tables(database):
    """What is in schema public and voicehooks, by name."""
    found = database.execute(
        "select n.nspname || '.' || c.relname as name "
        "from pg_class c join pg_namespace n on n.oid = relnamespace "
        "where n.nspname in ('public', 'voicehooks')"
    )
    return {row["name"] for row in found}


@pytest.mark.parametrize("last", range(FIRST_LIVE, len(MIGRATIONS)))
def test_each_migration_serves_with_the_data_of_the_one_before(database, last):
    """A handler that is live while the schema moves on loses nothing: its rows stay, its events count."""
    for migration in MIGRATIONS[:last]:
        apply_migration(database, migration)
    histories = [Author(last, "cccc").write() for _ in range(1)]
    events = [event for history in histories for event in history.events if event.get("place") != "PLACE"]
    before = events[: len(events) // 2] if last > FIRST_LIVE else []
    for event in before:
        assert ingest(database, event)["result"] == "stored"
    rows = database.execute("select * from twilio_calls order by id").fetchall()

    apply_migration(database, MIGRATIONS[last])

    after = database.execute("select * from twilio_calls order by id").fetchall()
    # A migration may add columns, and changes none.
    assert [{name: now[name] for name in was} for now, was in zip(after, rows, strict=True)] == rows
    for event in events:
        assert ingest(database, event)["result"] == ("duplicate" if event in before else "stored")


def test_a_check_reports_the_newest_migration(database):
    """Each migration sets its version, so that a check reports the schema that answers."""
    for migration in MIGRATIONS:
        apply_migration(database, migration)

    assert ingest(database, {"kind": "check"})["schema_version"] == migration_version(MIGRATIONS[-1])


def test_migrations_may_be_applied_again(database):
    """Should the history be lost, applying them once more changes nothing."""
    for migration in MIGRATIONS:
        apply_migration(database, migration)
    event = {
        "kind": "status",
        "params": {"CallSid": "CA" + "1" * 32, "AccountSid": "AC" + "1" * 32, "CallStatus": "busy"},
    }
    ingest(database, event)
    before = tables(database)

    for migration in MIGRATIONS:
        apply_migration(database, migration)

    assert tables(database) == before
    assert ingest(database, event) == {"result": "duplicate"}


@pytest.mark.parametrize(
    "name", ["twilio_calls", "twilio_call_events", "twilio_recordings", "twilio_call_timeline"]
)
def test_a_foreign_table_of_that_name_stops_everything(database, name):
    """The sentence names the table; nothing has changed."""
    database.execute(f"create table public.{name} (mine int)")
    before = tables(database)
    try:
        with pytest.raises(
            psycopg.errors.RaiseException, match=f"already has public.{name}, which Voicehooks did not"
        ):
            apply_migration(database, MIGRATIONS[0])
        assert tables(database) == before
    finally:
        database.execute(f"drop table public.{name}")


def test_old_calls_are_deleted_with_all_that_belongs_to_them(database):
    """Retention takes a call with its legs, events and recordings, and leaves younger ones."""
    for migration in MIGRATIONS:
        apply_migration(database, migration)
    account = "AC" + "1" * 32
    for letter, year in (("a", 2020), ("b", 2099)):
        call, leg = f"CA{letter}" + "1" * 31, f"CA{letter}" + "2" * 31
        base = {
            "AccountSid": account,
            "CallStatus": "completed",
            "Timestamp": f"Tue, 24 Nov {year} 11:00:00 +0000",
        }
        ingest(database, {"kind": "status", "params": {**base, "CallSid": call, "SequenceNumber": "0"}})
        child = {**base, "CallSid": leg, "ParentCallSid": call, "SequenceNumber": "0"}
        ingest(database, {"kind": "status", "params": child})
        recording = {"AccountSid": account, "CallSid": call, "RecordingSid": f"RE{letter}" + "1" * 31}
        ingest(database, {"kind": "recording", "params": {**recording, "RecordingStatus": "completed"}})
    database.execute("update twilio_calls set started_at = '2020-01-01' where call_sid like 'CAa%'")

    deleted = database.execute("select delete_old_twilio_calls('90 days') as n").fetchone()["n"]

    assert deleted == 1
    for table in ("twilio_calls", "twilio_call_events", "twilio_recordings"):
        left = database.execute(
            f"select left(call_sid, 3) as kind, count(*) as n from {table} group by 1"
        ).fetchall()
        assert left == [
            {"kind": "CAb", "n": {"twilio_calls": 2, "twilio_call_events": 3, "twilio_recordings": 1}[table]}
        ]


def test_retention_deletes_the_oldest_first_and_trusts_no_time_of_the_future(database):
    """A batch takes the oldest call; one that Twilio dated wrongly is as old as its row."""
    for migration in MIGRATIONS:
        apply_migration(database, migration)
    database.execute(
        "insert into twilio_calls (call_sid, account_sid, started_at, created_at) values "
        "('CA1', 'AC1', '2020-01-02', '2020-01-02'), ('CA2', 'AC1', '2020-01-01', '2020-01-01'), "
        "('CA3', 'AC1', '2099-01-01', '2020-01-03')"
    )

    def left():
        return [row["call_sid"] for row in database.execute("select call_sid from twilio_calls order by 1")]

    assert database.execute("select delete_old_twilio_calls('90 days', 1) as n").fetchone()["n"] == 1
    assert left() == ["CA1", "CA3"]
    database.execute("select delete_old_twilio_calls('90 days')")
    assert left() == []


def test_retention_leaves_the_last_day_alone(database):
    """A slip of the keyboard does not delete calls that are going on."""
    for migration in MIGRATIONS:
        apply_migration(database, migration)

    with pytest.raises(psycopg.errors.RaiseException, match="give 1 day or more"):
        database.execute("select delete_old_twilio_calls('1 hour')")


def test_a_call_that_twilio_never_named_cannot_be_under_way(database):
    """Wrong states are impossible, also for the owner of the database."""
    for migration in MIGRATIONS:
        apply_migration(database, migration)

    with pytest.raises(psycopg.errors.CheckViolation):
        database.execute("insert into twilio_calls (account_sid, status) values ('AC1', 'ringing')")
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        database.execute("insert into twilio_calls (account_sid, status) values ('AC1', 'on the moon')")


def test_a_talk_time_that_nobody_reported_is_repaired(database):
    """Calls whose legs have no duration yet showed one of 68 years."""
    before = [migration for migration in MIGRATIONS if migration_version(migration) < "20261201500000"]
    for migration in before:
        apply_migration(database, migration)
    call, leg = "CA" + "1" * 32, "CA" + "2" * 32
    params = {"AccountSid": "AC" + "1" * 32, "CallSid": leg, "ParentCallSid": call, "CallStatus": "in-progress"}
    ingest(database, {"kind": "status", "params": params | {"Direction": "outbound-dial"}})
    database.execute("update twilio_calls set direction = 'inbound' where call_sid = %s", [call])

    def talk_seconds():
        query = "select talk_seconds from twilio_calls where call_sid = %s"
        return database.execute(query, [call]).fetchone()["talk_seconds"]

    assert talk_seconds() == 2**31 - 1

    for migration in MIGRATIONS[len(before) :]:
        apply_migration(database, migration)

    assert talk_seconds() is None
