"""Settings of the whole account that somebody else may have made: each can change what happens to our URLs.

Their APIs are new, some are in beta, and an API key may lack the right to read them. Twilio then answers 403 or
404, which says nothing about our calls.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

from pulumi_twilio.client import TwilioError
from pulumi_twilio.delivery import split
from pulumi_twilio.webhook_url import mask

from voicehooks.commands.doctor import links
from voicehooks.commands.doctor.model import Check, Finding, Result, problem
from voicehooks.output.counting import count
from voicehooks.vendors.webhook_rules import rule_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicehooks.commands.doctor.context import Context

__all__ = ["CHECKS"]

_UNAVAILABLE = "not available here"
_MOST_PAGES = 20
_MOST_NUMBERS = 100
_AT_ONCE = 5
_HOME_REGION = "us1"


async def _read(context: Context, host: str, path: str, **query: str | int) -> dict[str, Any] | None:
    """Read an account-wide API; None where this account or these credentials cannot."""
    client = await context.twilio()
    try:
        return await client.get(path, host=host, **query)
    except TwilioError as error:
        if error.status not in (403, 404):
            raise
        return None


async def _token_list(context: Context, path: str) -> list[dict[str, Any]] | None:
    """Read a list of the webhooks API, whose pages are named by tokens; None as for `_read`."""
    found: list[dict[str, Any]] = []
    query: dict[str, str | int] = {"pageSize": 100}
    for _ in range(_MOST_PAGES):
        page = await _read(context, "webhooks", path, **query)
        if page is None:
            return None
        found += page.get(str(page["meta"]["key"])) or []
        token = page["meta"].get("nextToken")
        if not token:
            break
        query["pageToken"] = str(token)
    return found


async def _webhook_rules(context: Context) -> Result:
    """Twilio docs, "Webhook rules": the rule that matches a URL decides what signs, and the retries."""
    settings = await context.settings()
    rules = await _token_list(context, "/v1/Webhooks/Rules")
    if rules is None:
        return Result(_UNAVAILABLE)
    if not rules:
        return Result("the account has no webhook rules")
    known = {str(one["id"]): one for one in await _token_list(context, "/v1/Webhooks/Settings") or []}
    findings: list[Finding] = []
    matched: dict[str, list[str]] = {}
    for url in (settings.webhook_url, settings.fallback_function_url):
        rule = rule_for(url, rules)
        if rule is not None:
            matched.setdefault(str(rule["id"]), []).append(url)
    for rule in rules:
        if urls := matched.get(str(rule["id"])):
            findings += _about_rule(rule, known, urls)
    if findings or not matched:
        return Result(f"{count(len(rules), 'webhook rule')}, none matches our URLs", findings)
    return Result(f"{count(len(matched), 'webhook rule')} for our URLs; the auth token signs")


def _about_rule(
    rule: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]], urls: list[str]
) -> list[Finding]:
    """What a rule that matches our URLs changes about their requests."""
    name = f"webhook rule {rule.get('friendlyName') or rule['id']}"
    change = f"change or delete the rule {rule['id']} in the Twilio console, or exclude our URLs from its match"
    findings = []
    for reference in rule.get("settings") or []:
        setting = known.get(str(reference["settingId"]))
        if setting is None:
            continue
        share = reference.get("percentage", 100)
        part = "each callback" if share == 100 else f"{share} % of our callbacks"
        signature = setting.get("signature") or {}
        key = signature.get("sharedKeyId")
        connection, zones = setting.get("connection"), setting.get("edgeZones") or {}
        if key:
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
        if connection:
            retries = (connection.get("retryPolicy") or {}).get("retryCount") or 0
            findings.append(
                Finding(
                    f"{name} decides time-outs and retries of {part}; `delivery` in the settings has no effect",
                    do=change,
                    subject=", ".join(urls),
                    observed=count(int(retries), "retry", "retries"),
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


async def _recording_default(context: Context) -> Result:
    """Twilio docs, "Account default recording configuration": where all recordings of the account report."""
    settings = await context.settings()
    default = await _read(context, "voice", "/v2/AccountDefaultConfiguration/Recording")
    if default is None and settings.account.recording_callback:
        return problem(
            "the account has no default recording configuration, although the settings have "
            "account.recordingCallback",
            context.up,
            observed="none, or these credentials may not read it",
            wanted=settings.webhook_url,
            link=links.TWILIO_RECORDING_DEFAULT,
            severity="problem",
        )
    if default is None:
        return Result(f"none, or {_UNAVAILABLE}")
    callback = (default["configuration"] or {}).get("callRecordingStatusCallback") or {}
    url = split(str(callback.get("url") or ""))[0]
    if url == settings.webhook_url:
        return Result("every recording of the account reports to this environment")
    place = _place(url)
    if settings.account.recording_callback:
        return problem(
            f"the account's recordings report to {place}, although the settings have account.recordingCallback",
            f"pulumi preview --diff --stack {context.name}",
            do="decide which environment has the account's recording callback; the other one leaves it out",
            observed=place,
            wanted=settings.webhook_url,
            link=links.TWILIO_RECORDING_DEFAULT,
            severity="problem",
        )
    numbers = [own.with_defaults(settings.defaults) for own in settings.named_numbers.values()]
    records = any(own.record not in (None, "do-not-record") for own in [settings.defaults, *numbers])
    if not records:
        return Result(f"it reports recordings to {place}; this environment records no calls")
    return problem(
        f"the account's default recording configuration reports to {place}, and this environment requests "
        "recordings with a callback of its own",
        do="check on a call whether both receive the recording; if one does not, keep only one of the two",
        observed=place,
        wanted="one place that says where recordings report",
        link=links.TWILIO_RECORDING_DEFAULT,
    )


_HANDLER = re.compile(r"https://([a-z]{20})\.supabase\.co/functions/v1/[^/]+")


def _place(url: str) -> str:
    """Name where recordings report: another environment by its project, anything else without its secrets."""
    if not url:
        return "no URL"
    handler = _HANDLER.fullmatch(url)
    return f"another environment (project {handler[1]})" if handler else mask(url)


async def _region(context: Context) -> Result:
    """Twilio docs, "Inbound call processing": each Region has its own record of a number, and uses that one."""
    settings, live = await context.settings(), await context.live_numbers()
    region = context.environment.twilio_address.region or _HOME_REGION
    numbers = [number for number in settings.named_numbers if number in live]
    if "*" in settings.numbers:
        answered = await context.answered_numbers()
        numbers += [number for number in live if number in answered and number not in numbers]
    limit = asyncio.Semaphore(_AT_ONCE)

    async def routed(number: str) -> tuple[str, str]:
        async with limit:
            route = await _read(context, "routes", f"/v2/PhoneNumbers/{number}")
        return number, "" if route is None else str(route["voice_region"] or "")

    routes = await asyncio.gather(*(routed(number) for number in numbers[:_MOST_NUMBERS]))
    read = [(number, found) for number, found in routes if found]
    if not read:
        return Result(_UNAVAILABLE)
    findings = [
        Finding(
            f"its calls are processed in {found}, so its configuration in {region} is not used",
            do=f"process its calls in {region} (Twilio console, the number's page), or set twilio:region to "
            f"{found} with credentials of that Region",
            subject=number,
            observed=found,
            wanted=region,
            link=links.TWILIO_REGIONS,
        )
        for number, found in read
        if found != region
    ]
    return Result(f"{count(len(read), 'number')} processed in {region}", findings)


async def _event_sinks(context: Context) -> Result:
    """Twilio docs, "Event Streams": a sink that failed receives nothing more."""
    sinks, subscriptions = await asyncio.gather(
        _read(context, "events", "/v1/Sinks", PageSize=100),
        _read(context, "events", "/v1/Subscriptions", PageSize=100),
    )
    if sinks is None or subscriptions is None:
        return Result(_UNAVAILABLE)
    known = {sink["sid"]: sink for sink in sinks["sinks"]}
    findings = [
        Finding(
            f"the event sink {sink.get('description') or sid} has failed: Twilio sends it no more events",
            do="repair its destination, then create the sink again",
            subject=sid,
            observed="failed",
            wanted="active",
            link=links.TWILIO_EVENTS,
        )
        for sid, sink in known.items()
        if sink["status"] == "failed"
    ]
    findings += await _lost_destinations(context, known)
    if not sinks["meta"].get("next_page_url"):
        findings += [
            Finding(
                f"the event subscription {one.get('description') or one['sid']} points at a missing sink",
                do="delete the subscription, or create it again with an existing sink",
                subject=str(one["sid"]),
                observed=str(one["sink_sid"]),
                wanted="a sink of this account",
                link=links.TWILIO_EVENTS,
            )
            for one in subscriptions["subscriptions"]
            if one["sink_sid"] not in known
        ]
    return Result(count(len(known), "event sink") if known else "the account has no event sinks", findings)


async def _lost_destinations(context: Context, sinks: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
    """Find the sinks that send to a function of our project which is not deployed."""
    base = f"{(await context.settings()).functions_url}/"
    ours = {sid: slug for sid, sink in sinks.items() if (slug := _slug(sink, base))}
    deployed = await context.functions() if ours else {}
    return [
        Finding(
            f"the event sink {sinks[sid].get('description') or sid} sends to the function {slug}, which is not "
            "deployed",
            do=f"deploy {slug}, or delete the sink",
            subject=sid,
            observed=slug,
            wanted="a deployed function",
            link=links.TWILIO_EVENTS,
        )
        for sid, slug in ours.items()
        if slug not in deployed
    ]


def _slug(sink: Mapping[str, Any], base: str) -> str:
    """The function of our project that a sink sends to; empty for any other destination."""
    configuration = sink.get("sink_configuration")
    if isinstance(configuration, str):
        try:
            configuration = json.loads(configuration)
        except ValueError:
            return ""
    destination = str(configuration.get("destination") or "") if isinstance(configuration, dict) else ""
    return destination.removeprefix(base).partition("?")[0] if destination.startswith(base) else ""


CHECKS = (
    Check(
        "webhook-rules",
        "No webhook rule of the account changes what signs our callbacks, or how often Twilio tries.",
        _webhook_rules,
        depends_on=("twilio-credentials", "account", "settings"),
        explains=("connecting", "updates", "recording"),
    ),
    Check(
        "account-recording-default",
        "The account's default recording configuration and our own recording callbacks do not compete.",
        _recording_default,
        depends_on=("twilio-credentials", "account", "settings"),
        severity="warning",
        explains=("recording",),
    ),
    Check(
        "region",
        "Twilio processes each number's calls in the Region that this environment configures.",
        _region,
        depends_on=("twilio-credentials", "account", "settings"),
        explains=("connecting", "updates", "recording"),
    ),
    Check(
        "event-sinks",
        "No Event Streams sink has failed or sends to a missing function, and no subscription lacks its sink.",
        _event_sinks,
        depends_on=("twilio-credentials", "account", "settings"),
        severity="warning",
    ),
)
