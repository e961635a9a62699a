"""An environment's Edge Functions and the secrets that they read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pulumi
import pulumi_supabase as supabase

from .handler_settings import call_options, handler_settings, page_checks, webhook_checks
from .settings import PAGE_FUNCTIONS, SOFTPHONE_FUNCTION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .configuration import Configuration
    from .number_settings import NumberSettings
    from .originals import FunctionOriginals

    Checks = pulumi.Input[Sequence[pulumi.Input[supabase.FunctionCheckArgs]]]

__all__ = ["deploy", "secret_values"]


def secret_values(config: Configuration) -> dict[str, pulumi.Input[str]]:
    """Return the secrets by name. Each begins with VOICEHOOKS_; a user's own TWILIO_* secrets do not change."""
    values: dict[str, pulumi.Input[str]] = {
        "VOICEHOOKS_AUTH_TOKEN": config.auth_token,
        "VOICEHOOKS_CALL_OPTIONS": json.dumps(call_options(config.settings), sort_keys=True),
    }
    if config.secondary_auth_token is not None:
        values["VOICEHOOKS_SECONDARY_AUTH_TOKEN"] = config.secondary_auth_token
    if config.functions_api_key_secret is not None and config.settings.functions_api_key_sid is not None:
        values["VOICEHOOKS_API_KEY_SID"] = config.settings.functions_api_key_sid
        values["VOICEHOOKS_API_KEY_SECRET"] = config.functions_api_key_secret
    if config.softphone_api_key_secret is not None and config.settings.softphone_api_key_sid is not None:
        values["VOICEHOOKS_SOFTPHONE_KEY_SID"] = config.settings.softphone_api_key_sid
        values["VOICEHOOKS_SOFTPHONE_KEY_SECRET"] = config.softphone_api_key_secret
    return values


def deploy(
    config: Configuration,
    numbers: Mapping[str, NumberSettings],
    secrets: supabase.EdgeFunctionSecrets,
    *,
    originals: FunctionOriginals,
    after: Sequence[pulumi.Resource],
) -> list[supabase.EdgeFunction]:
    """Deploy the functions that the settings require, and return those that numbers point at.

    The fallback is deployed if a number uses it. The functions for a CRM's pages (place-call, control-call,
    recording) are deployed if there are allowed origins, and voice-token if there is also a key for softphones.
    """
    settings = config.settings
    text = handler_settings(config, numbers)

    def function(
        folder: str, slug: str, checks: Callable[[str], Checks], *, verify_jwt: bool
    ) -> supabase.EdgeFunction:
        return supabase.EdgeFunction(
            folder,
            project_ref=settings.supabase_project,
            project_url=settings.project_url,
            slug=slug,
            directory=f"../functions/{folder}",
            verify_jwt=verify_jwt,
            files={"settings.json": text},
            revision_file="revision.json",
            triggers=secrets.fingerprints,
            checks=checks(slug),
            candidate_checks=checks(f"{slug}-candidate"),
            check_timeout_seconds=settings.check_seconds,
            adopt=settings.adopt_function,
            original=originals.files_of(slug),
            opts=pulumi.ResourceOptions(depends_on=list(after)),
        )

    def signed(slug: str) -> Checks:
        url = f"{settings.functions_url}/{slug}"
        return pulumi.Output.secret(config.auth_token.apply(lambda token: webhook_checks(url, token)))

    # Twilio has no JWT; the code checks its signature.
    called = [function("twilio-webhook", settings.function_name, signed, verify_jwt=False)]
    if any(own.with_defaults(settings.defaults).fallback_url == "default" for own in numbers.values()):
        called.append(function("twilio-fallback", settings.fallback_function_name, signed, verify_jwt=False))
    if settings.allowed_origins:
        softphones = [SOFTPHONE_FUNCTION] if settings.softphone_api_key_sid is not None else []
        for folder in (*PAGE_FUNCTIONS, *softphones):
            function(folder, folder, lambda _: page_checks(), verify_jwt=True)
    return called
