"""Webhook rules of the account, which can change how Twilio signs and delivers the requests to our URLs.

An environment may create some itself; all others were made outside this project.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_twilio.webhook_api import rule_for

from voicehooks.commands.doctor import links
from voicehooks.commands.doctor.context import UNAVAILABLE
from voicehooks.commands.doctor.model import Check, Finding, Result
from voicehooks.output.counting import count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicehooks.commands.doctor.context import Context

__all__ = ["CHECKS"]

_MOST_PAGES = 20


async def _token_list(context: Context, path: str) -> list[dict[str, Any]] | None:
    """Read a list of the webhooks API, whose pages are named by tokens; None as for `_read`."""
    items: list[dict[str, Any]] = []
    query: dict[str, str | int] = {"pageSize": 100}
    for _ in range(_MOST_PAGES):
        page = await context.optional_api("webhooks", path, **query)
        if page is None:
            return None
        items += page.get(str(page["meta"]["key"])) or []
        token = page["meta"].get("nextToken")
        if not token:
            break
        query["pageToken"] = str(token)
    return items


async def _webhook_rules(context: Context) -> Result:
    """Twilio docs, "Webhook rules": the rule that matches a URL decides what signs, and the retries."""
    settings = await context.settings()
    rules = await _token_list(context, "/v1/Webhooks/Rules")
    if rules is None:
        return Result(UNAVAILABLE)
    if not rules and not settings.account.webhook_rules:
        return Result("the account has no webhook rules")
    state = await context.state()
    ours = {rule.id for rule in state.all("twilio:index:WebhookRule")}
    keys = set(state.signing_keys)
    known = {
        str(setting["id"]): setting for setting in await _token_list(context, "/v1/Webhooks/Settings") or []
    }
    findings: list[Finding] = []
    matched: dict[str, list[str]] = {}
    for url in (settings.webhook_url, settings.fallback_function_url):
        rule = rule_for(url, rules)
        if rule is not None:
            matched.setdefault(str(rule["id"]), []).append(url)
    for rule in rules:
        if urls := matched.get(str(rule["id"])):
            findings += _about_rule(rule, known, urls, keys, is_ours=str(rule["id"]) in ours)
    if settings.account.webhook_rules:
        findings += _about_token(context, settings.webhook_url, rules, known)
    if findings or not matched:
        return Result(f"{count(len(rules), 'webhook rule')}, none matches our URLs", findings)
    signer = "the environment's key signs" if ours else "the auth token signs"
    return Result(f"{count(len(matched), 'webhook rule')} for our URLs; {signer}")


def _about_token(
    context: Context, url: str, rules: list[dict[str, Any]], known: Mapping[str, Mapping[str, Any]]
) -> list[Finding]:
    """Whether Twilio signs with the auth token, although the settings want a key."""
    rule = rule_for(url, rules) or {"settings": [{}]}
    settings = [known.get(str(share.get("settingId")), {}) for share in rule["settings"]]
    if all((setting.get("signature") or {}).get("sharedKeyId") for setting in settings):
        return []
    return [
        Finding(
            "Twilio signs callbacks with the auth token, although the settings have account.webhookRules; with "
            "signature: key-only the functions refuse them",
            f"{context.up} --refresh",
            subject=url,
            observed="the account's auth token",
            wanted="the environment's signing key",
            link=links.TWILIO_RULES,
        )
    ]


def _about_rule(
    rule: Mapping[str, Any],
    known: Mapping[str, Mapping[str, Any]],
    urls: list[str],
    keys: set[str],
    *,
    is_ours: bool,
) -> list[Finding]:
    """What a rule that matches our URLs changes about their requests."""
    name = f"webhook rule {rule.get('friendlyName') or rule['id']}"
    change = f"change or delete the rule {rule['id']} in the Twilio console, or exclude our URLs from its match"
    findings = []
    for reference in rule.get("settings") or []:
        setting = known.get(str(reference["settingId"]))
        if setting is None:
            continue
        share = reference["percentage"]
        part = "each callback" if share == 100 else f"{share} % of our callbacks"
        signature = setting.get("signature") or {}
        key = signature.get("sharedKeyId")
        connection, zones = setting.get("connection"), setting.get("edgeZones") or {}
        if key and key not in keys:
            findings.append(
                Finding(
                    f"{part} will be refused with 403: {name} signs with shared key {key}",
                    do=change,
                    subject=", ".join(urls),
                    observed=f"{signature.get('algorithm') or 'a signature'} with {key}",
                    wanted="the account's primary auth token",
                    link=links.TWILIO_RULES,
                )
            )
        if connection and not is_ours:
            retries = (connection.get("retryPolicy") or {}).get("retryCount") or 0
            findings.append(
                Finding(
                    f"{name} decides time-outs and retries of {part}; `delivery` in the settings has no effect",
                    do=change,
                    subject=", ".join(urls),
                    observed=count(int(retries), "retry"),
                    wanted="what `delivery` says",
                    link=links.TWILIO_RULES,
                    severity="warning",
                    explains=("updates",),
                )
            )
        if zones.get("zones") and not zones.get("allowZoneFallback"):
            findings.append(
                Finding(
                    f"{name} delivers {part} from some edge zones only, and not at all if they are unavailable",
                    do="allow the fallback to other zones in a new setting of the rule",
                    subject=", ".join(urls),
                    observed=", ".join(map(str, zones["zones"])),
                    wanted="allowZoneFallback: true",
                    link=links.TWILIO_RULES,
                    severity="warning",
                    explains=(),
                )
            )
    return findings


CHECKS = (
    Check(
        "webhook-rules",
        "No webhook rule of the account changes how our callbacks are signed or how often Twilio tries.",
        _webhook_rules,
        depends_on=("twilio-credentials", "account", "settings"),
        explains=("connecting", "updates", "recording"),
    ),
)
