"""The Edge Functions of an environment and the secrets that they read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_supabase as supabase

from .handler_settings import call_options, check_requests, handler_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .configuration import Configuration
    from .settings import NumberSettings

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
    config: Configuration,
    numbers: Mapping[str, NumberSettings],
    secrets: supabase.EdgeFunctionSecrets,
    *,
    after: Sequence[pulumi.Resource],
) -> list[supabase.EdgeFunction]:
    """Deploy the handler, and the fallback where a number asks for it; return what was deployed."""
    settings = config.settings
    text = handler_settings(config, numbers)
    slugs = [(settings.function_name, "twilio-webhook")]
    if any(own.over(settings.defaults).fallback_url == "default" for own in numbers.values()):
        slugs.append((settings.fallback_function_name, "twilio-fallback"))
    options = pulumi.ResourceOptions(depends_on=list(after))
    return [
        supabase.EdgeFunction(
            folder,
            project_ref=settings.supabase_project,
            project_url=settings.project_url,
            slug=slug,
            directory=f"../functions/{folder}",
            verify_jwt=False,  # Twilio has no token; its signature is what is checked
            files={"settings.json": text},
            revision_file="revision.json",
            triggers=secrets.fingerprints,
            checks=_checks(config, slug),
            candidate_checks=_checks(config, f"{slug}-candidate"),
            adopt=settings.adopt_function,
            opts=options,
        )
        for slug, folder in slugs
    ]


def _checks(config: Configuration, slug: str) -> pulumi.Output[list[dict[str, Any]]]:
    """Return the requests that a function of that slug must answer rightly; secret, being signed."""
    url = f"{config.settings.functions_url}/{slug}"
    return pulumi.Output.secret(config.auth_token.apply(lambda token: check_requests(url, token)))
