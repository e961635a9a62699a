"""Account-wide settings made elsewhere: where all recordings report, and which Region processes calls."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from pulumi_twilio.delivery import split
from pulumi_twilio.webhook_url import mask

from voicehooks.commands.doctor import links
from voicehooks.commands.doctor.context import UNAVAILABLE
from voicehooks.commands.doctor.model import Check, Finding, Result, problem
from voicehooks.output.counting import count

if TYPE_CHECKING:
    from voicehooks.commands.doctor.context import Context

__all__ = ["CHECKS"]

_MOST_NUMBERS = 100
_AT_ONCE = 5
_HOME_REGION = "us1"


async def _recording_default(context: Context) -> Result:
    """Twilio docs, "Account default recording configuration": where all recordings of the account report."""
    settings = await context.settings()
    default = await context.optional_api("voice", "/v2/AccountDefaultConfiguration/Recording")
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
        return Result(f"none, or {UNAVAILABLE}")
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
            route = await context.optional_api("routes", f"/v2/PhoneNumbers/{number}")
        return number, "" if route is None else str(route["voice_region"] or "")

    routes = await asyncio.gather(*(routed(number) for number in numbers[:_MOST_NUMBERS]))
    known = [(number, actual) for number, actual in routes if actual]
    if not known:
        return Result(UNAVAILABLE)
    findings = [
        Finding(
            f"its calls are processed in {actual}, so its configuration in {region} is not used",
            do=f"process its calls in {region} (Twilio console, the number's page), or set twilio:region to "
            f"{actual} with credentials of that Region",
            subject=number,
            observed=actual,
            wanted=region,
            link=links.TWILIO_REGIONS,
        )
        for number, actual in known
        if actual != region
    ]
    return Result(f"{count(len(known), 'number')} processed in {region}", findings)


CHECKS = (
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
)
