"""A Supabase developer's own tool next to this repository: the real CLI, from a clone and from a CRM's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from voicehooks_sandbox.testing import running_sandbox

from tests.support.engine import Project
from tests.support.npm_package import needs_npm
from tests.support.supabase_cli import SupabaseCli, installed
from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
SCHEMA_ONLY = """\
import pulumi_supabase

pulumi_supabase.Migrations("schema", project_ref="sandboxsandboxsandbo", directory="migrations")
"""

pytestmark = [pytest.mark.slow, needs_npm]


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A sandbox whose Postgres listens on a port as well."""
    with running_sandbox(tmp_path / "sandbox", database_port=0) as values:
        yield values


@pytest.fixture
def cli(tmp_path: Path, sandbox: dict[str, str]) -> SupabaseCli:
    """The CLI of somebody who works with this sandbox."""
    return SupabaseCli(installed(), sandbox, tmp_path / "home")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What of this repository the CLI might look at."""
    folder = tmp_path / "clone"
    for name in ("supabase", "functions", "migrations"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def names(sandbox: dict[str, str], query: str) -> list[Any]:
    """The first column of a query's rows."""
    with psycopg.connect(sandbox["database_url"], autocommit=True) as connection:
        return [row[0] for row in connection.execute(query).fetchall()]  # type: ignore[arg-type]


def push(cli: SupabaseCli, folder: Path) -> str:
    """`supabase db push`."""
    return cli.run(folder, "db", "push", "--db-url", cli.sandbox["database_url"], remote=False)


def test_push_from_a_clone_applies_nothing(cli: SupabaseCli, sandbox: dict[str, str], clone: Path) -> None:
    """The schema is Pulumi's to apply: the CLI finds none of our migrations."""
    push(cli, clone)
    assert names(sandbox, "select to_regclass('public.twilio_calls')") == [None]


def test_push_of_a_crm_passes_beside_the_schema(
    cli: SupabaseCli, sandbox: dict[str, str], clone: Path, tmp_path: Path
) -> None:
    """Our history is not in the CLI's: a CRM's migrations, which build on our tables, are applied as ever."""
    project = Project(tmp_path / "program", {"supabase:apiUrl": sandbox["supabase_api_url"]})
    project.program(SCHEMA_ONLY)
    shutil.copytree(clone / "migrations", project.folder / "migrations")
    project.set_secret("supabase:accessToken", sandbox["supabase_access_token"])
    project.up()
    crm = tmp_path / "crm"
    (crm / "supabase" / "migrations").mkdir(parents=True)
    (crm / "supabase" / "migrations" / "20260101000000_policies.sql").write_text(
        "grant select on public.twilio_calls to authenticated;\n"
        'create policy "users see their calls" on public.twilio_calls for select to authenticated\n'
        "  using (placed_by = (select auth.uid()));\n",
        encoding="utf-8",
    )

    push(cli, crm)

    assert names(sandbox, "select version from supabase_migrations.schema_migrations") == ["20260101000000"]
    assert names(sandbox, "select policyname from pg_policies where tablename = 'twilio_calls'") == [
        "users see their calls"
    ]
    assert "up to date" in push(cli, crm)
    project.preview("--expect-no-changes")


@pytest.mark.parametrize("slug", ["twilio-webhook", "twilio-fallback"])
def test_function_that_the_cli_deploys_says_what_is_missing(
    cli: SupabaseCli, sandbox: dict[str, str], clone: Path, slug: str
) -> None:
    """It has no settings: 503 with the command. config.toml names its files, and that it takes no token."""
    cli.run(clone, "functions", "deploy", slug, "--use-api")

    answer = httpx.post(f"{sandbox['supabase_url']}/functions/v1/{slug}", timeout=PATIENCE)

    assert (answer.status_code, answer.json()["code"]) == (503, "not-deployed")
    assert "pulumi up" in answer.json()["error"]
