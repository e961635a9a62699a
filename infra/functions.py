"""An environment's Edge Functions and the secrets that they read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pulumi
import pulumi_supabase as supabase

from .deploy_checks import key_checks, page_checks, webhook_checks
from .handler_settings import call_options, handler_settings
from .settings import EVENTS_FUNCTION, PAGE_FUNCTIONS, SOFTPHONE_FUNCTION
from .stream_checks import events_checks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .configuration import Configuration
    from .number_settings import NumberSettings
    from .originals import FunctionOriginals
    from .settings import Settings
    from .signing import SigningKey

    Checks = pulumi.Input[Sequence[pulumi.Input[supabase.FunctionCheckArgs]]]

__all__ = ["deploy", "secret_values", "uses_fallback"]


def secret_values(config: Configuration) -> dict[str, pulumi.Input[str]]:
    """Return the secrets by name. Each begins with VOICEHOOKS_; a user's own TWILIO_* secrets do not change."""
    values: dict[str, pulumi.Input[str]] = {
        "VOICEHOOKS_CALL_OPTIONS": json.dumps(call_options(config.settings), sort_keys=True),
    }
    if config.settings.functions_need_token:
        values["VOICEHOOKS_AUTH_TOKEN"] = config.auth_token
        if config.secondary_auth_token is not None:
            values["VOICEHOOKS_SECONDARY_AUTH_TOKEN"] = config.secondary_auth_token
    if config.functions_api_key_secret is not None and config.settings.functions_api_key_sid is not None:
        values["VOICEHOOKS_API_KEY_SID"] = config.settings.functions_api_key_sid
        values["VOICEHOOKS_API_KEY_SECRET"] = config.functions_api_key_secret
    if config.softphone_api_key_secret is not None and config.settings.softphone_api_key_sid is not None:
        values["VOICEHOOKS_SOFTPHONE_KEY_SID"] = config.settings.softphone_api_key_sid
        values["VOICEHOOKS_SOFTPHONE_KEY_SECRET"] = config.softphone_api_key_secret
    return values


def uses_fallback(settings: Settings, numbers: Mapping[str, NumberSettings]) -> bool:
    """Return whether a number, a SIP domain or a trunk uses the function twilio-fallback."""
    used = any(own.with_defaults(settings.defaults).fallback_url == "default" for own in numbers.values())
    return used or settings.needs_fallback_function


def deploy(
    config: Configuration,
    numbers: Mapping[str, NumberSettings],
    secrets: supabase.EdgeFunctionSecrets,
    signing: SigningKey | None,
    *,
    originals: FunctionOriginals,
    after: Sequence[pulumi.Resource],
) -> list[supabase.EdgeFunction]:
    """Deploy the functions that the settings require, and return those that Twilio calls.

    The fallback is deployed if a number, a SIP domain or a trunk uses it. The functions for a CRM's pages
    (place-call, control-call, recording) are deployed if there are allowed origins, and voice-token if there is
    also a key for softphones.
    twilio-events is deployed if Event Streams sends to it.
    """
    settings = config.settings
    text = handler_settings(config, numbers)
    triggers = secrets.fingerprints  # a function is deployed after the secrets whose fingerprints it has
    if signing is not None:
        triggers = pulumi.Output.all(triggers, signing.secret.fingerprints).apply(lambda f: {**f[0], **f[1]})

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
            triggers=triggers,
            checks=checks(slug),
            candidate_checks=checks(f"{slug}-candidate"),
            check_timeout_seconds=settings.check_seconds,
            adopt=settings.adopt_function,
            original=originals.files_of(slug),
            opts=pulumi.ResourceOptions(depends_on=list(after)),
        )

    def signed(slug: str) -> Checks:
        url = f"{settings.functions_url}/{slug}"
        token = config.auth_token
        if signing is None:
            return pulumi.Output.secret(token.apply(lambda secret: webhook_checks(url, secret)))
        key_only = settings.account.signature is not None
        return pulumi.Output.secret(
            pulumi.Output.all(token, signing.key.key_id, signing.key.secret).apply(
                lambda found: key_checks(url, *found, key_only=key_only)
            )
        )

    def signed_events(slug: str) -> Checks:
        url = f"{settings.functions_url}/{slug}"
        if signing is None:
            return pulumi.Output.secret(config.auth_token.apply(lambda secret: events_checks(url, secret)))
        found = pulumi.Output.all(signing.key.key_id, signing.key.secret)
        return pulumi.Output.secret(found.apply(lambda key: events_checks(url, key[1], key[0])))

    # Twilio has no JWT; the code checks its signature.
    called = [function("twilio-webhook", settings.function_name, signed, verify_jwt=False)]
    if uses_fallback(settings, numbers):
        called.append(function("twilio-fallback", settings.fallback_function_name, signed, verify_jwt=False))
    if settings.account.event_streams:
        called.append(function(EVENTS_FUNCTION, EVENTS_FUNCTION, signed_events, verify_jwt=False))
    if settings.allowed_origins:
        softphones = [SOFTPHONE_FUNCTION] if settings.softphone_api_key_sid is not None else []
        for folder in (*PAGE_FUNCTIONS, *softphones):
            function(folder, folder, lambda _: page_checks(), verify_jwt=True)
    return called
