"""TypeScript types of the database, as `supabase gen types` gets them from the Management API."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from voicehooks_sandbox.errors import SandboxError
from voicehooks_sandbox.supabase.binaries import find_binaries
from voicehooks_sandbox.supabase.type_generator import typescript_types

SCHEMA = """
    create type mood as enum ('calm', 'angry');
    create table public.contacts (
      id bigint generated always as identity primary key, name text not null, mood mood
    );
    create table public.notes (id uuid primary key, contact_id bigint not null references public.contacts);
    create function public.count_of(mood mood) returns bigint language sql as 'select 1::bigint';
    create schema private;
    create table private.secrets (id int primary key);
"""


def types_of(api: httpx.Client, project_path: str, **query: str) -> str:
    """The generated text."""
    answer = api.get(f"{project_path}/types/typescript", params=query)
    assert answer.status_code == 200, answer.text
    text: str = answer.json()["types"]
    return text


def test_types_of_the_public_schema(api: httpx.Client, project_path: str, query: Callable[[str], Any]) -> None:
    """Tables, relationships, enums and functions, in the form that supabase-js takes; no other schema."""
    query(SCHEMA)

    types = types_of(api, project_path)

    lines = [line.strip() for line in types.splitlines()]
    assert "export type Database = {" in lines
    assert 'PostgrestVersion: "14.5"' in lines
    assert "mood: Database['public']['Enums']['mood'] | null".replace("'", '"') in lines
    assert 'foreignKeyName: "notes_contact_id_fkey"' in lines
    assert 'mood: "calm" | "angry"' in lines
    assert "count_of: {" in types
    assert "private" not in types


def test_types_of_chosen_schemas(api: httpx.Client, project_path: str, query: Callable[[str], Any]) -> None:
    """`included_schemas` is a list with commas; a schema that does not exist adds nothing."""
    query(SCHEMA)

    types = types_of(api, project_path, included_schemas="private,auth,absent")

    assert "  private: {" in types
    assert "  auth: {" in types
    assert "contacts" not in types
    assert "absent" not in types


def test_a_request_that_names_no_schema(api: httpx.Client, project_path: str) -> None:
    """Nothing to describe is the client's error."""
    answer = api.get(f"{project_path}/types/typescript", params={"included_schemas": ","})

    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "included_schemas: must be names of schemas, separated by commas",
    )


def test_types_of_a_stopped_database(api: httpx.Client, project_path: str, control: httpx.Client) -> None:
    """The database cannot be reached: the platform's own answer."""
    control.post("/database/stop", json={"only": "postgres"}).raise_for_status()
    try:
        assert api.get(f"{project_path}/types/typescript").status_code == 544
    finally:
        control.post("/database/start").raise_for_status()


def test_a_generator_that_cannot_be_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence with Deno's reason and what to check."""
    deno = find_binaries().deno
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with socket.socket() as unanswered:
        unanswered.bind(("127.0.0.1", 0))  # and never listens: every connection is refused
        monkeypatch.setenv("NPM_CONFIG_REGISTRY", f"http://127.0.0.1:{unanswered.getsockname()[1]}")

        with pytest.raises(SandboxError, match="check the network or the npm registry setting"):
            asyncio.run(typescript_types(deno, "postgresql://nobody@127.0.0.1/none", ["public"]))
