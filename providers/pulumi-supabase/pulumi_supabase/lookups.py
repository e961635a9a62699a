"""The functions: what a project is and which keys it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.resource import Function, Operation
from pulumi_provider_kit.table import FunctionTable, MapOf, Property, Scalar
from pulumi_provider_kit.values import text, wrap

from .client import SupabaseClient
from .project import PROJECT_REF

if TYPE_CHECKING:
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["GetApiKeys", "GetProject"]


class GetProject(Function[SupabaseClient]):
    """A project."""

    table = FunctionTable(
        name="getProject",
        doc="Looks up a project.",
        inputs=(PROJECT_REF,),
        outputs=(
            Property("projectRef", Scalar.STRING, "The project's reference."),
            Property("name", Scalar.STRING, "Its name in the dashboard."),
            Property("organizationId", Scalar.STRING, "The organization that it belongs to."),
            Property("region", Scalar.STRING, "Where it runs."),
            Property("status", Scalar.STRING, "ACTIVE_HEALTHY, INACTIVE (paused) and others."),
            Property("databaseHost", Scalar.STRING, "The host of its database."),
            Property("databaseVersion", Scalar.STRING, "The version of its Postgres."),
            Property("url", Scalar.STRING, "Its public address, https://<ref>.supabase.co."),
        ),
        example="""\
import pulumi
import pulumi_supabase as supabase

pulumi.export("region", supabase.get_project(project_ref="sandboxsandboxsandbo").region)
""",
        rights="Project: read",
    )

    async def invoke(self, operation: Operation[SupabaseClient], arguments: PropertyMap) -> PropertyMap:
        """Return the project."""
        ref = text(arguments, "projectRef") or ""
        project = await operation.client.get(f"/v1/projects/{ref}")
        database = project.get("database") or {}
        return {
            "projectRef": wrap(ref),
            "name": wrap(str(project.get("name", ""))),
            "organizationId": wrap(str(project.get("organization_id", ""))),
            "region": wrap(str(project.get("region", ""))),
            "status": wrap(str(project.get("status", ""))),
            "databaseHost": wrap(str(database.get("host", ""))),
            "databaseVersion": wrap(str(database.get("version", ""))),
            "url": wrap(f"https://{ref}.supabase.co"),
        }


class GetApiKeys(Function[SupabaseClient]):
    """A project's API keys."""

    table = FunctionTable(
        name="getApiKeys",
        doc=(
            "Reads a project's API keys, the new ones (publishable, secret) and the legacy ones (anon, "
            "service_role). All values are secret."
        ),
        inputs=(PROJECT_REF,),
        outputs=(
            Property("publishable", MapOf(Scalar.STRING), "Publishable keys by name.", secret=True),
            Property("secret", MapOf(Scalar.STRING), "Secret keys by name.", secret=True),
            Property("legacy", MapOf(Scalar.STRING), "Legacy keys: anon, service_role.", secret=True),
        ),
        example="""\
import pulumi
import pulumi_supabase as supabase

keys = supabase.get_api_keys(project_ref="sandboxsandboxsandbo")
pulumi.export("publishableKey", keys.publishable["default"])
""",
        rights="API keys: read",
    )

    async def invoke(self, operation: Operation[SupabaseClient], arguments: PropertyMap) -> PropertyMap:
        """Return the keys."""
        ref = text(arguments, "projectRef") or ""
        keys = await operation.client.get(f"/v1/projects/{ref}/api-keys", params={"reveal": "true"})
        kinds: dict[str, dict[str, str]] = {"publishable": {}, "secret": {}, "legacy": {}}
        for key in keys:
            kind = kinds.get(key.get("type") or "legacy")
            if kind is not None and key.get("api_key"):
                kind[key["name"]] = key["api_key"]
        return {name: wrap(values, is_secret=True) for name, values in kinds.items()}
