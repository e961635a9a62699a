"""The team's rules (`voicehooks:rules`) applied to what will hold after the update."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pulumi_twilio.voice_properties import WEBHOOKS
from pydantic import ValidationError

from infra.rules import Rules
from voicehooks.commands.plan.model import Finding
from voicehooks.output.counting import count
from voicehooks.output.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from voicehooks.commands.plan.effective import EffectiveSettings, HandlerSettings
    from voicehooks.stack.preview import Preview

__all__ = ["findings_of", "rules_of"]

_PROJECT = re.compile(r"[a-z]{20}\.supabase\.(co|in)")


def rules_of(config: Mapping[str, Any]) -> Rules | None:
    """The rules in a stack's configuration, None where there are none.

    Raises:
        CommandError: they cannot be read.
    """
    given = config.get("voicehooks:rules")
    if not given:
        return None

    try:
        return Rules.model_validate(json.loads(given) if isinstance(given, str) else given)
    except (ValidationError, ValueError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": str(error)}
        key = ".".join(["voicehooks:rules", *map(str, first["loc"])])
        raise CommandError(
            "the team's rules cannot be used", f"{key}: {first['msg']}", f"correct {key}"
        ) from None


def findings_of(
    rules: Rules | None, preview: Preview, numbers: Mapping[str, EffectiveSettings], handler: HandlerSettings
) -> list[Finding]:
    """Every rule that is broken, errors first.

    Args:
        rules: the rules.
        preview: the preview, for countries.
        numbers: by number, what will hold.
        handler: the functions' settings after the update.
    """
    if rules is None:
        return []
    found = [f for name, side in numbers.items() for f in _of_number(rules, name, side, handler)]
    found += _of_countries(rules, preview)
    return sorted(found, key=lambda finding: finding.level)


def _of_number(rules: Rules, name: str, side: EffectiveSettings, handler: HandlerSettings) -> Iterable[Finding]:
    settings = side.at_twilio
    urls = {kind: str(settings[kind]) for kind, _ in WEBHOOKS if settings.get(kind)}
    answered = bool(settings.get("voiceUrl"))
    for kind, url in urls.items():
        host = urlsplit(url).hostname or ""
        if rules.https and urlsplit(url).scheme != "https":
            yield Finding("https", rules.https, name, f"{kind} is not https: {url}")
        if rules.own_project and _PROJECT.fullmatch(host) and not url.startswith(f"{handler.functions_url}/"):
            yield Finding("ownProject", rules.own_project, name, f"{kind} is another Supabase project's: {url}")
        own = urlsplit(handler.functions_url).hostname
        if rules.hosts and host not in {own, *rules.hosts.only}:
            yield Finding("hosts", rules.hosts.level, name, f"{kind} is at {host}, which the rules do not name")
    if rules.callbacks and answered and not settings.get("statusCallback"):
        yield Finding(
            "callbacks", rules.callbacks, name, "no status callback: the database does not learn how calls end"
        )
    if rules.fallback and answered and not settings.get("voiceFallbackUrl"):
        yield Finding("fallback", rules.fallback, name, "no fallback URL: calls fail while the handler is down")
    retries = settings.get("delivery.retries", 1)
    if rules.retries and answered and retries < rules.retries.at_least:
        text = f"{count(retries, 'retry')}, at least {rules.retries.at_least} are asked for"
        yield Finding("retries", rules.retries.level, name, text)


def _of_countries(rules: Rules, preview: Preview) -> Iterable[Finding]:
    if rules.countries is None:
        return
    for permissions in preview.of("twilio", "DialingPermissions"):
        for country, kinds in (permissions.goal.get("countries") or {}).items():
            if country not in rules.countries.only and any(kinds.values()):
                text = "may be called, which the rules do not name"
                yield Finding("countries", rules.countries.level, country, text)
