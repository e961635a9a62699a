"""The database: what migrations find in it on the first day, and how clients reach it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from voicehooks_sandbox import launcher
from voicehooks_sandbox.errors import SandboxError
from voicehooks_sandbox.state import StateFolder
from voicehooks_sandbox.testing import running_sandbox

EXTENSIONS = (
    *("pgcrypto", "uuid-ossp", "pg_trgm", "citext", "unaccent", "moddatetime", "pg_stat_statements", "hstore"),
    *("ltree", "btree_gin", "btree_gist", "fuzzystrmatch", "intarray", "tablefunc", "postgres_fdw", "dblink"),
)


@pytest.fixture
def database(sandbox: dict[str, str]) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the address that `env` prints."""
    with psycopg.connect(sandbox["database_url"], autocommit=True) as connection:
        yield connection


def test_the_printed_address_is_a_port_with_a_password(sandbox: dict[str, str]) -> None:
    """So psql, graphical clients and `supabase db push --db-url` take it; a wrong password is refused."""
    url = urlsplit(sandbox["database_url"])
    wrong = sandbox["database_url"].replace(f":{url.password}@", ":wrong@")

    assert (url.hostname, url.username, url.path) == ("127.0.0.1", "postgres", "/postgres")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_it_is_the_version_that_hosted_projects_run(database: psycopg.Connection[Any]) -> None:
    """Postgres 17, in UTF-8."""
    row = database.execute("select current_setting('server_version_num')::int / 10000, to_hex(ascii('é'))")

    assert row.fetchone() == (17, "e9")


@pytest.mark.parametrize("name", EXTENSIONS)
def test_migrations_create_extensions(database: psycopg.Connection[Any], name: str) -> None:
    """As the role that migrations run as, which is not a superuser."""
    database.execute(f'create extension if not exists "{name}" with schema extensions')

    found = database.execute("select extname from pg_extension where extname = %s", [name]).fetchone()
    assert found == (name,)


def test_extensions_work_once_created(query: Callable[[str], Any]) -> None:
    """Their libraries load, those that lie in a folder of their own included."""
    query('create extension if not exists "uuid-ossp" with schema extensions')
    query("create extension unaccent with schema extensions; create extension citext with schema extensions")

    (row,) = query(
        "select extensions.uuid_generate_v4() is not null as uuid,"
        " crypt('secret', gen_salt('bf')) like '$2a$%' as bcrypt, unaccent('Zoë') as plain,"
        " 'A'::citext = 'a'::citext as same,"
        " (select count(*) > 0 from pg_stat_statements) as counted"
    )

    assert row == {"uuid": True, "bcrypt": True, "plain": "Zoe", "same": True, "counted": True}


@pytest.mark.parametrize("name", ["pg_cron", "pg_net", "vector"])
def test_an_extension_that_is_missing_is_named_with_what_to_do(
    api: httpx.Client, project_path: str, database: psycopg.Connection[Any], name: str
) -> None:
    """The sentence says that the sandbox lacks it, and `pg_available_extensions` does not list it."""
    answer = api.post(f"{project_path}/database/query", json={"query": f"create extension {name}"})

    assert answer.status_code == 400
    message = answer.json()["message"]
    assert f'extension "{name}" is not available' in message
    assert "The sandbox has the extensions that come with Postgres itself" in message
    listed = database.execute("select from pg_available_extensions where name = %s", [name])
    assert listed.fetchone() is None


CRM_MIGRATION = """
create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade, full_name text
);
alter table public.profiles enable row level security;
create policy own on public.profiles for select to authenticated using ((select auth.uid()) = id);
create function public.handle_new_user() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.profiles (id, full_name) values (new.id, new.raw_user_meta_data ->> 'full_name');
  return new;
end $$;
create trigger on_auth_user_created after insert on auth.users
  for each row execute function public.handle_new_user();

insert into storage.buckets (id, name, public) values ('avatars', 'avatars', true);
create policy avatars on storage.objects for insert to authenticated
  with check (bucket_id = 'avatars' and (storage.foldername(name))[1] = auth.uid()::text);

create policy members on realtime.messages for select to authenticated
  using (realtime.topic() = 'user:' || (auth.jwt() ->> 'sub'));
create function public.tell() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform realtime.broadcast_changes(
    'user:' || new.id, tg_op, tg_op, tg_table_name, tg_table_schema, new, old
  );
  return new;
end $$;
create trigger tell after insert on public.profiles for each row execute function public.tell();
alter publication supabase_realtime add table public.profiles;

insert into auth.users (instance_id, id, aud, role, email, encrypted_password, email_confirmed_at,
  raw_user_meta_data, created_at, updated_at)
values ('00000000-0000-0000-0000-000000000000', '11111111-2222-4333-8444-555555555555', 'authenticated',
  'authenticated', 'ada@example.com', extensions.crypt('secret', extensions.gen_salt('bf')), now(),
  '{"full_name": "Ada"}', now(), now());
"""


def test_a_crms_first_migration_runs(query: Callable[[str], Any]) -> None:
    """Profiles with a trigger on auth.users, a bucket with a policy, a private channel, a seed user."""
    query(CRM_MIGRATION)

    assert query("select full_name from public.profiles") == [{"full_name": "Ada"}]
    (message,) = query("select topic, event, private, payload from realtime.messages")
    assert message["topic"] == "user:11111111-2222-4333-8444-555555555555"
    assert (message["event"], message["private"]) == ("INSERT", True)
    assert message["payload"]["record"]["full_name"] == "Ada"


def test_reset_takes_all_of_it_back(query: Callable[[str], Any], control: httpx.Client) -> None:
    """The same migration runs once more: triggers, policies, functions, users and buckets are gone."""
    query(CRM_MIGRATION)
    query("drop publication supabase_realtime; create extension citext")

    control.post("/reset").raise_for_status()

    query(CRM_MIGRATION)
    assert query("select count(*)::int as n from auth.users") == [{"n": 1}]


def test_the_claims_of_a_request_are_what_the_helpers_return(database: psycopg.Connection[Any]) -> None:
    """Without claims all are NULL, `auth.jwt()` too; the older settings per claim take precedence."""
    helpers = "select auth.uid()::text, auth.role(), auth.email(), auth.jwt()"
    subject = "11111111-2222-4333-8444-555555555555"

    assert database.execute(helpers).fetchone() == (None, None, None, None)
    with database.transaction():
        database.execute(
            "select set_config('request.jwt.claims', %s, true)", [f'{{"sub": "{subject}", "role": "anon"}}']
        )
        assert database.execute(helpers).fetchone() == (
            subject,
            "anon",
            None,
            {"sub": subject, "role": "anon"},
        )
        database.execute("select set_config('request.jwt.claim.role', 'authenticated', true)")
        row = database.execute("select auth.role()").fetchone()
    assert row == ("authenticated",)


def test_data_of_another_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    """The sentence has the command that starts again, and that command works."""
    folder = tmp_path / "sandbox"
    with running_sandbox(folder, keep=True):
        pass
    version = Path(json.loads(StateFolder(folder).postgres_file.read_text("utf-8"))["data"]) / "PG_VERSION"
    version.write_text("16\n", encoding="utf-8")

    with (
        pytest.raises(SandboxError, match=r"made by Postgres 16, .* runs Postgres 17") as raised,
        running_sandbox(folder, keep=True),
    ):
        pass

    assert f"voicehooks-sandbox down --purge --state {folder}" in str(raised.value)
    assert version.read_text(encoding="utf-8") == "16\n"
    launcher.down(StateFolder(folder), purge=True)
    with running_sandbox(folder):
        pass
