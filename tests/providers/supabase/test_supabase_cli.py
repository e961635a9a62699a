"""The Supabase CLI and Migrations on one database: neither disturbs the other, and each sees what it should."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pulumi_supabase.provider
import pytest

from tests.providers.servicer_client import Secret, ServicerClient

# The CLI's own tests of the sandbox know how to get and run it.
from tests.sandbox.supabase.test_supabase_cli import Run, pytestmark, run, workspace
from tests.support.waiting import PATIENCE

__all__ = ["pytestmark", "run", "workspace"]


@pytest.fixture
def sandbox(_sandbox: dict[str, str]) -> dict[str, str]:
    """The sandbox of the other tests, as on its first day."""
    httpx.post(f"{_sandbox['supabase_api_url']}/_sandbox/reset", timeout=PATIENCE).raise_for_status()
    return _sandbox


def bring_forward(sandbox: dict[str, str], folder: Path, history: str) -> list[str]:
    """Create a Migrations resource for a folder and return the versions that are applied then."""

    async def create() -> Any:
        config = {
            "accessToken": Secret(sandbox["supabase_access_token"]),
            "apiUrl": sandbox["supabase_api_url"],
        }
        client = ServicerClient(pulumi_supabase.provider, config)
        inputs = {"projectRef": sandbox["supabase_project_ref"], "directory": str(folder), "history": history}
        try:
            return await client.create("Migrations", "schema", inputs)
        finally:
            await client.close()

    applied: list[str] = asyncio.run(create()).state["applied"]
    return applied


def tables(sandbox: dict[str, str]) -> set[str]:
    """Return the tables in public."""
    with psycopg.connect(sandbox["database_url"]) as connection:
        rows = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
    return {str(row[0]) for row in rows}


def push(run: Run, sandbox: dict[str, str]) -> str:
    """Run the CRM's own ``supabase db push``."""
    return run("db", "push", "--db-url", f"{sandbox['database_url']}?sslmode=disable", remote=False)


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """Return a folder with one of our migrations."""
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "20260301000000_ours.sql").write_text("create table public.ours (a int);\n", encoding="utf-8")
    return folder


def test_the_crms_own_push_works_before_and_after(
    run: Run, sandbox: dict[str, str], workspace: Path, ours: Path
) -> None:
    """With our own history, the CLI's knows nothing of our files, whichever runs first."""
    push(run, sandbox)
    assert bring_forward(sandbox, ours, "voicehooks") == ["20260301000000"]
    later = workspace / "supabase" / "migrations" / "20260401000000_later.sql"
    later.write_text("create table public.later (a int);\n", encoding="utf-8")
    push(run, sandbox)
    assert {"pushed", "ours", "later"} <= tables(sandbox)
    assert "up to date" in push(run, sandbox)


def test_with_the_clis_history_each_sees_what_the_other_applied(
    run: Run, sandbox: dict[str, str], workspace: Path
) -> None:
    """What the CLI pushed is not applied again; what we applied the CLI lists and does not push."""
    push(run, sandbox)
    folder = workspace / "supabase" / "migrations"
    (folder / "20260301000000_ours.sql").write_text("create table public.ours (a int);\n", encoding="utf-8")
    assert bring_forward(sandbox, folder, "supabase") == ["20260101000000", "20260301000000"]
    assert "up to date" in push(run, sandbox)
    assert "20260301000000" in run(
        "migration", "list", "--db-url", f"{sandbox['database_url']}?sslmode=disable", remote=False
    )
