"""Changed rows in the stream of events: values, old rows, long values, keys, outages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg

from tests.support.waiting import PATIENCE

TABLE = """
create table public."Odd name" (
  id integer primary key, "it's" text, body jsonb, at timestamptz, long text, flag boolean, big bigint,
  amount numeric, tags text[]
)
"""
ROW = {
    "id": 1,
    "it's": "O'Neil: [x] 'y'\nnext line",
    "body": {"a": ["'", None]},
    "at": "2026-11-28T12:00:00.5+00:00",
    "long": "x" * 10_000,
    "flag": True,
    "big": 9007199254740993,
    "amount": 1.5,
    "tags": None,
}


@contextmanager
def changed_rows(sandbox: dict[str, str]) -> Iterator[Iterator[dict[str, Any]]]:
    """The events of changed rows, once the stream is open."""
    url = f"{sandbox['twilio_base_url']}/_sandbox/events"
    with httpx.stream("GET", url, timeout=PATIENCE) as answer:
        lines = answer.iter_lines()
        assert next(lines) == ": connected"
        yield rows_in(lines)


def rows_in(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """The data of the events `row`."""
    kind = ""
    for line in lines:
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: ") and kind == "row":
            yield json.loads(line.removeprefix("data: "))


def execute(sandbox: dict[str, str], *statements: str) -> None:
    """Run statements, each in a transaction of its own."""
    with psycopg.connect(sandbox["database_url"], autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_a_row_is_shown_before_and_after(sandbox: dict[str, str]) -> None:
    """Values as the REST API has them; a long value that did not change is there; so is a row's old key."""
    execute(sandbox, TABLE)
    values = json.dumps(ROW).replace("'", "''")
    with changed_rows(sandbox) as rows:
        execute(
            sandbox,
            f"""insert into "Odd name" select * from jsonb_populate_record(null::"Odd name", '{values}')""",
            'update "Odd name" set flag = false',
            'update "Odd name" set id = 2',
            'delete from "Odd name"',
        )
        inserted, updated, moved, deleted = (next(rows) for _ in range(4))
    big = {"big": str(ROW["big"])}
    assert (inserted["table"], inserted["type"], inserted["old_record"]) == ("Odd name", "INSERT", None)
    assert inserted["record"] == {**ROW, **big}
    assert (updated["type"], updated["old_record"]) == ("UPDATE", inserted["record"])
    assert updated["record"] == {**inserted["record"], "flag": False}
    assert moved["old_record"] == updated["record"]
    assert moved["record"] == {**updated["record"], "id": 2}
    assert (deleted["type"], deleted["record"], deleted["old_record"]) == ("DELETE", None, moved["record"])


def test_old_rows_are_known_after_an_outage(sandbox: dict[str, str], control: httpx.Client) -> None:
    """What was committed before the log is followed again is the old row of the next change."""
    execute(sandbox, "create table public.notes (id integer primary key, text text)")
    with changed_rows(sandbox) as rows:
        execute(sandbox, "insert into notes values (1, 'first')")
        assert next(rows)["record"] == {"id": 1, "text": "first"}
        control.post("/database/stop").raise_for_status()
        control.post("/database/start").raise_for_status()
        # The log is followed again a moment after the start.
        for number in range(100_000):
            execute(sandbox, f"update notes set text = 'version {number}'", "select pg_sleep(0.05)")
            with psycopg.connect(sandbox["database_url"]) as connection:
                following = (
                    "select from pg_replication_slots where slot_name = 'sandbox_row_changes' and active"
                )
                if connection.execute(following).rowcount:
                    break
        execute(sandbox, "update notes set text = 'last'")
        change = next(row for row in rows if row["record"]["text"] == "last")
        assert change["old_record"] == {"id": 1, "text": f"version {number}"}


def test_a_table_without_a_key_stops_nothing(sandbox: dict[str, str]) -> None:
    """Its updates work as without a sandbox that follows the log, and other changes are shown."""
    with changed_rows(sandbox) as rows:
        execute(
            sandbox,
            "create table public.loose (text text)",
            "create table public.late (id integer primary key)",
            "insert into loose values ('a')",
            "update loose set text = 'b'",
            "insert into late values (1)",
            "update late set id = 2",
        )
        found = [next(rows) for _ in range(4)]
    assert [(row["table"], row["type"]) for row in found] == [
        ("loose", "INSERT"),
        ("loose", "UPDATE"),
        ("late", "INSERT"),
        ("late", "UPDATE"),
    ]
    assert (found[3]["old_record"], found[3]["record"]) == ({"id": 1}, {"id": 2})
