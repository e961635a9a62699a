"""What holds for a number before and after: its own URLs or its TwiML App's, and the handler's settings."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pulumi_twilio import delivery
from pulumi_twilio.voice_properties import WEBHOOKS

from voicehooks.stack.preview import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicehooks.stack.preview import Preview, Resource

__all__ = [
    "EMPTY",
    "EffectiveSettings",
    "HandlerSettings",
    "effective_settings",
    "handler_settings",
    "own_properties",
]

EMPTY = "(empty)"
"""How the provider shows an empty field."""

_RESTORED = {
    "voice_url": "voiceUrl",
    "voice_fallback_url": "voiceFallbackUrl",
    "status_callback": "statusCallback",
    "voice_application_sid": "voiceApplicationSid",
    "trunk_sid": "trunkSid",
}


@dataclass(frozen=True)
class HandlerSettings:
    """The deployed functions' settings, from their `settings.json`.

    Attributes:
        content: all of it; empty where no function is deployed.
    """

    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def functions_url(self) -> str:
        """What every function's public URL starts with."""
        return str(self.content.get("functionsUrl", ""))

    @property
    def url(self) -> str:
        """The webhook URL, or the empty string."""
        return f"{self.functions_url}/{self.content.get('functionName')}" if self.content else ""

    def settings(self, number: str) -> dict[str, Any]:
        """What holds for a number: its own settings over the defaults."""
        own = self.content.get("numbers", {}).get(number, {})
        return {**self.content.get("defaults", {}), **own}


@dataclass(frozen=True)
class EffectiveSettings:
    """A number before or after: the settings in force, by name.

    Attributes:
        at_twilio: what Twilio has.
        in_handler: what the handler does with its calls.
        by_handler: whether the handler takes its calls; else `in_handler` is empty.
    """

    at_twilio: dict[str, Any]
    in_handler: dict[str, Any]
    by_handler: bool

    @property
    def settings(self) -> dict[str, Any]:
        """Both together."""
        return {**self.at_twilio, **self.in_handler}


def handler_settings(preview: Preview) -> tuple[HandlerSettings, HandlerSettings]:
    """The functions' settings before and after."""
    before = after = HandlerSettings()
    functions = preview.of("supabase", "EdgeFunction")
    for function in sorted(functions, key=lambda f: f.name == "twilio-webhook"):
        before = _handler(function.live_inputs or function.recorded_inputs) or before
        after = _handler(function.goal) or after
    return before, after


def _handler(inputs: Mapping[str, Any]) -> HandlerSettings | None:
    files = inputs.get("files")
    text = files.get("settings.json") if isinstance(files, dict) else None
    try:
        content = json.loads(text) if text else None
    except ValueError:
        return None
    return HandlerSettings(content) if isinstance(content, dict) else None


def effective_settings(
    number: Resource, applications: list[Resource], before: HandlerSettings, after: HandlerSettings
) -> tuple[EffectiveSettings, EffectiveSettings]:
    """What holds for a number before and after the update.

    Args:
        number: its voice configuration.
        applications: the TwiML Apps of the program.
        before: the handler's settings before.
        after: its settings after.
    """
    was = _before(number)
    will = _after(number, was)
    return (
        _side(number, was, applications, before, future=False),
        _side(number, will, applications, after, future=True),
    )


def own_properties(number: Resource) -> tuple[dict[str, Any], dict[str, Any]]:
    """The number's own properties before and after, also those that a TwiML App or a trunk keeps out of use."""
    was = _before(number)
    return was, _after(number, was)


def _before(number: Resource) -> dict[str, Any]:
    if number.operation == "create":
        return _restored(number.goal.get("restores"))
    return dict(number.live or number.recorded)


def _after(number: Resource, was: Mapping[str, Any]) -> dict[str, Any]:
    inputs = number.live_inputs or number.recorded_inputs
    restored = _restored(inputs.get("restores"))
    if number.operation == "delete":
        if inputs.get("onDelete") == "keep":
            return dict(was)
        managed = {name for name in _RESTORED.values() if name in inputs}
        return {**was, **{k: v for k, v in restored.items() if k in managed}, "delivery": {}}
    left = inputs.keys() - number.goal.keys() - {"restores"}
    back: dict[str, Any] = {name: restored.get(name, "") for name in left if name in _RESTORED.values()}
    if "delivery" in left:
        back["delivery"] = {}
    cleared = {}
    if number.goal.get("voiceUrl"):
        cleared = {"voiceApplicationSid": "", "trunkSid": ""}
    elif number.goal.get("voiceApplicationSid"):
        cleared = {"trunkSid": ""}
    return {**was, **cleared, **back, **number.goal}


def _restored(shown: Any) -> dict[str, Any]:
    given = shown if isinstance(shown, dict) else {}
    return {camel: ("" if given[n] == EMPTY else given[n]) for n, camel in _RESTORED.items() if n in given}


def _side(
    number: Resource,
    own: Mapping[str, Any],
    applications: list[Resource],
    handler: HandlerSettings,
    *,
    future: bool,
) -> EffectiveSettings:
    route = {}
    source: Mapping[str, Any] = own
    if own.get("trunkSid"):
        route = {"trunk": own["trunkSid"]}
        source = {}
    elif own.get("voiceApplicationSid"):
        app = _application(own["voiceApplicationSid"], applications)
        route = {
            "TwiML App": app.goal.get("friendlyName") or app.live.get("friendlyName")
            if app
            else own["voiceApplicationSid"]
        }
        source = _of_application(app, future=future) if app else {}
    at_twilio = {**route, **_urls(source)}
    if own.get("voiceCallerIdLookup"):
        at_twilio["voiceCallerIdLookup"] = True
    takes_calls = bool(handler.url) and _plain(at_twilio.get("voiceUrl")) == handler.url
    in_handler = {k: v for k, v in handler.settings(number.name).items() if k != "answer"}
    return EffectiveSettings(at_twilio, in_handler if takes_calls else {}, takes_calls)


def _application(sid: str, applications: list[Resource]) -> Resource | None:
    if sid == UNKNOWN and len(applications) == 1:
        return applications[0]
    return next((app for app in applications if app.id == sid), None)


def _of_application(app: Resource, *, future: bool) -> Mapping[str, Any]:
    live = app.live or app.recorded
    if not future:
        return live
    gone = (app.live_inputs or app.recorded_inputs).keys() - app.goal.keys()
    return {**{k: v for k, v in live.items() if k not in gone}, **app.goal}


def _urls(source: Mapping[str, Any]) -> dict[str, Any]:
    urls = {url: source[url] for url, _ in WEBHOOKS if isinstance(source.get(url), str)}
    methods = {
        method: source[method]
        for url, method in WEBHOOKS
        if urls.get(url) and source.get(method, "POST") != "POST"
    }
    delivery = source.get("delivery") or {}
    shown = {f"delivery.{k}": v for k, v in delivery.items()} if any(urls.values()) else {}
    return {**urls, **methods, **shown}


def _plain(url: Any) -> str:
    return delivery.split(str(url or ""))[0]
