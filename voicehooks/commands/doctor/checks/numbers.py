"""The numbers: owned, routed to the handler, as the last update left them, as the settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_twilio import delivery
from pulumi_twilio.webhook_url import mask

from voicehooks.commands.doctor import links
from voicehooks.commands.doctor.differences import differences
from voicehooks.commands.doctor.model import Check, Finding, Result
from voicehooks.output.counting import count
from voicehooks.output.errors import CommandError
from voicehooks.output.identifiers import shorten
from voicehooks.stack.settings_file import in_line

if TYPE_CHECKING:
    from voicehooks.commands.doctor.context import Context
    from voicehooks.commands.doctor.differences import Difference
    from voicehooks.stack.deployed_state import Resource

__all__ = ["CHECKS", "is_routed", "owned_by"]

_TWILIO = ("twilio-credentials", "account")


async def _numbers(context: Context) -> Result:
    settings, live, state = await context.settings(), await context.live_numbers(), await context.state()
    findings = []
    for number in settings.named_numbers:
        found = live.get(number)
        if found is None:
            findings.append(
                Finding(
                    "the account does not own it",
                    context.up,
                    do=f"remove it from voicehooks:numbers in {context.file}, or buy it in the console",
                    subject=number,
                    wanted="a number of the account",
                    link=links.TWILIO_NUMBERS,
                )
            )
        elif not (found.get("capabilities") or {}).get("voice"):
            findings.append(
                Finding(
                    "it can neither take nor make calls",
                    context.up,
                    do=f"remove it from voicehooks:numbers in {context.file}",
                    subject=number,
                    observed="a number without the voice capability",
                    link=links.twilio_number(found["sid"]),
                )
            )
        elif state.deployed and number not in state.numbers:
            findings.append(
                Finding(
                    "it is in the settings, but no update has configured it yet",
                    context.up,
                    subject=number,
                    link=links.twilio_number(found["sid"]),
                )
            )
    managed = set(settings.named_numbers) | set(state.numbers)
    return Result(f"{len(managed)} managed, all owned and voice-capable", findings)


async def _differing(context: Context) -> list[tuple[str, str, Difference]]:
    """Subject, page and difference of everything that is not as the last update left it."""
    state, live = await context.state(), await context.live_numbers()
    found = [
        (number, links.twilio_number(live[number]["sid"]), difference)
        for number, resource in state.numbers.items()
        if number in live
        for difference in differences(resource, live[number])
    ]
    if state.application is not None:
        sid = str(state.application.outputs.get("applicationSid"))
        app = (await context.live_applications()).get(sid)
        if app is not None:
            found += [
                (f"TwiML App {shorten(sid)}", links.TWILIO_APPS, d) for d in differences(state.application, app)
            ]
    return found


async def owned_by(code: str, context: Context, what: str) -> list[Finding]:
    """The findings of the differences that belong to one check; what was diverted on purpose is no repair."""
    diverted = await _diverted(context)
    return [
        diverted[subject]
        if subject in diverted and one.property in ("voiceUrl", "voiceMethod", "voiceApplicationSid")
        else Finding(
            what.format(property=one.property) + (f": it {one.why}" if one.why else ""),
            f"{context.up} --refresh",
            subject=subject,
            observed=one.observed,
            wanted=one.wanted,
            link=page,
            explains=_explains(one.property) if code in ("drift", "urls") else None,
        )
        for subject, page, one in await _differing(context)
        if one.owner == code
    ]


async def _diverted(context: Context) -> dict[str, Finding]:
    """A finding for each number that `voicehooks divert` has sent elsewhere, by number."""
    try:
        settings = await context.settings()
    except CommandError:
        return {}
    return {
        number: Finding(
            f"diverted on purpose{f' by {one.by}' if one.by else ''}{f' at {one.since}' if one.since else ''}",
            f"voicehooks divert {number} --undo --stack {context.name}",
            subject=number,
            observed=one.to,
            severity="warning",
            explains=("connecting",),
        )
        for number, one in settings.diverted.items()
    }


def _explains(name: str) -> tuple[Any, ...]:
    if name.startswith("voice"):
        return ("connecting", "recording") if not name.startswith("voiceFallback") else ()
    return ("updates",)


async def _precedence(context: Context) -> Result:
    state, live = await context.state(), await context.live_numbers()
    findings, routes = [], []
    ours = str(state.application.outputs.get("applicationSid")) if state.application else ""
    for number, resource in state.numbers.items():
        found = live.get(number)
        if found is None:
            continue
        trunk, app = found.get("trunk_sid") or "", found.get("voice_application_sid") or ""
        routes.append(_route(number, found, await context.live_applications() if app else {}))
        page = links.twilio_number(found["sid"])
        if not is_routed(resource):
            continue  # the settings leave who answers it as it is
        wants_app = (
            str(resource.outputs.get("voiceApplicationSid") or "")
            if "voiceApplicationSid" in resource.inputs
            else ""
        )
        if trunk:
            findings.append(
                Finding(
                    f"a SIP trunk takes its calls and ignores its URLs: {shorten(trunk)}",
                    f"{context.up} --refresh",
                    do="take the number off the trunk in the console",
                    subject=number,
                    observed=f"trunk {shorten(trunk)}",
                    wanted="no trunk",
                    link=page,
                )
            )
        elif app and app != (wants_app or ours or ""):
            findings.append(
                Finding(
                    f"a TwiML App overrides its URLs: {shorten(app)}",
                    f"{context.up} --refresh",
                    do="clear the app at the number in the console",
                    subject=number,
                    observed=f"app {shorten(app)}",
                    wanted=f"app {shorten(ours)}" if wants_app else "no app",
                    link=page,
                )
            )
        elif wants_app and not app:
            findings.append(
                Finding(
                    "it has left the shared TwiML App, so its own URLs are used",
                    f"{context.up} --refresh",
                    subject=number,
                    observed="no app",
                    wanted=f"app {shorten(wants_app)}",
                    link=page,
                )
            )
    summary = routes[0] if len(routes) == 1 else f"{len(routes)} numbers, and nothing overrides their URLs"
    return Result(summary, findings, routes)


def is_routed(resource: Resource) -> bool:
    """Whether the program says who takes a number's calls."""
    return any(resource.inputs.get(name) for name in ("voiceUrl", "voiceApplicationSid"))


def _route(number: str, live: dict[str, Any], apps: dict[str, dict[str, Any]]) -> str:
    if live.get("trunk_sid"):
        return f"{number} -> trunk {shorten(live['trunk_sid'])}"
    app = live.get("voice_application_sid")
    source, via = live, ""
    if app:
        source, via = apps.get(app, {}), f"app {shorten(app)} -> "
    address, overrides = delivery.split(str(source.get("voice_url") or ""))
    policy = delivery.parse(overrides) or {}
    retries = f"; {count(policy['retries'], 'retry')}" if policy.get("retries") else ""
    fallback = delivery.split(str(source.get("voice_fallback_url") or ""))[0]
    return f"{number} -> {via}{mask(address) or '(nothing)'}; fallback {mask(fallback) or '(none)'}{retries}"


async def _urls(context: Context) -> Result:
    findings = await owned_by("urls", context, "{property} breaks the rules")
    return Result("https, no trailing slash, POST", findings)


async def _drift(context: Context) -> Result:
    findings = await owned_by("drift", context, "{property} was changed elsewhere since the last update")
    state = await context.state()
    if state.application is not None:
        sid = str(state.application.outputs.get("applicationSid"))
        if sid not in await context.live_applications():
            findings.append(
                Finding(
                    f"the shared TwiML App {shorten(sid)} was deleted: its numbers fell back to their own URLs",
                    f"{context.up} --refresh",
                    link=links.TWILIO_APPS,
                )
            )
    return Result("Twilio has what the last update left", findings)


async def _settings_drift(context: Context) -> Result:
    settings, state = await context.settings(), await context.state()
    deployed = state.stack_outputs.get("numbers") or {}
    findings = []
    for number, own in settings.named_numbers.items():
        if number not in deployed or number not in state.numbers:
            continue
        in_force = own.with_defaults(settings.defaults).model_dump(
            mode="json", by_alias=True, exclude_none=True
        )
        # Retries are written with the number's URLs: where none is managed, they act nowhere.
        unused = {"delivery"} - state.numbers[number].inputs.keys() if "delivery" in in_force else set()
        changed = [
            name
            for name in {**in_force, **{k: 0 for k in deployed[number] if k in _setting_names(own)}}
            if in_force.get(name) != deployed[number].get(name)
            and name not in unused
            and not (name in ("voiceUrl", "statusCallback", "delivery") and name not in in_force)
        ]
        findings += [
            Finding(
                f"{name} differs between the settings file and what is deployed",
                context.up,
                subject=number,
                observed=in_line(deployed[number][name]) if name in deployed[number] else "(absent)",
                wanted=in_line(in_force[name]) if name in in_force else "(absent)",
                explains=("recording",) if name.startswith("record") else (),
            )
            for name in sorted(changed)
        ]
    return Result("the settings file equals what is deployed", findings)


def _setting_names(own: Any) -> set[str]:
    return {info.alias or name for name, info in type(own).model_fields.items()}


CHECKS = (
    Check(
        "numbers",
        "The account owns every number in the settings, and each can take calls and is deployed.",
        _numbers,
        ("twilio-credentials", "account", "settings"),
        explains=("connecting", "updates", "recording"),
    ),
    Check(
        "precedence",
        "No trunk or other TwiML App overrides a number's URLs; shows where its calls go.",
        _precedence,
        (*_TWILIO, "deployed"),
        explains=("connecting", "updates", "recording"),
    ),
    Check(
        "urls",
        "URLs are https, without trailing slash, credentials or fragment, and requested with POST.",
        _urls,
        (*_TWILIO, "deployed"),
    ),
    Check(
        "drift",
        "Twilio's configuration is as the last update left it, property by property.",
        _drift,
        (*_TWILIO, "deployed", "lock"),
    ),
    Check(
        "settings-drift",
        "The deployed settings are those of the settings file.",
        _settings_drift,
        ("settings", "deployed", "lock"),
        severity="warning",
    ),
)
