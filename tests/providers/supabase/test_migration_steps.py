"""The steps of migrations by themselves: what each answer of the database means, and what an import finds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from pulumi_provider_kit.errors import PropertyError, ProviderError
from pulumi_provider_kit.request import CheckRequest, CreateRequest, ReadRequest, UpdateRequest
from pulumi_provider_kit.values import UNKNOWN, plain, wrap
from pulumi_supabase.client import SupabaseError
from pulumi_supabase.migrations import Migrations
from pulumi_supabase.migrations.database import Database, MigrationFailed
from pulumi_supabase.migrations.folder import Migration
from pulumi_supabase.migrations.history import HISTORIES, Applied

from tests.providers.supabase.scripted import REF, Scripted, answer

T = TypeVar("T")
QUERY = "POST /database/query"
A, B = "20260101000000", "20260102000000"
FILE = Migration(A, "people", "create table people ();\nselect 1;\n")
NOTHING = answer(201, [])


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end."""
    return asyncio.run(coroutine)


def database(*answers: httpx.Response) -> tuple[Database, Scripted]:
    """Return a database that gives these answers."""
    scripted = Scripted({QUERY: list(answers)}, attempts=1)
    return Database(scripted.api, REF, HISTORIES["voicehooks"]), scripted


def error(detail: str, status: int = 400) -> httpx.Response:
    """Return a refusal with Postgres's words."""
    return answer(status, {"message": f"Failed to run sql query: {detail}"})


def queries(scripted: Scripted) -> list[str]:
    """Return the SQL that was sent."""
    return [json.loads(r.content)["query"] for r in scripted.requests if r.method == "POST"]


class TestApplying:
    """What an answer to a migration means."""

    def test_one_that_another_run_applied_is_applied(self) -> None:
        """Nothing is reported, and nothing is run again."""
        found, scripted = database(error("ERROR:  VH001: applied"))
        run(found.apply(FILE))
        assert len(scripted.requests) == 1

    @pytest.mark.parametrize("status", [403, 500])
    def test_a_refusal_of_the_api_is_not_a_wrong_migration(self, status: int) -> None:
        """It has no line in the file, and the same command may succeed later."""
        found, scripted = database(error("ERROR:  42601: LINE 1", status))
        with pytest.raises(ProviderError, match=f"^{A}_people.sql: .*; run the command again$") as caught:
            run(found.apply(FILE))
        assert not isinstance(caught.value, MigrationFailed)
        assert len(scripted.requests) == 1

    @pytest.mark.parametrize(
        ("search", "place"),
        [
            (error("ERROR:  VH002: line 2"), ", line 2"),
            (error("ERROR:  VH002: line 0"), ""),
            (error("ERROR:  42601: line 2"), ""),
            (NOTHING, ""),
        ],
    )
    def test_a_line_that_is_not_known_is_not_named(self, search: httpx.Response, place: str) -> None:
        """The file alone is correct where the search does not find the statement."""
        found, _ = database(
            error("ERROR:  23505: duplicate key\nDETAIL:  Key (a)=(secret).\nHINT:  Think."), search
        )
        with pytest.raises(MigrationFailed) as caught:
            run(found.apply(FILE))
        assert str(caught.value).startswith(f"{A}_people.sql{place}: duplicate key (Think);")


class TestHistory:
    """What an answer to a read of the history means."""

    def test_a_table_that_is_missing_is_an_empty_history(self) -> None:
        """Every migration is to be applied."""
        found, scripted = database(error('ERROR:  42P01: relation "x" does not exist'))
        assert run(found.applied()) == []
        assert json.loads(scripted.requests[0].content)["read_only"] is True

    def test_another_table_of_that_name_is_not_one(self) -> None:
        """It is named, so that it can be renamed."""
        found, _ = database(error('ERROR:  42703: column "version" does not exist'))
        with pytest.raises(ProviderError, match="voicehooks.schema_migrations .*rename it"):
            run(found.applied())

    def test_any_other_refusal_is_not_an_empty_history(self) -> None:
        """Else everything would be applied again."""
        found, _ = database(error("ERROR:  42501: permission denied"))
        with pytest.raises(SupabaseError, match="permission denied"):
            run(found.applied())

    def test_rows(self) -> None:
        """Of each table; the Supabase CLI's may have no name, and no text."""
        found, _ = database(answer(201, [{"version": A, "name": "people", "sha256": "0f"}]))
        assert run(found.applied()) == [Applied(A, "people", "0f")]
        cli = HISTORIES["supabase"]
        same = cli.applied({"version": A, "name": None, "statements": ["create table people ()", "select 1"]})
        assert same == Applied(A, "", cli.checksum(FILE))
        assert cli.applied({"version": A, "name": "x", "statements": []}) == Applied(A, "x", None)

    def test_moving_records_what_the_other_table_lacks(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The Supabase CLI may have recorded some of the files; nothing is run."""
        monkeypatch.chdir(tmp_path)
        first, second = _write(tmp_path, "migrations", A), _write(tmp_path, "migrations", B)
        ours = [{"version": m.version, "name": m.name, "sha256": m.sha256} for m in (first, second)]
        theirs = [{"version": m.version, "name": m.name, "statements": [m.sql]} for m in (first, second)]
        scripted = Scripted(
            {
                QUERY: [
                    answer(201, ours),
                    NOTHING,
                    answer(201, theirs[:1]),
                    NOTHING,
                    answer(201, theirs),
                ]
            }
        )
        inputs = {"projectRef": wrap(REF), "directory": wrap("migrations")}
        moved = {**inputs, "history": wrap("supabase")}
        after = run(Migrations().update(scripted.operation, UpdateRequest(REF, inputs, inputs, moved)))
        assert plain(after["applied"]) == [A, B]
        recorded = queries(scripted)[3]
        assert f"'{B}'" in recorded
        assert f"'{A}'" not in recorded
        assert len(scripted.requests) == 5 + 1, "the project is asked once, and nothing else is sent"


def _write(folder: Path, directory: str, version: str) -> Migration:
    (folder / directory).mkdir(parents=True, exist_ok=True)
    (folder / directory / f"{version}_x.sql").write_text("select 1", encoding="utf-8")
    return Migration(version, "x", "select 1")


class TestPreview:
    """What is not known yet."""

    def test_a_folder_or_a_project_that_is_not_known_yet(self, tmp_path: Path) -> None:
        """Nothing is read, and nothing that would run is named."""
        known = {"projectRef": wrap(REF), "directory": wrap(str(tmp_path))}
        scripted = Scripted({})
        without = {**known, "directory": UNKNOWN}
        checked, failures = run(Migrations().check(scripted.operation, CheckRequest(without, {})))
        assert (checked["files"], failures) == (UNKNOWN, [])
        for inputs in (without, {**known, "projectRef": UNKNOWN}):
            preview = run(Migrations().preview_create(scripted.operation, CreateRequest(inputs)))
            assert preview["applied"] is preview["latest"] is UNKNOWN
        assert scripted.requests == []


class TestImport:
    """Taking an existing database into a program."""

    ROWS = answer(201, [{"version": A, "name": "x", "sha256": "0123456789abcdef01"}])

    @pytest.mark.parametrize(
        ("suffix", "history", "files", "applied"),
        [
            ("", None, {f"{A}_x.sql": "0123456789abcdef"}, [A]),
            ("/voicehooks", "voicehooks", {f"{A}_x.sql": "0123456789abcdef"}, [A]),
            # That history has other files as well; the next update finds out which are the folder's.
            ("/supabase", "supabase", {}, []),
        ],
    )
    def test_the_history_is_named_by_the_id(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        suffix: str,
        history: str | None,
        files: dict[str, str],
        applied: list[str],
    ) -> None:
        """The provider's own without a name."""
        _write(tmp_path, "migrations", A)
        monkeypatch.chdir(tmp_path)
        found = run(
            Migrations().read(Scripted({QUERY: self.ROWS}).operation, ReadRequest(REF + suffix, {}, {}))
        )
        assert found is not None
        assert found.id == REF
        inputs = {"projectRef": REF, "directory": "migrations", "files": files}
        inputs |= {"history": history} if history else {}
        assert {name: plain(value) for name, value in found.inputs.items()} == inputs
        assert {name: plain(value) for name, value in found.state.items()} == {
            **inputs,
            "applied": applied,
            "latest": applied[-1] if applied else "",
        }

    FOLDERS = ("supabase/migrations", "migrations", "../supabase/migrations", "../migrations")

    @pytest.mark.parametrize("folder", FOLDERS)
    def test_the_folder_is_found(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
        """Next to the program, or one folder above it; the Supabase CLI's takes precedence."""
        program = tmp_path / "infra"
        program.mkdir()
        monkeypatch.chdir(program)
        for later in self.FOLDERS[self.FOLDERS.index(folder) :]:
            _write(program, later, A)
        found = run(Migrations().read(Scripted({QUERY: self.ROWS}).operation, ReadRequest(REF, {}, {})))
        assert found is not None
        assert plain(found.inputs["directory"]) == folder

    def test_another_name_is_not_a_history(self) -> None:
        """The ID is wrong, not the folder."""
        with pytest.raises(PropertyError) as caught:
            run(Migrations().read(Scripted({}).operation, ReadRequest(f"{REF}/crm", {}, {})))
        assert caught.value.property == "id"
