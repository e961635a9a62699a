"""Snapshots of a whole sandbox, with a real Postgres: the rows come back with Twilio's half."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import psycopg
import pytest
from voicehooks_sandbox.testing import running_sandbox

from tests.support.waiting import PATIENCE

SCHEMA = """
create table public.customers (id bigint generated always as identity primary key, name text not null,
    upper text generated always as (upper(name)) stored);
create table public.orders (id serial primary key,
    customer bigint not null references public.customers on delete cascade);
create function public.refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
"""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A sandbox with a CRM's tables."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as environment:
        execute(environment, SCHEMA)
        yield environment


def execute(sandbox: Mapping[str, str], statement: str) -> list[tuple[Any, ...]]:
    """Run SQL as the project's own role."""
    with psycopg.connect(sandbox["database_url"]) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def snapshots(sandbox: Mapping[str, str], body: dict[str, str]) -> httpx.Response:
    """Save or load."""
    return httpx.post(f"{sandbox['twilio_base_url']}/_sandbox/snapshots", json=body, timeout=PATIENCE)


def test_rows_come_back_with_keys_and_sequences(sandbox: Mapping[str, str]) -> None:
    """Foreign keys, identities, generated columns, odd texts; no trigger acts on a row that is loaded."""
    execute(sandbox, "truncate customers, orders restart identity")
    execute(sandbox, "insert into customers (name) values (E'Zoë\\\\t\\\\n\\\\\\\\N'), ('b')")
    execute(sandbox, "insert into orders (customer) values (1), (2)")
    before = execute(sandbox, "select c.*, o.* from customers c join orders o on o.customer = c.id order by 1")
    assert snapshots(sandbox, {"save": "two"}).status_code == 200
    execute(sandbox, "delete from customers where id = 1; insert into customers (name) values ('c')")
    execute(sandbox, "create trigger refuse before insert on customers for each row execute function refuse()")

    assert snapshots(sandbox, {"load": "two"}).json() == {"name": "two"}

    execute(sandbox, "drop trigger refuse on customers")
    rows = "select c.*, o.* from customers c join orders o on o.customer = c.id order by 1"
    assert execute(sandbox, rows) == before
    assert execute(sandbox, "insert into customers (name) values ('d') returning id") == [(3,)]
    assert execute(sandbox, "insert into orders (customer) values (3) returning id") == [(3,)]


def test_a_database_with_other_tables_is_left_as_it_is(sandbox: Mapping[str, str]) -> None:
    """One sentence names the table, and nothing is changed, in neither half."""
    execute(sandbox, "create table public.extra (id int)")
    assert snapshots(sandbox, {"save": "extra"}).status_code == 200
    execute(sandbox, "drop table public.extra; insert into customers (name) values ('stays')")
    number = {"phone_numbers": ["+15550007777"]}
    httpx.post(f"{sandbox['twilio_base_url']}/_sandbox/numbers", json=number).raise_for_status()

    refused = snapshots(sandbox, {"load": "extra"})

    assert refused.status_code == 400
    assert "no table public.extra" in refused.json()["message"]
    assert execute(sandbox, "select count(*) from customers where name = 'stays'") == [(1,)]
    again = httpx.post(f"{sandbox['twilio_base_url']}/_sandbox/numbers", json=number).json()
    assert again["stocked"] == 0
