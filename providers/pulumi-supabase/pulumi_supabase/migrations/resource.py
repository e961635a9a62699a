"""Migrations: a folder of SQL files and how far a database has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi.provider.experimental.provider import CheckFailure
from pulumi_provider_kit.errors import InitializationFailed, PropertyError, ProviderError
from pulumi_provider_kit.resource import Operation, Reading, Resource
from pulumi_provider_kit.table import ListOf, MapOf, Property, ResourceTable, Scalar
from pulumi_provider_kit.values import is_given, is_known, outputs_unknown, text, wrap

from ..client import SupabaseClient
from ..project import PROJECT_REF, project_of, require_active
from .folder import read_folder
from .history import HISTORIES
from .runner import Plan, Runner, plan

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.values import PropertyMap

    from .folder import Migration

__all__ = ["Migrations"]

TABLE = ResourceTable(
    name="Migrations",
    doc=(
        "A folder of SQL migrations, applied in the order of their versions, each in one transaction with its "
        "row of history. The preview lists those that would run. A file that was changed after it was "
        "applied, or one older than an applied one, is an error. Deleting the resource leaves the data alone."
    ),
    properties=(
        PROJECT_REF,
        Property(
            "directory",
            Scalar.STRING,
            "The folder of ``<14 digits>_<name>.sql`` files, relative to the program's.",
            required=True,
        ),
        Property(
            "history",
            Scalar.STRING,
            "Whose table remembers them: ``voicehooks`` (default), a table of our own that no ``supabase db "
            "push`` looks at, or ``supabase``, the Supabase CLI's, for those who keep the files there.",
            allowed=tuple(HISTORIES),
            replaces=True,
        ),
        Property(
            "files",
            MapOf(Scalar.STRING),
            "The migrations by file name, each with the start of its SHA-256.",
            derived=True,
        ),
        Property(
            "applied", ListOf(Scalar.STRING), "The versions of this folder that are applied.", output=True
        ),
        Property("latest", Scalar.STRING, "The newest of them; empty for none.", output=True),
    ),
    example="""\
import pulumi_supabase as supabase

supabase.Migrations("schema", project_ref="sandboxsandboxsandbo", directory="migrations")
""",
    import_id="the project's reference",
    rights="Database: read and write; project: read",
)


class Migrations(Resource[SupabaseClient]):
    """A database's schema."""

    table = TABLE

    async def check(
        self, operation: Operation[SupabaseClient], inputs: dict[str, PropertyValue], old_inputs: PropertyMap
    ) -> tuple[dict[str, PropertyValue], list[CheckFailure]]:
        """Read the folder, so that the diff names the migrations that would run."""
        if not is_given(inputs, "directory") or not is_known(inputs["directory"]):
            return inputs, []
        try:
            folder = read_folder(text(inputs, "directory") or "")
        except PropertyError as error:
            return inputs, [CheckFailure(error.property, error.reason)]
        return {**inputs, "files": wrap(_files(folder))}, []

    async def preview_create(self, operation: Operation[SupabaseClient], inputs: PropertyMap) -> PropertyMap:
        """List what would run."""
        if not project_of(inputs):
            return outputs_unknown(self.table, inputs)
        await require_active(operation, project_of(inputs))
        return await self._preview(operation, inputs)

    async def create(
        self, operation: Operation[SupabaseClient], inputs: PropertyMap
    ) -> tuple[str, PropertyMap]:
        """Bring the database to the folder's version."""
        return project_of(inputs), await self._bring_forward(operation, inputs)

    async def read(
        self,
        operation: Operation[SupabaseClient],
        resource_id: str,
        state: PropertyMap,
        inputs: PropertyMap,
    ) -> Reading | None:
        """Read how far the database has come; files not yet applied show as added in the next diff."""
        if not inputs:
            found: dict[str, PropertyValue] = {"projectRef": wrap(resource_id), "files": wrap({})}
            return Reading(resource_id, {**found, **_outputs([])}, found)
        rows = {row.version for row in await _runner(operation, inputs).applied()}
        remembered = inputs.get("files")
        files = dict(remembered.value) if remembered and isinstance(remembered.value, dict) else {}
        live = {name: value for name, value in files.items() if name[:14] in rows}
        found = {**inputs, "files": wrap(live)}
        versions = sorted(name[:14] for name in live)
        return Reading(resource_id, {**found, **_outputs(versions)}, found)

    async def preview_update(
        self,
        operation: Operation[SupabaseClient],
        resource_id: str,
        state: PropertyMap,
        old_inputs: PropertyMap,
        inputs: PropertyMap,
    ) -> PropertyMap:
        """List what would run."""
        return await self._preview(operation, inputs)

    async def update(
        self,
        operation: Operation[SupabaseClient],
        resource_id: str,
        state: PropertyMap,
        old_inputs: PropertyMap,
        inputs: PropertyMap,
    ) -> PropertyMap:
        """Bring the database to the folder's version."""
        return await self._bring_forward(operation, inputs)

    async def delete(
        self,
        operation: Operation[SupabaseClient],
        resource_id: str,
        state: PropertyMap,
        old_inputs: PropertyMap,
    ) -> None:
        """Leave tables and history as they are: data is never deleted here."""
        await operation.info("the tables and their data stay; drop them yourself if they are to go")

    async def _preview(self, operation: Operation[SupabaseClient], inputs: PropertyMap) -> PropertyMap:
        todo = await _plan(operation, inputs)
        if todo.pending:
            await operation.info("would run " + ", ".join(m.file for m in todo.pending))
        return {**inputs, **_outputs(_versions(inputs))}

    async def _bring_forward(self, operation: Operation[SupabaseClient], inputs: PropertyMap) -> PropertyMap:
        await require_active(operation, project_of(inputs))
        todo, runner = await _plan(operation, inputs), _runner(operation, inputs)
        if todo.pending:
            await runner.prepare()
        done = [m.version for m in todo.done]
        for migration in todo.pending:
            operation.cancellation.check()
            await operation.status(f"running {migration.file}")
            try:
                await runner.apply(migration)
            except ProviderError as error:
                if not done:
                    raise
                files = {m.file: m.sha256[:16] for m in read_folder(text(inputs, "directory") or "")}
                state = {
                    **inputs,
                    "files": wrap({f: h for f, h in files.items() if f[:14] in done}),
                    **_outputs(done),
                }
                raise InitializationFailed(project_of(inputs), state, [str(error)]) from None
            done.append(migration.version)
        return {**inputs, **_outputs(sorted(done))}


def _files(folder: list[Migration]) -> dict[str, str]:
    return {m.file: m.sha256[:16] for m in folder}


def _versions(inputs: PropertyMap) -> list[str]:
    files = inputs.get("files")
    return sorted(n[:14] for n in files.value) if files and isinstance(files.value, dict) else []


def _outputs(versions: list[str]) -> dict[str, PropertyValue]:
    return {"applied": wrap(versions), "latest": wrap(versions[-1] if versions else "")}


def _runner(operation: Operation[SupabaseClient], inputs: PropertyMap) -> Runner:
    history = HISTORIES[text(inputs, "history") or "voicehooks"]
    return Runner(operation.client, project_of(inputs), history)


async def _plan(operation: Operation[SupabaseClient], inputs: PropertyMap) -> Plan:
    own = (text(inputs, "history") or "voicehooks") == "voicehooks"
    folder = read_folder(text(inputs, "directory") or "")
    todo = plan(folder, await _runner(operation, inputs).applied(), own_history=own)
    if todo.ahead:
        await operation.warn(
            f"the database is ahead of {text(inputs, 'directory')}: it also has {', '.join(todo.ahead)}"
        )
    return todo
