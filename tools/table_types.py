"""TypeScript types of the tables that a CRM reads, as `supabase gen types typescript` writes them.

A sandbox with the migrations generates them, because only a database knows its own types.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import httpx
import psycopg
from voicehooks_sandbox.testing import running_sandbox

__all__ = ["TYPES", "module"]

TYPES = Path("examples/crm/database.types.ts")

_HEADER = """\
// The tables, views and functions of Voicehooks and of this example, in the form of `supabase gen types`.
// Generated from migrations/ and examples/crm/migration.sql: change those and run `make generate`.

"""


def module() -> str:
    """Return the module's text."""
    migrations = [*sorted(Path("migrations").glob("*.sql")), Path("examples/crm/migration.sql")]
    with tempfile.TemporaryDirectory() as folder, running_sandbox(Path(folder)) as sandbox:
        with psycopg.connect(sandbox["database_url"], autocommit=True) as database:
            for migration in migrations:
                with database.transaction():
                    database.execute(migration.read_bytes())
        project = f"{sandbox['supabase_api_url']}/v1/projects/{sandbox['supabase_project_ref']}"
        answer = httpx.get(
            f"{project}/types/typescript",
            headers={"Authorization": f"Bearer {sandbox['supabase_access_token']}"},
            timeout=120,
        )
        types: str = answer.raise_for_status().json()["types"]
    return _HEADER + types
