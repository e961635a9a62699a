"""The changes of numbers, and of the calls that are created by API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_twilio import delivery
from pulumi_twilio.voice_configuration.table import TABLE
from pulumi_twilio.voice_properties import URLS, WEBHOOKS

from infra.number_settings import Delivery, NumberSettings
from infra.settings_model import ActsOn
from voicehooks.commands.plan import risks
from voicehooks.commands.plan.effective import effective_settings, own_properties
from voicehooks.commands.plan.model import Change
from voicehooks.commands.plan.routes import handling, route_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicehooks.commands.plan.effective import EffectiveSettings, HandlerSettings
    from voicehooks.stack.preview import Preview, Resource

__all__ = ["Numbers", "changes_of_calls", "changes_of_numbers"]

# The order in which a number's rows are shown: who answers, its URLs as its resource has them, its settings.
_ORDER = [
    "number",
    "TwiML App",
    "trunk",
    *(p.name for p in URLS),
    "voiceCallerIdLookup",
    *(f"delivery.{key}" for key in Delivery.setting_keys()),
    *NumberSettings.keys_acting_on(ActsOn.HANDLER),
]
# What a call that is created by API takes from the handler's defaults.
_CALLS = [
    key
    for key in NumberSettings.keys_acting_on(ActsOn.CREATED_CALLS)
    if key in NumberSettings.keys_acting_on(ActsOn.HANDLER)
]
CREATED_CALLS = "created calls"
_URLS = {url for url, _ in WEBHOOKS}
_WRITTEN = {p.name for p in TABLE.properties if p.wire} | {"delivery"}


class Numbers:
    """What a preview says about numbers.

    Attributes:
        changes: by number and setting.
        joining: numbers that come under management.
        leaving: numbers that are given back.
        routes: by number that changes, who takes its calls afterwards.
        after: by number, what holds afterwards.
        names: by number, its name in the Twilio console, where that says more than the number.
    """

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.changes: list[Change] = []
        self.joining: list[str] = []
        self.leaving: list[str] = []
        self.routes: dict[str, str] = {}
        self.after: dict[str, EffectiveSettings] = {}


def changes_of_numbers(preview: Preview, before: HandlerSettings, after: HandlerSettings) -> Numbers:
    """What changes for each number."""
    found = Numbers()
    applications = preview.of("twilio", "Application")
    for number in preview.of("twilio", "VoiceConfiguration"):
        was, will = effective_settings(number, applications, before, after)
        changes = _changes(number, was, will, after)
        found.changes += changes
        name = str(number.live.get("friendlyName") or "")
        if changes and _digits(name) not in _digits(number.name) + "|":
            found.names[number.name] = name
        if number.operation == "create":
            found.joining.append(number.name)
        if number.operation == "delete":
            found.leaving.append(number.name)
        else:
            found.after[number.name] = will
        if changes:
            found.routes[number.name] = route_of(will, after)
    return found


def _changes(
    number: Resource, was: EffectiveSettings, will: EffectiveSettings, handler: HandlerSettings
) -> list[Change]:
    before, after = was.settings, will.settings
    both_in_handler = was.by_handler and will.by_handler
    names = before.keys() | after.keys() if both_in_handler else was.at_twilio.keys() | will.at_twilio.keys()
    rows = []
    if number.operation == "create":
        names = {n for n in names if before.get(n)} | {"voiceUrl"}
        rows.append(Change("number", number.name, "number", None, "joins; it exists, nothing is bought"))
    if number.operation == "delete":
        names = {n for n in names if after.get(n)} | {"voiceUrl", "TwiML App"}
        kept = (number.live_inputs or number.recorded_inputs).get("onDelete") == "keep"
        words = "left as it is, no longer managed" if kept else f"given back to: {route_of(will, handler)}"
        rows.append(Change("number", number.name, "number", None, words))
    for name in sorted(names, key=_rank):
        old, new = before.get(name), after.get(name)
        if old == new or (not old and not new and isinstance(old or new or "", str)):
            continue
        found = risks.of_number(name, old, new, before, after)
        if name in _URLS and number.operation != "delete" and risks.outside(new, handler.functions_url):
            found = (*found, risks.OUTSIDE)
        if name == "voiceUrl" and not both_in_handler:
            # The handler's settings are not listed one by one where it starts or stops taking the calls.
            found = (
                *found,
                *risks.of_number("record", before.get("record"), after.get("record"), before, after),
            )
        rows.append(Change("number", number.name, name, old, new, found))
    if will.by_handler and not was.by_handler and before.get("voiceUrl") == after.get("voiceUrl"):
        recording = risks.of_number("record", None, after.get("record"), before, after)
        rows.append(
            Change(
                "number",
                number.name,
                "answered by",
                "a function that this stack did not deploy",
                f"this project's handler, which {handling(will.in_handler)}",
                (risks.OTHER_CODE, *recording),
            )
        )
    return rows or _unused(number, was)


def _unused(number: Resource, was: EffectiveSettings) -> list[Change]:
    """What the update writes to a number without a change for its callers, because its calls go elsewhere."""
    if number.operation != "update":
        return []
    before, after = own_properties(number)
    taker = "a trunk" if was.settings.get("trunk") else "a TwiML App" if was.settings.get("TwiML App") else ""
    note = f" (not in use: {taker} takes its calls)" if taker else ""
    rows = []
    for path in number.diff:
        name, _, key = path.partition(".")
        if name in _WRITTEN:
            old, new = before.get(name), after.get(name)
            pair = ((old or {}).get(key), (new or {}).get(key)) if key else (old, new)
            if pair[0] != pair[1]:
                rows.append(Change("number", number.name, path + note, *pair))
    return rows


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def changes_of_calls(before: HandlerSettings, after: HandlerSettings) -> list[Change]:
    """What changes for calls that are created by API, which follow the defaults."""
    if not before.content or not after.content:
        return []
    was, will = _of_calls(before.content), _of_calls(after.content)
    return [
        Change("calls", CREATED_CALLS, n, was.get(n), will.get(n), _of_call(n, was, will))
        for n in sorted(was.keys() | will.keys(), key=_rank)
        if was.get(n) != will.get(n)
    ]


def _of_call(name: str, was: Mapping[str, Any], will: Mapping[str, Any]) -> tuple[str, ...]:
    return risks.of_number(name, was.get(name), will.get(name), was, will)


def _of_calls(content: Mapping[str, Any]) -> dict[str, Any]:
    defaults = content.get("defaults", {})
    return {**{name: defaults.get(name) for name in _CALLS}, **_delivery(content.get("delivery", ""))}


def _delivery(fragment: str) -> dict[str, Any]:
    """Connection overrides by the settings' names; what the provider does not write is shown as it is."""
    overrides = delivery.parse(fragment.removeprefix("#"))
    if overrides is None:
        return {"delivery": fragment}
    return {f"delivery.{name}": value for name, value in overrides.items()}


def _rank(name: str) -> tuple[int, str]:
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)
