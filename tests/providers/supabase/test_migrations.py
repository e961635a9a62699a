"""Migrations: in order, each completely or not at all, exactly once, with a clear error when they fail."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.providers.servicer_client import CheckFailed, Refused, Resource
from tests.providers.supabase.conftest import REF, Project, run
from tests.support.waiting import wait_for

KIND = "Migrations"
A, B, C = "20260101000000", "20260102000000", "20260103000000"


@pytest.fixture(autouse=True)
def _folder(project: Project) -> None:
    project.write(f"migrations/{A}_people.sql", "create table people (name text primary key);\n")
    project.write(f"migrations/{B}_one.sql", "insert into people values ('one');\n")
    project.write("migrations/README.md", "not a migration")


def inputs(**given: Any) -> dict[str, Any]:
    """Return a program's inputs."""
    return {"projectRef": REF, "directory": "migrations", **given}


def create(project: Project, **given: Any) -> Resource:
    """Apply the folder."""
    created: Resource = run(project.plugin().create(KIND, "m", inputs(**given)))
    return created


def refreshed(project: Project, resource: Resource) -> Resource:
    """Return the resource after a refresh in a new process."""
    seen = run(project.plugin().read(resource))
    assert seen is not None
    return seen


def changes(project: Project, resource: Resource, **given: Any) -> dict[str, str]:
    """Return what the next preview shows."""
    found: dict[str, str] = run(project.plugin().diff(refreshed(project, resource), inputs(**given)))
    return found


def update(project: Project, resource: Resource, **given: Any) -> Resource:
    """Refresh and update."""
    updated: Resource = run(project.plugin().update(refreshed(project, resource), inputs(**given)))
    return updated


def names(project: Project) -> list[str]:
    """Return the rows of the first migration's table."""
    return [row["name"] for row in project.sql("select name from people order by name")]


def history(project: Project, table: str = "voicehooks.schema_migrations") -> list[str]:
    """Return the versions in a history."""
    return [row["version"] for row in project.sql(f"select version from {table} order by version")]


def test_a_folder_is_applied_in_order_and_once(project: Project) -> None:
    """First all, then nothing, then the new one; the preview lists what would run."""
    client = project.plugin()
    preview = run(client.create(KIND, "m", inputs(), preview=True))
    assert client.said == f"would run {A}_people.sql, {B}_one.sql"
    assert preview.state["latest"] == B
    resource = create(project)
    assert (names(project), history(project)) == (["one"], [A, B])
    assert (resource.state["applied"], resource.state["latest"]) == ([A, B], B)
    assert changes(project, resource) == {}
    project.write(f"migrations/{C}_two.sql", "insert into people values ('two')")
    assert changes(project, resource) == {f'files["{C}_two.sql"]': "ADD"}
    client = project.plugin()
    run(client.update(refreshed(project, resource), inputs(), preview=True))
    assert client.said == f"would run {C}_two.sql"
    assert history(project) == [A, B]
    resource = update(project, resource)
    assert names(project) == ["one", "two"]
    assert resource.state["latest"] == C
    assert changes(project, resource) == {}


def test_a_file_may_end_in_a_remark(project: Project) -> None:
    """A last line that is a remark, without a line feed, does not comment out the end of the transaction."""
    project.write(f"migrations/{C}_two.sql", "insert into people values ('two');\n-- a remark")
    create(project)
    assert (names(project), history(project)) == (["one", "two"], [A, B, C])


def test_a_preview_changes_nothing(project: Project) -> None:
    """Not even the table of history is made."""
    run(project.plugin().create(KIND, "m", inputs(), preview=True))
    assert project.sql("select to_regclass('voicehooks.schema_migrations') as t") == [{"t": None}]


def test_environments_at_different_versions(project: Project) -> None:
    """A database that has some of the files, applied by another stack, gets the others."""
    create(project)
    project.write(f"migrations/{C}_two.sql", "insert into people values ('two')")
    assert create(project).state["applied"] == [A, B, C]
    assert names(project) == ["one", "two"]


def test_new_functions_are_served_at_once(project: Project) -> None:
    """The REST side learns of the schema: a function just made answers there."""
    project.write(
        f"migrations/{C}_f.sql", "create function add(a int, b int) returns int language sql as 'select a + b';"
    )
    create(project)
    keys = run(project.plugin().invoke("getApiKeys", {"projectRef": REF, "reveal": True}))
    key = keys["secretKeys"].value["default"]

    def answer() -> str:
        sent = project.gateway.post("/rest/v1/rpc/add", json={"a": 1, "b": 2}, headers={"apikey": key})
        return sent.text if sent.status_code == 200 else ""

    # PostgREST reads the schema some time after it was asked to.
    assert wait_for(answer, "PostgREST knows the function") == "3"


class TestFailing:
    """A statement that Postgres refuses."""

    @pytest.mark.parametrize(
        ("sql", "line", "words"),
        [
            ("select 1;\n\ninsert into nowhere values (1);", 3, 'relation "nowhere" does not exist'),
            ("select 1;\ncreate tabel x();", 2, 'syntax error at or near "tabel"'),
            ("-- one\nselect 1;\n\n/* two */ insert into people\nvalues (null);", 4, "null value in column"),
            (
                "do $$ begin\nraise exception 'not this table' using hint = 'rename it'; end $$;",
                1,
                "not this table (rename it)",
            ),
            ("select 1;\nselect 1/0;\nselect 2;", 2, "division by zero"),
            ("insert into people values ('a');\ninsert into people values ('a');", 2, "duplicate key"),
        ],
    )
    def test_file_line_and_postgres_words(self, project: Project, sql: str, line: int, words: str) -> None:
        """Whether Postgres tells a position or not, the message has file and line; rows are not quoted."""
        resource = create(project)
        project.write(f"migrations/{C}_bad.sql", sql)
        with pytest.raises(Refused) as refused:
            update(project, resource)
        text = str(refused.value)
        assert text.startswith(f"{C}_bad.sql, line {line}: ")
        assert words in text
        assert text.endswith("nothing of this migration was kept and none after it was run")
        assert "Failing row" not in text
        assert (names(project), history(project)) == (["one"], [A, B])

    def test_what_fails_at_the_end_of_the_transaction_has_no_line(self, project: Project) -> None:
        """A deferred constraint is checked after the last statement, which is not to blame."""
        resource = create(project)
        project.write(
            f"migrations/{C}_bad.sql",
            "create table t (x int unique deferrable initially deferred);\ninsert into t values (1), (1);\n"
            "select 1;",
        )
        with pytest.raises(Refused, match=f"^{C}_bad.sql: duplicate key"):
            update(project, resource)
        assert history(project) == [A, B]

    def test_nothing_after_it_runs_and_what_ran_is_remembered(self, project: Project) -> None:
        """The first migration stays, the failing one is undone as a whole, the third is not tried."""
        project.write(
            f"migrations/{B}_one.sql", "insert into people values ('one');\ncreate table x();\nselect 1/0;"
        )
        project.write(f"migrations/{C}_two.sql", "insert into people values ('two')")
        with pytest.raises(Refused, match=f"{B}_one.sql, line 3: division by zero") as refused:
            create(project)
        assert refused.value.kept is not None
        assert refused.value.kept[1]["applied"] == [A]
        assert (names(project), history(project)) == ([], [A])
        project.write(f"migrations/{B}_one.sql", "insert into people values ('repaired');")
        after = Resource(
            project.plugin().urn(KIND, "m"), refused.value.kept[0], inputs(), refused.value.kept[1]
        )
        update(project, after)
        assert names(project) == ["repaired", "two"]

    def test_a_failing_first_one_leaves_no_resource(self, project: Project) -> None:
        """Where nothing was applied there is nothing to remember."""
        project.write(f"migrations/{A}_people.sql", "select 1/0")
        with pytest.raises(Refused) as refused:
            create(project)
        assert refused.value.kept is None

    @pytest.mark.parametrize(
        ("file", "sql", "words"),
        [
            (
                f"{C}_x.sql",
                "select 1;\ncommit;\nselect 2",
                f"{C}_x.sql, line 2: COMMIT begins or ends a transaction",
            ),
            ("3_x.sql", "", "3_x.sql is not named <14 digits>_<name>.sql"),
            (f"{A}_other.sql", "", f"{A}_other.sql and {A}_people.sql have the same version"),
        ],
    )
    def test_a_folder_that_cannot_be_right(self, project: Project, file: str, sql: str, words: str) -> None:
        """It is refused before anything is sent."""
        project.write(f"migrations/{file}", sql)
        with pytest.raises(CheckFailed, match=words):
            create(project)
        assert not any("query" in r for r in project.requests())

    def test_a_file_that_is_not_utf8(self, project: Project) -> None:
        """It is named before anything is sent."""
        (project.folder / f"migrations/{C}_x.sql").write_bytes(b"select '\xfc'")
        with pytest.raises(CheckFailed, match=f"{C}_x.sql is not UTF-8; save it as UTF-8"):
            create(project)

    def test_a_missing_folder(self, project: Project) -> None:
        """The message says where relative paths begin."""
        with pytest.raises(CheckFailed, match="directory: there is no folder sql .relative paths begin at"):
            create(project, directory="sql")


class TestHistory:
    """A folder and a history that do not fit."""

    def test_a_file_changed_after_it_was_applied(self, project: Project) -> None:
        """It shows in the diff and is an error in preview and update."""
        resource = create(project)
        project.write(f"migrations/{A}_people.sql", "create table persons ();")
        assert changes(project, resource) == {f'files["{A}_people.sql"]': "UPDATE"}
        for preview in (True, False):
            with pytest.raises(Refused, match=f"{A}_people.sql was changed after it was applied"):
                run(project.plugin().update(refreshed(project, resource), inputs(), preview=preview))

    @pytest.mark.parametrize(("before", "line_end"), [(b"", b"\r\n"), (b"\xef\xbb\xbf", b"\n")])
    def test_how_an_editor_saves_makes_no_difference(
        self, project: Project, before: bytes, line_end: bytes
    ) -> None:
        """Line ends of a checkout on Windows, or a byte order mark, are not a change."""
        resource = create(project)
        file = project.folder / f"migrations/{A}_people.sql"
        file.write_bytes(before + file.read_bytes().replace(b"\n", line_end))
        assert changes(project, resource) == {}

    def test_a_hole_is_an_error(self, project: Project) -> None:
        """A file older than one that is applied is not slipped in."""
        resource = create(project)
        project.write("migrations/20260101120000_late.sql", "select 1")
        with pytest.raises(
            Refused, match=f"20260101120000_late.sql is not applied, but {B}_one.sql after it is"
        ):
            update(project, resource)

    def test_a_database_ahead_of_the_folder_is_a_warning(self, project: Project) -> None:
        """An older checkout says so and does nothing."""
        create(project)
        (project.folder / f"migrations/{B}_one.sql").unlink()
        client = project.plugin()
        resource = run(client.create(KIND, "m", inputs()))
        assert f"the database is ahead of migrations: it also has {B}" in client.said
        assert changes(project, resource) == {}

    def test_a_foreign_table_of_that_name(self, project: Project) -> None:
        """It is neither read as a history nor written."""
        project.sql("create schema voicehooks; create table voicehooks.schema_migrations (id int)")
        with pytest.raises(
            Refused, match="has a table voicehooks.schema_migrations that is not a history.*rename it"
        ):
            create(project)
        assert project.sql("select to_regclass('people') as t") == [{"t": None}]

    def test_the_history_is_closed_to_the_api_roles(self, project: Project) -> None:
        """Neither anon nor authenticated can read it."""
        create(project)
        rows = project.sql(
            "select has_table_privilege(r, 'voicehooks.schema_migrations', 'select') as may"
            " from unnest(array['anon', 'authenticated']) r"
        )
        assert [row["may"] for row in rows] == [False, False]

    def test_a_delete_leaves_the_data_alone(self, project: Project) -> None:
        """Tables, rows and history stay, and it says so."""
        resource = create(project)
        client = project.plugin()
        run(client.delete(resource))
        assert (names(project), history(project)) == (["one"], [A, B])
        assert "the tables and their data stay" in client.said

    def test_an_import_is_followed_by_an_empty_preview(self, project: Project) -> None:
        """What is applied is read from the history."""
        create(project)
        imported = run(project.plugin().import_(KIND, "m", REF))
        assert imported is not None
        assert imported.state["applied"] == [A, B]
        assert changes(project, imported) == {}

    def test_an_import_without_a_folder_says_what_to_do(self, project: Project) -> None:
        """A program without the files could not run, so nothing is written to the state."""
        create(project)
        (project.folder / "migrations").rename(project.folder / "elsewhere")
        with pytest.raises(Refused, match="there is no folder of migrations .*import again"):
            run(project.plugin().import_(KIND, "m", REF))


class TestOnce:
    """Two at a time, and answers that get lost."""

    def test_two_updates_at_once_apply_each_migration_once(self, project: Project) -> None:
        """Both succeed, whichever is faster; the rows are there once."""
        for number in range(3, 9):
            project.write(
                f"migrations/2026010{number}000000_n.sql",
                f"select pg_sleep(0.05);\ninsert into people values ('n{number}');",
            )

        async def both() -> list[Resource]:
            clients = [project.plugin() for _ in range(3)]
            return list(await asyncio.gather(*(c.create(KIND, "m", inputs()) for c in clients)))

        resources = run(both())
        assert {tuple(r.state["applied"]) for r in resources} == {tuple(history(project))}
        assert names(project) == ["n3", "n4", "n5", "n6", "n7", "n8", "one"]

    @pytest.mark.parametrize("at", range(5))
    def test_a_lost_answer(self, project: Project, at: int) -> None:
        """A request that was carried out and answered 502 is sent again, and nothing happens twice."""
        project.fault(api=[{"status": 502, "after": at, "times": 1, "apply": True}])
        create(project)
        project.fault(clear=True)
        assert (names(project), history(project)) == (["one"], [A, B])

    def test_an_interrupt_between_two(self, project: Project) -> None:
        """What is applied is remembered, the rest comes with the next update."""
        client = project.plugin()

        async def go() -> None:
            say = client.log.say

            async def stop_at_second(severity: str, message: str, urn: str, *, ephemeral: bool = False) -> None:
                await say(severity, message, urn, ephemeral=ephemeral)
                if message == f"running {A}_people.sql":
                    client.servicer.cancellation.cancel()

            client.log.say = stop_at_second  # type: ignore[method-assign]
            await client.create(KIND, "m", inputs())

        with pytest.raises(Refused, match="interrupted") as refused:
            run(go())
        assert history(project) == [A]
        assert refused.value.kept is not None
        after = Resource(client.urn(KIND, "m"), refused.value.kept[0], inputs(), refused.value.kept[1])
        update(project, after)
        assert names(project) == ["one"]


class TestSupabaseCli:
    """The Supabase CLI's own history, where the files are kept in its folder."""

    TABLE = "supabase_migrations.schema_migrations"

    def test_what_is_applied_is_noted_as_the_cli_does(self, project: Project) -> None:
        """Version, name and the statements one by one."""
        project.write(f"migrations/{C}_two.sql", "-- both\nselect 'a;\\b';\nselect $$;$$;\n")
        create(project, history="supabase")
        rows = project.sql(f"select version, name, statements from {self.TABLE} order by version")
        assert [(r["version"], r["name"]) for r in rows] == [(A, "people"), (B, "one"), (C, "two")]
        assert rows[2]["statements"] == ["select 'a;\\b'", "select $$;$$"]

    def test_what_the_cli_applied_is_seen(self, project: Project) -> None:
        """Rows that the CLI wrote count, split in its own way; a changed file is an error there too."""
        project.sql(
            f"create schema supabase_migrations; create table {self.TABLE} (version text primary key,"
            f" statements text[], name text); create table people (name text primary key);"
            f" insert into {self.TABLE} values ('{A}', array['-- c' || chr(10) ||"
            f" 'create table people (name text primary key)'], 'people')"
        )
        resource = create(project, history="supabase")
        assert names(project) == ["one"]
        assert changes(project, resource, history="supabase") == {}
        project.write(f"migrations/{A}_people.sql", "create table persons ();")
        with pytest.raises(Refused, match="was changed after it was applied"):
            update(project, resource, history="supabase")

    def test_rows_of_others_are_ignored(self, project: Project) -> None:
        """A CRM's own migrations, older and newer and without statements, neither run nor disturb."""
        project.sql(
            f"create schema supabase_migrations; create table {self.TABLE} (version text primary key);"
            f" insert into {self.TABLE} values ('20250101000000'), ('20270101000000'), ('20260101120000')"
        )
        client = project.plugin()
        resource = run(client.create(KIND, "m", inputs(history="supabase")))
        assert resource.state["applied"] == [A, B]
        assert "ahead" not in client.said
        assert changes(project, resource, history="supabase") == {}
        assert len(history(project, self.TABLE)) == 5

    def test_our_own_history_leaves_the_clis_alone(self, project: Project) -> None:
        """By default nothing is written where `supabase db push` looks."""
        project.sql(f"create schema supabase_migrations; create table {self.TABLE} (version text primary key)")
        create(project)
        assert history(project, self.TABLE) == []

    def test_moving_to_another_history_runs_nothing(self, project: Project) -> None:
        """What is applied is noted in the other table, and only a new file runs."""
        resource = create(project)
        project.write(f"migrations/{C}_two.sql", "insert into people values ('two')")
        client = project.plugin()
        run(client.update(refreshed(project, resource), inputs(history="supabase"), preview=True))
        assert client.said == f"would run {C}_two.sql"
        resource = update(project, resource, history="supabase")
        assert names(project) == ["one", "two"]
        assert history(project, self.TABLE) == [A, B, C]
        assert changes(project, resource, history="supabase") == {}
