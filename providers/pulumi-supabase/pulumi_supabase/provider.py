"""The Supabase provider: its table, its resources and its credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pulumi_provider_kit.config import missing, with_environment
from pulumi_provider_kit.distribution import repository, version
from pulumi_provider_kit.errors import ProviderError
from pulumi_provider_kit.rest import LOOPBACK
from pulumi_provider_kit.table import Default, Property, ProviderTable, Scalar
from pulumi_provider_kit.values import text

from .client import API_URL, ManagementApi
from .edge_function import EdgeFunction
from .edge_function_secrets import EdgeFunctionSecrets
from .lookups import GetApiKeys, GetProject
from .migrations import Migrations
from .project_originals import ProjectOriginals

if TYPE_CHECKING:
    from pulumi_provider_kit.cancellation import Cancellation
    from pulumi_provider_kit.resource import Function, Resource
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["FUNCTIONS", "RESOURCES", "TABLE", "connect"]

RESOURCES: tuple[Resource[ManagementApi], ...] = (
    EdgeFunction(),
    EdgeFunctionSecrets(),
    Migrations(),
    ProjectOriginals(),
)
FUNCTIONS: tuple[Function[ManagementApi], ...] = (GetProject(), GetApiKeys())


def _api_url(value: str) -> str | None:
    try:
        url = urlsplit(value)
    except ValueError:
        return f"{value!r} is not a URL"
    if url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK):
        return None
    return f"{value!r} must begin with https:// (http:// for this machine alone), or the token would leak"


TABLE = ProviderTable(
    name="supabase",
    version=version("pulumi-supabase"),
    display_name="Supabase",
    doc=(
        "A Supabase project's Edge Functions, their secrets and its database schema, as code. The provider "
        "checks a function as a candidate before it deploys it, and does not change what it did not create."
    ),
    config=(
        Property(
            "accessToken",
            Scalar.STRING,
            "A personal access token (https://supabase.com/dashboard/account/tokens), classic or scoped, "
            "or an OAuth2 token. Its form is not checked.",
            secret=True,
            default=Default(("SUPABASE_ACCESS_TOKEN",)),
        ),
        Property(
            "apiUrl",
            Scalar.STRING,
            "The Management API's URL, for a sandbox.",
            check=_api_url,
            default=Default(("SUPABASE_API_URL",), API_URL),
        ),
    ),
    resources=tuple(resource.table for resource in RESOURCES),
    functions=tuple(function.table for function in FUNCTIONS),
    namespace="voicehooks",
    publisher="Voicehooks",
    repository=repository("pulumi-supabase"),
    keywords=("pulumi", "supabase", "edge-functions", "category/database"),
)


def connect(config: PropertyMap, cancellation: Cancellation) -> ManagementApi:
    """Return the Management API with the configured token, without a request.

    Raises:
        ProviderError: the token is missing; the error names the command that sets it.
    """
    settings = with_environment(TABLE, config)
    if lacking := missing(TABLE, settings, "accessToken"):
        raise ProviderError(f"the Supabase credential is missing: {' and '.join(lacking)}")
    url = text(settings, "apiUrl") or ""
    if (wrong := _api_url(url)) is not None:
        raise ProviderError(f"supabase:apiUrl: {wrong}")
    return ManagementApi(text(settings, "accessToken") or "", cancellation, url=url)
