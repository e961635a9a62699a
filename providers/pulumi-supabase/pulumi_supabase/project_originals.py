"""ProjectOriginals: the secrets and functions of a project from before the program's first write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.resource import Operation, ReadResult, Resource
from pulumi_provider_kit.table import ListOf, MapOf, Property, ResourceTable, Scalar
from pulumi_provider_kit.values import is_known, outputs_unknown, plain, strings, wrap

from .client import ManagementApi
from .edge_function import live
from .edge_function.original import to_state
from .edge_function_secrets.requests import live_secrets
from .project import PROJECT_REF, project_of

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.request import CreateRequest, DeleteRequest, ReadRequest, UpdateRequest
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["ProjectOriginals"]

TABLE = ResourceTable(
    name="ProjectOriginals",
    doc=(
        "Records in the state which of some secrets and functions a project has. It writes nothing at "
        "Supabase.\n\n"
        "Pass ``existingSecrets`` to ``EdgeFunctionSecrets`` as ``existing``, and a function's part of "
        "``functionFiles`` to an adopting ``EdgeFunction`` as ``original``. The previous files are then in "
        "the state before anything is written. They can be restored even if the update was killed, or an "
        "answer was lost. A record never changes. Never change the resource's name or parent."
    ),
    properties=(
        PROJECT_REF,
        Property(
            "secretNames", ListOf(Scalar.STRING), "The secrets to look for. Their values are not readable."
        ),
        Property(
            "functions",
            ListOf(Scalar.STRING),
            "The slugs of the functions that the program adopts, whose files are recorded.",
        ),
        Property("existingSecrets", ListOf(Scalar.STRING), "The secrets that the project had.", output=True),
        Property(
            "functionFiles",
            MapOf(Scalar.STRING),
            "By slug, a function's files and settings as JSON; empty if there was no such function.",
            output=True,
            secret=True,
        ),
    ),
    example="""\
import pulumi
import pulumi_supabase as supabase

project = "sandboxsandboxsandbo"
originals = supabase.ProjectOriginals("originals", project_ref=project, secret_names=["CRM_API_KEY"])
supabase.EdgeFunctionSecrets(
    "secrets",
    project_ref=project,
    values={"CRM_API_KEY": pulumi.Output.secret("the key")},
    existing=originals.existing_secrets,
)
""",
    import_id="the project ref; the program's names are then read by the next update",
    rights="edge_functions_secrets_read, edge_functions_read",
)


class ProjectOriginals(Resource[ManagementApi]):
    """The previous secrets and functions of a project."""

    table = TABLE

    async def preview_create(self, operation: Operation[ManagementApi], request: CreateRequest) -> PropertyMap:
        """Read as in a create, so that dependent values are known in the preview."""
        return await self._state(operation, request.inputs, {}, {})

    async def create(
        self, operation: Operation[ManagementApi], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Read the project."""
        return project_of(request.inputs), await self._state(operation, request.inputs, {}, {})

    async def read(self, operation: Operation[ManagementApi], request: ReadRequest) -> ReadResult | None:
        """Keep the record unchanged; an import begins with an empty one."""
        resource_id = request.id
        if request.inputs:
            return ReadResult(resource_id, request.state, request.inputs)
        await live.require_project(operation.client, resource_id)
        found = {"projectRef": wrap(resource_id)}
        return ReadResult(resource_id, await self._state(operation, found, {}, {}), found)

    async def preview_update(self, operation: Operation[ManagementApi], request: UpdateRequest) -> PropertyMap:
        """Read as in an update."""
        return await self._state(operation, request.inputs, request.state, request.old_inputs)

    async def update(self, operation: Operation[ManagementApi], request: UpdateRequest) -> PropertyMap:
        """Read new names; forget removed ones."""
        return await self._state(operation, request.inputs, request.state, request.old_inputs)

    async def delete(self, operation: Operation[ManagementApi], request: DeleteRequest) -> None:
        """Delete the record; nothing changes at Supabase."""

    async def _state(
        self, operation: Operation[ManagementApi], inputs: PropertyMap, state: PropertyMap, old: PropertyMap
    ) -> dict[str, PropertyValue]:
        """Return the state: the existing record, and the current state of new names."""
        ref = project_of(inputs)
        if not ref or not all(is_known(inputs.get(name)) for name in ("secretNames", "functions")):
            return outputs_unknown(self.table, inputs)
        names, seen = strings(inputs, "secretNames"), set(strings(old, "secretNames"))
        existed = set(strings(state, "existingSecrets")) & set(names)
        slugs, files = strings(inputs, "functions"), dict(plain(state.get("functionFiles")) or {})
        new_slugs = [slug for slug in slugs if slug not in files]
        if new_slugs or set(names) - seen:
            await operation.client.require_awake(ref)
        if set(names) - seen:
            existed |= {
                name for name in await live_secrets(operation, ref) if name in names and name not in seen
            }
        for slug in new_slugs:
            found = await live.find(operation.client, ref, slug)
            files[slug] = "" if found is None else to_state(await live.download(operation.client, ref, found))
        return {
            **inputs,
            "existingSecrets": wrap(sorted(existed)),
            "functionFiles": wrap({slug: files[slug] for slug in slugs}, is_secret=True),
        }
