"""The Supabase provider: its table, its resources and its sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.config import missing, with_environment
from pulumi_provider_kit.errors import ProviderError
from pulumi_provider_kit.table import Default, Property, ProviderTable, Scalar
from pulumi_provider_kit.values import text

from .client import SupabaseClient
from .edge_function import EdgeFunction
from .lookups import GetApiKeys, GetProject
from .migrations import Migrations
from .secrets import EdgeFunctionSecrets

if TYPE_CHECKING:
    from pulumi_provider_kit.cancellation import Cancellation
    from pulumi_provider_kit.resource import Function, Resource
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["FUNCTIONS", "RESOURCES", "TABLE", "connect"]

RESOURCES: tuple[Resource[SupabaseClient], ...] = (EdgeFunction(), EdgeFunctionSecrets(), Migrations())
FUNCTIONS: tuple[Function[SupabaseClient], ...] = (GetProject(), GetApiKeys())

TABLE = ProviderTable(
    name="supabase",
    version="0.1.0",
    display_name="Supabase",
    doc=(
        "Edge Functions, their secrets and the database schema of a Supabase project. What it did not create "
        "it neither overwrites nor deletes unless told so."
    ),
    config=(
        Property(
            "accessToken",
            Scalar.STRING,
            "A personal access token or an OAuth token.",
            secret=True,
            default=Default(("SUPABASE_ACCESS_TOKEN",)),
        ),
        Property(
            "apiUrl",
            Scalar.STRING,
            "Where the Management API is.",
            default=Default(("SUPABASE_API_URL",), "https://api.supabase.com"),
        ),
    ),
    resources=tuple(resource.table for resource in RESOURCES),
    functions=tuple(function.table for function in FUNCTIONS),
    keywords=("pulumi", "supabase", "edge functions", "migrations", "category/infrastructure"),
)


def connect(config: PropertyMap, cancellation: Cancellation) -> SupabaseClient:
    """Return the API client that the configuration names; makes no request.

    Raises:
        ProviderError: the access token is missing.
    """
    settings = with_environment(TABLE, config)
    if lacking := missing(TABLE, settings, "accessToken"):
        raise ProviderError(f"Supabase credentials are missing: {' and '.join(lacking)}")
    return SupabaseClient(
        text(settings, "accessToken") or "", cancellation, api_url=text(settings, "apiUrl") or ""
    )
