"""The vendor's own command line against the sandbox: the sandbox answers what the CLI expects."""

from __future__ import annotations

import functools
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.support.npm_package import needs_npm
from tests.support.supabase_cli import VERSION, SupabaseCli, installed
from tests.support.waiting import PATIENCE

PREFIX = "/v1/projects/sandboxsandboxsandbo"

pytestmark = [pytest.mark.slow, needs_npm]
Run = Callable[..., str]


@pytest.fixture
def workspace(tmp_path: Path, sandbox: dict[str, str]) -> Path:
    """A Supabase folder with two functions that share a file, one migration."""
    functions = tmp_path / "supabase" / "functions"
    for slug in ("one", "two"):
        (functions / slug).mkdir(parents=True)
        source = f'import {{ n }} from "../_shared/n.ts";\nDeno.serve(() => new Response("{slug}" + n));\n'
        (functions / slug / "index.ts").write_text(source)
        (functions / slug / "deno.json").write_text("{}\n")
    (functions / "_shared").mkdir()
    (functions / "_shared" / "n.ts").write_text("export const n = 1;\n")
    migrations = tmp_path / "supabase" / "migrations"
    migrations.mkdir()
    (migrations / "20260101000000_pushed.sql").write_text("create table public.pushed (a int);\n")
    return tmp_path


@pytest.fixture
def run(workspace: Path, sandbox: dict[str, str]) -> Run:
    """Runs a command of the CLI in the workspace and returns what it printed."""
    return functools.partial(SupabaseCli(installed(), sandbox, workspace / "home").run, workspace)


@pytest.fixture
def requests(sandbox: dict[str, str]) -> Callable[[], list[str]]:
    """The requests that the CLI has sent, as `METHOD path?query status`."""

    def read() -> list[str]:
        entries = httpx.get(f"{sandbox['supabase_api_url']}/_sandbox/api-requests", timeout=PATIENCE).json()[
            "requests"
        ]
        assert all(entry["user_agent"] == f"SupabaseCLI/{VERSION}" for entry in entries)
        return [
            f"{entry['method']} {entry['path'].removeprefix(PREFIX)}"
            f"{'?' + entry['query'] if entry['query'] else ''} {entry['status']}"
            for entry in entries
        ]

    return read


def answer(sandbox: dict[str, str], slug: str) -> httpx.Response:
    """What a function answers."""
    return httpx.get(f"{sandbox['supabase_url']}/functions/v1/{slug}", timeout=PATIENCE)


def test_deploying_one_function(run: Run, sandbox: Any, requests: Callable[[], list[str]]) -> None:
    """One function is one POST; without an entry in config.toml it asks for a JWT, as hosted."""
    run("functions", "deploy", "one", "--use-api")

    assert "POST /functions/deploy?slug=one 201" in requests()
    assert answer(sandbox, "one").status_code == 401


def test_deploying_several_functions(run: Run, sandbox: Any, requests: Callable[[], list[str]]) -> None:
    """Several functions are bundled one by one and activated by one PUT."""
    run("functions", "deploy", "one", "two", "--use-api", "--no-verify-jwt")

    seen = [line for line in requests() if line.startswith(("POST", "PUT"))]
    assert sorted(seen[:2]) == [
        f"POST /functions/deploy?slug={slug}&bundleOnly=true 201" for slug in ("one", "two")
    ]
    assert seen[2:] == ["PUT /functions 200"]
    assert [answer(sandbox, slug).text for slug in ("one", "two")] == ["one1", "two1"]


def test_a_redeploy_without_the_flag_keeps_verify_jwt(run: Run, sandbox: Any) -> None:
    """The CLI sends back the value that the project has; the sandbox keeps it."""
    run("functions", "deploy", "one", "--use-api", "--no-verify-jwt")
    run("functions", "deploy", "one", "--use-api")

    assert answer(sandbox, "one").text == "one1"


def test_listing_downloading_and_deleting_functions(run: Run, sandbox: Any, workspace: Path) -> None:
    """What was deployed is listed, comes back file by file, and goes away."""
    run("functions", "deploy", "one", "--use-api")
    sent = (workspace / "supabase" / "functions" / "one" / "index.ts").read_text()
    shutil.rmtree(workspace / "supabase" / "functions")

    listed = run("functions", "list")
    run("functions", "download", "one")
    run("functions", "delete", "one")

    assert re.search(r"one +\| ACTIVE +\| +1 ", listed)
    assert (workspace / "supabase" / "functions" / "one" / "index.ts").read_text() == sent
    assert (workspace / "supabase" / "functions" / "_shared" / "n.ts").exists()
    assert answer(sandbox, "one").status_code == 404


def test_secrets(run: Run, requests: Callable[[], list[str]]) -> None:
    """Set, list (by digest) and unset."""
    run("secrets", "set", "MINE=value")
    listed = run("secrets", "list")
    run("secrets", "unset", "MINE")

    assert re.search(r"MINE +\| cd42404d52ad55ccfa9aca4adc828aa5800ad9d385a0671fbcbf724118320619", listed)
    assert {"POST /secrets 201", "GET /secrets 200", "DELETE /secrets 200"} <= set(requests())


def test_project_keys_and_link(run: Run) -> None:
    """The project is listed, its keys are shown, and it can be linked."""
    assert "sandboxsandboxsandbo" in run("projects", "list", remote=False)
    assert "sb_publishable_" in run("projects", "api-keys")
    assert "sandboxorganization" in run("orgs", "list", remote=False)
    assert "Finished" in run("link", "sandboxsandboxsandbo", remote=False)


def test_migrations_of_a_linked_project(run: Run, requests: Callable[[], list[str]]) -> None:
    """After `link` no address is needed; the CLI asks for a temporary role, and TLS protects its password."""
    run("link", "sandboxsandboxsandbo", remote=False)

    pushed = run("db", "push", "--remote", remote=False)
    listed = run("migration", "list", "--remote", remote=False)

    assert "Applying migration 20260101000000_pushed.sql" in pushed
    assert listed.count("`20260101000000`") == 2
    assert "without TLS" not in pushed + listed
    assert "POST /cli/login-role 201" in requests()


def test_sql_over_the_api(run: Run, requests: Callable[[], list[str]]) -> None:
    """`db query` answers rows."""
    assert re.search(r"│ 42 +│", run("db", "query", "select 42 as answer"))
    assert "POST /database/query 201" in requests()


def test_types(run: Run) -> None:
    """`gen types` prints the types of the schema as it is."""
    run("db", "query", "create table public.contacts (id int primary key, name text not null)")

    types = run("gen", "types")

    assert "export type Database = {" in types
    assert re.search(r"contacts: {\s+Row: {\s+id: number\s+name: string", types)


def test_migrations_over_the_database_port(run: Run, sandbox: Any) -> None:
    """`db push` applies a migration once, `migration list` shows it on both sides."""
    url = f"{sandbox['database_url']}?sslmode=disable"

    first = run("db", "push", "--db-url", url, remote=False)
    second = run("db", "push", "--db-url", url, remote=False)
    listed = run("migration", "list", "--db-url", url, remote=False)

    assert "Applying migration 20260101000000_pushed.sql" in first
    assert "up to date" in second
    assert listed.count("20260101000000") == 2
    with psycopg.connect(sandbox["database_url"]) as connection:
        assert connection.execute("select to_regclass('public.pushed')::text").fetchone() == ("pushed",)
