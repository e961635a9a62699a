"""Migrations: a folder of SQL files that are applied to a database."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi.provider.experimental.provider import CheckFailure
from pulumi_provider_kit.errors import InitializationFailed, PropertyError, ProviderError
from pulumi_provider_kit.resource import Operation, ReadResult, Resource
from pulumi_provider_kit.table import ListOf, MapOf, Property, ResourceTable, Scalar
from pulumi_provider_kit.values import UNKNOWN, outputs_unknown, plain, text, wrap

from ..client import ManagementApi
from ..project import PROJECT_REF, project_of
from .database import Database
from .folder import read_folder
from .history import HISTORIES
from .plan import Plan, make_plan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.request import (
        CheckRequest,
        CreateRequest,
        DeleteRequest,
        ReadRequest,
        UpdateRequest,
    )
    from pulumi_provider_kit.values import PropertyMap

    from .folder import Migration
    from .history import Applied

__all__ = ["Migrations"]

_DEFAULT_HISTORY = "voicehooks"
# The usual folders of migrations; the first one is the Supabase CLI's.
_FOLDERS = ("supabase/migrations", "migrations", "../supabase/migrations", "../migrations")

TABLE = ResourceTable(
    name="Migrations",
    doc=(
        "A folder of SQL migrations, which are applied in the order of their versions, each in one "
        "transaction with its row in the history. The preview lists the migrations that would run. A file "
        "that was changed after it was applied, or that is older than an applied one, is an error. A "
        "database that is ahead of the folder is a warning. If a statement fails, the error has the file, "
        "the line and Postgres's message. Its migration is rolled back, and none after it runs. Concurrent "
        "updates apply each migration once. Deleting the resource does not change the data."
    ),
    properties=(
        PROJECT_REF,
        Property(
            "directory",
            Scalar.STRING,
            "The folder of ``<14 digits>_<name>.sql`` files. A relative path begins at the folder of the "
            "Pulumi program.",
            required=True,
        ),
        Property(
            "history",
            Scalar.STRING,
            "The table of the history: ``voicehooks`` for the provider's own "
            "(``voicehooks.schema_migrations``), which ``supabase db push`` ignores, or ``supabase`` for the "
            "Supabase CLI's, if the files are in its folder. Changing it records the applied migrations in the "
            "other table and runs nothing. Default: ``voicehooks``.",
            allowed=tuple(HISTORIES),
        ),
        Property(
            "files",
            MapOf(Scalar.STRING),
            "The migrations by file name, each with the first sixteen hexadecimal digits of its checksum.",
            derived=True,
        ),
        Property("applied", ListOf(Scalar.STRING), "The applied versions of this folder.", output=True),
        Property("latest", Scalar.STRING, "The newest applied version; empty if there is none.", output=True),
    ),
    example="""\
import pulumi_supabase as supabase

schema = supabase.Migrations("schema", project_ref="sandboxsandboxsandbo", directory="migrations")
""",
    import_id="the project's reference, with ``/supabase`` appended for the Supabase CLI's history",
    rights="database_read, database_write",
)


class Migrations(Resource[ManagementApi]):
    """A database's schema."""

    table = TABLE

    async def check(
        self, operation: Operation[ManagementApi], request: CheckRequest
    ) -> tuple[PropertyMap, list[CheckFailure]]:
        """Read the folder, so that the diff names the migrations that would run."""
        inputs = request.inputs
        directory = text(inputs, "directory")
        if directory is None:
            return {**inputs, "files": UNKNOWN}, []
        try:
            folder = read_folder(directory)
        except PropertyError as error:
            return inputs, [CheckFailure(f"{error.property}:", error.reason)]
        return {**inputs, "files": wrap(_shown(inputs, folder))}, []

    async def preview_create(self, operation: Operation[ManagementApi], request: CreateRequest) -> PropertyMap:
        """List what would run, and fail where it would not."""
        inputs = request.inputs
        if not project_of(inputs) or text(inputs, "directory") is None:
            return outputs_unknown(self.table, inputs)
        return await self._preview(operation, inputs)

    async def create(
        self, operation: Operation[ManagementApi], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Bring the database to the folder's version."""
        ref = project_of(request.inputs)
        return ref, await self._bring_forward(operation, ref, request.inputs)

    async def read(self, operation: Operation[ManagementApi], request: ReadRequest) -> ReadResult | None:
        """Read the applied versions; files that are not applied yet show as added in the next diff."""
        state, inputs = request.state, request.inputs
        ref, _, history = request.id.partition("/")
        if not inputs:
            return await self._import(operation, ref, history)
        database = _database(operation, state if "history" in state else inputs, ref)
        rows = {row.version: row for row in await database.applied()}
        live = {
            name: _seen(rows[name[:14]], remembered)
            for name, remembered in _files(inputs).items()
            if name[:14] in rows
        }
        found = {**inputs, "files": wrap(live)}
        if "history" in inputs or "history" in state:
            found["history"] = state.get("history", wrap(_DEFAULT_HISTORY))
        return ReadResult(ref, {**found, **_outputs(name[:14] for name in live)}, found)

    async def preview_update(self, operation: Operation[ManagementApi], request: UpdateRequest) -> PropertyMap:
        """List what would run, and fail where it would not."""
        return await self._preview(operation, request.inputs, request.state)

    async def update(self, operation: Operation[ManagementApi], request: UpdateRequest) -> PropertyMap:
        """Bring the database to the folder's version."""
        if _history_name(request.state) != _history_name(request.inputs):
            await self._move_history(operation, request.state, request.inputs)
        return await self._bring_forward(operation, request.id, request.inputs)

    async def delete(self, operation: Operation[ManagementApi], request: DeleteRequest) -> None:
        """Leave tables and history unchanged, because this provider never deletes data."""
        await operation.info("the tables and their data stay; drop them yourself if you do not need them")

    async def _preview(
        self, operation: Operation[ManagementApi], inputs: PropertyMap, state: PropertyMap | None = None
    ) -> PropertyMap:
        await operation.client.require_awake(project_of(inputs))
        # If the history's table changes, the applied migrations are in the old one.
        remembered = state if state is not None and _history_name(state) != _history_name(inputs) else inputs
        todo = await _plan(operation, {**inputs, "history": wrap(_history_name(remembered))})
        if todo.pending:
            await operation.info("would run " + ", ".join(m.file for m in todo.pending))
        return {**inputs, **_outputs(m.version for m in (*todo.done, *todo.pending))}

    async def _bring_forward(
        self, operation: Operation[ManagementApi], resource_id: str, inputs: PropertyMap
    ) -> PropertyMap:
        await operation.client.require_awake(project_of(inputs))
        todo, database = await _plan(operation, inputs), _database(operation, inputs)
        if todo.pending:
            await database.prepare()
        done = list(todo.done)
        for migration in todo.pending:
            try:
                operation.cancellation.check()
                await operation.status(f"running {migration.file}")
                await database.apply(migration)
            except ProviderError as error:
                if not done:
                    raise
                state = {**inputs, "files": wrap(_shown(inputs, done)), **_outputs(m.version for m in done)}
                raise InitializationFailed(resource_id, state, [str(error)]) from None
            done.append(migration)
        return {**inputs, **_outputs(m.version for m in done)}

    async def _move_history(
        self, operation: Operation[ManagementApi], state: PropertyMap, inputs: PropertyMap
    ) -> None:
        before = await _plan(operation, {**inputs, "history": wrap(_history_name(state))})
        database = _database(operation, inputs)
        await database.prepare()
        known = {row.version for row in await database.applied()}
        await database.record([m for m in before.done if m.version not in known])

    async def _import(self, operation: Operation[ManagementApi], ref: str, history: str) -> ReadResult:
        name = history or _DEFAULT_HISTORY
        if name not in HISTORIES:
            raise PropertyError("id", f"{name} is not a history; append nothing, /voicehooks or /supabase")
        directory = _existing_folder()
        if directory is None:
            raise PropertyError(
                "directory",
                f"there is no folder of migrations ({', '.join(_FOLDERS)}); copy the files of this database "
                "to one of these, relative to the program, and import again",
            )
        given = {"history": wrap(name)} if history else {}
        database = Database(operation.client, ref, HISTORIES[name])
        rows = await database.applied() if database.history.is_ours else []
        files = {f"{row.version}_{row.name}.sql": _seen(row, "") for row in rows}
        inputs = {
            "projectRef": wrap(ref),
            "directory": wrap(directory),
            **given,
            "files": wrap(files),
        }
        return ReadResult(ref, {**inputs, **_outputs(row.version for row in rows)}, inputs)


def _existing_folder() -> str | None:
    return next((folder for folder in _FOLDERS if Path(folder).is_dir()), None)


def _history_name(values: PropertyMap) -> str:
    return text(values, "history") or _DEFAULT_HISTORY


def _database(operation: Operation[ManagementApi], values: PropertyMap, ref: str = "") -> Database:
    return Database(operation.client, ref or project_of(values), HISTORIES[_history_name(values)])


async def _plan(operation: Operation[ManagementApi], inputs: PropertyMap) -> Plan:
    folder, database = read_folder(text(inputs, "directory") or ""), _database(operation, inputs)
    todo = make_plan(folder, await database.applied(), database.history)
    if todo.ahead:
        await operation.warn(
            f"the database is ahead of {text(inputs, 'directory')}: it also has {', '.join(todo.ahead)}"
        )
    return todo


def _shown(inputs: PropertyMap, migrations: Iterable[Migration]) -> dict[str, str]:
    history = HISTORIES.get(_history_name(inputs), HISTORIES[_DEFAULT_HISTORY])
    return {m.file: history.checksum(m)[:16] for m in migrations}


def _seen(row: Applied, remembered: str) -> str:
    return remembered if row.checksum is None else row.checksum[:16]


def _files(inputs: PropertyMap) -> dict[str, str]:
    files = inputs.get("files")
    if files is None or not isinstance(files.value, Mapping):
        return {}
    return {str(name): str(value) for name, value in plain(files).items()}


def _outputs(versions: Iterable[str]) -> dict[str, PropertyValue]:
    ordered = sorted(versions)
    return {"applied": wrap(ordered), "latest": wrap(ordered[-1] if ordered else "")}
