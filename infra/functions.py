"""The Edge Functions of an environment and the secrets that they read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_supabase as supabase

from .handler_settings import call_options, check_requests, handler_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .configuration import Configuration

__all__ = ["deploy", "secret_values"]


def secret_values(config: Configuration) -> dict[str, pulumi.Input[str]]:
    """Return the secrets by name. Each begins with VOICEHOOKS_; a user's own TWILIO_* is never touched."""
    values: dict[str, pulumi.Input[str]] = {
        "VOICEHOOKS_AUTH_TOKEN": config.auth_token,
        "VOICEHOOKS_CALL_OPTIONS": json.dumps(call_options(config.settings), sort_keys=True),
    }
    if config.secondary_auth_token is not None:
        values["VOICEHOOKS_SECONDARY_AUTH_TOKEN"] = config.secondary_auth_token
    return values


def deploy(
    config: Configuration, secrets: supabase.EdgeFunctionSecrets, *, after: Sequence[pulumi.Resource]
) -> list[supabase.EdgeFunction]:
    """Deploy the handler, and the fallback where a number asks for it; return what was deployed."""
    settings = config.settings
    slugs = [(settings.function_name, "twilio-webhook")]
    if any(settings.number(n).fallback_url == "default" for n in settings.numbers):
        slugs.append((settings.fallback_function_name, "twilio-fallback"))
    return [_function(config, slug, folder, secrets, after) for slug, folder in slugs]


def _function(
    config: Configuration,
    slug: str,
    folder: str,
    secrets: supabase.EdgeFunctionSecrets,
    after: Sequence[pulumi.Resource],
) -> supabase.EdgeFunction:
    settings = config.settings

    def checks(function: str) -> pulumi.Output[list[dict[str, Any]]]:
        url = f"{settings.functions_url}/{function}"
        return pulumi.Output.secret(config.auth_token.apply(lambda token: check_requests(url, token)))

    return supabase.EdgeFunction(
        folder,
        project_ref=settings.supabase_project,
        project_url=settings.project_url,
        slug=slug,
        directory=f"../functions/{folder}",
        verify_jwt=False,  # Twilio has no token; its signature is what is checked
        files={"settings.json": handler_settings(config)},
        revision_file="revision.json",
        triggers=secrets.fingerprints,
        checks=checks(slug),
        candidate_checks=checks(f"{slug}-candidate"),
        adopt=settings.adopt_function,
        opts=pulumi.ResourceOptions(depends_on=list(after)),
    )
