"""Functions that read: the project itself, and its API keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.errors import ProviderError
from pulumi_provider_kit.resource import Function, Operation
from pulumi_provider_kit.table import FunctionTable, MapOf, Property, Scalar
from pulumi_provider_kit.values import flag, wrap

from .client import ManagementApi, NotFound
from .project import PROJECT_REF, project_of

if TYPE_CHECKING:
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["GetApiKeys", "GetProject"]


async def _read(operation: Operation[ManagementApi], ref: str, path: str, permission: str) -> Any:
    try:
        return (await operation.client.get(ref, path, permission)).json()
    except NotFound:
        raise ProviderError(
            f"the Supabase project {ref} does not exist, or the access token's owner is not a member of it"
        ) from None


class GetProject(Function[ManagementApi]):
    """A project."""

    table = FunctionTable(
        name="getProject",
        doc="A project: its name, its region and its status.",
        inputs=(PROJECT_REF,),
        outputs=(
            Property("name", Scalar.STRING, "The name in the dashboard.", output=True),
            Property("region", Scalar.STRING, "Where it runs.", output=True),
            Property("status", Scalar.STRING, "``ACTIVE_HEALTHY`` for a running project.", output=True),
            Property("organizationSlug", Scalar.STRING, "The project's organization.", output=True),
            Property("createdAt", Scalar.STRING, "The time of its creation, ISO 8601.", output=True),
            Property("databaseHost", Scalar.STRING, "The database's host for direct connections.", output=True),
            Property("databaseVersion", Scalar.STRING, "The version of Postgres.", output=True),
            Property("url", Scalar.STRING, "The public URL on Supabase's own domain.", output=True),
        ),
        example="""\
import pulumi
import pulumi_supabase as supabase

project = supabase.get_project(project_ref="sandboxsandboxsandbo")
pulumi.export("region", project.region)
""",
        rights="project_admin_read",
    )

    async def invoke(self, operation: Operation[ManagementApi], arguments: PropertyMap) -> PropertyMap:
        """Return the project."""
        ref = project_of(arguments)
        found = await _read(operation, ref, "", "project_admin_read")
        database = found.get("database") or {}
        return {
            "name": wrap(found["name"]),
            "region": wrap(found["region"]),
            "status": wrap(found["status"]),
            "organizationSlug": wrap(found.get("organization_slug") or found.get("organization_id") or ""),
            "createdAt": wrap(found["created_at"]),
            "databaseHost": wrap(database.get("host") or ""),
            "databaseVersion": wrap(database.get("version") or ""),
            "url": wrap(f"https://{ref}.supabase.co"),
        }


class GetApiKeys(Function[ManagementApi]):
    """A project's API keys."""

    table = FunctionTable(
        name="getApiKeys",
        doc=(
            "A project's API keys, new and legacy ones, all secret. Without ``reveal`` the keys that "
            "open everything (secret keys, the service role's) are left out."
        ),
        inputs=(
            PROJECT_REF,
            Property("reveal", Scalar.BOOLEAN, "Whether secret keys are returned too. Default: false."),
        ),
        outputs=(
            Property(
                "publishableKeys",
                MapOf(Scalar.STRING),
                "Publishable keys (``sb_publishable_...``) by name.",
                output=True,
                secret=True,
            ),
            Property(
                "secretKeys",
                MapOf(Scalar.STRING),
                "Secret keys (``sb_secret_...``) by name; empty without ``reveal``.",
                output=True,
                secret=True,
            ),
            Property(
                "anonKey",
                Scalar.STRING,
                "The legacy anon key; empty if legacy keys are disabled.",
                output=True,
                secret=True,
            ),
            Property(
                "serviceRoleKey",
                Scalar.STRING,
                "The legacy service role key; empty without ``reveal`` or if legacy keys are disabled.",
                output=True,
                secret=True,
            ),
        ),
        example="""\
import pulumi
import pulumi_supabase as supabase

keys = supabase.get_api_keys(project_ref="sandboxsandboxsandbo")
pulumi.export("publishableKey", keys.publishable_keys["default"])
""",
        rights="api_gateway_keys_read",
    )

    async def invoke(self, operation: Operation[ManagementApi], arguments: PropertyMap) -> PropertyMap:
        """Return the keys."""
        ref, reveal = project_of(arguments), flag(arguments, "reveal")
        path = "/api-keys?reveal=true" if reveal else "/api-keys"
        keys = await _read(operation, ref, path, "api_gateway_keys_read")

        def named(kind: str) -> dict[str, str]:
            return {k["name"]: k["api_key"] for k in keys if k.get("type") == kind and k.get("api_key")}

        legacy = named("legacy") | {k["name"]: k["api_key"] for k in keys if not k.get("type")}
        return {
            "publishableKeys": wrap(named("publishable")),
            "secretKeys": wrap(named("secret") if reveal else {}),
            "anonKey": wrap(legacy.get("anon", "")),
            "serviceRoleKey": wrap(legacy.get("service_role", "") if reveal else ""),
        }
