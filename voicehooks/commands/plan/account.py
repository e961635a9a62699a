"""The changes of the account's dialing permissions and recordings, and of the settings of the whole stack."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from voicehooks.commands.plan import risks
from voicehooks.commands.plan.model import Change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicehooks.commands.plan.effective import HandlerSettings
    from voicehooks.stack.preview import Preview, Resource

__all__ = [
    "changes_of_countries",
    "changes_of_environment",
    "changes_of_event_streams",
    "changes_of_recordings",
]

_KINDS = {
    "lowRisk": "low_risk",
    "highRiskSpecial": "high_risk_special",
    "highRiskTollfraud": "high_risk_tollfraud",
}
_RECORDINGS = {
    "callRecordingStatusCallback": "call_recording_status_callback",
    "conferenceRecordingStatusCallback": "conference_recording_status_callback",
    "channels": "channels",
    "trim": "trim",
}
_ELSEWHERE = {"defaults", "numbers", "delivery", "statusEvents"}
_LIVE = {"off": False, "on": True}


def changes_of_countries(preview: Preview) -> list[Change]:
    """What changes for each country that the account may call."""
    changes = []
    for permissions in preview.of("twilio", "DialingPermissions"):
        if permissions.operation == "same":
            continue
        said = _said(preview, permissions)
        was = permissions.live.get("countries") or permissions.live_inputs.get("countries") or {}
        will = permissions.goal.get("countries") or {}
        original = permissions.live.get("original") or {}
        for country in sorted({*was, *will}):
            for kind in _KINDS:
                old = was.get(country, {}).get(kind, said.get((country, kind)))
                new = will.get(country, {}).get(kind, _original(original, country, kind))
                managed = kind in was.get(country, {}) or kind in will.get(country, {})
                if managed and old != new:
                    wider = (risks.WIDER,) if new else ()
                    changes.append(Change("country", country, kind, old, new, wider))
    return changes


def changes_of_recordings(preview: Preview) -> list[Change]:
    """What changes about the recordings of the whole account: where they report, and how they are made."""
    changes = []
    for defaults in preview.of("twilio", "AccountRecordingDefaults"):
        if defaults.operation == "same":
            continue
        was, will = defaults.live or defaults.live_inputs, defaults.goal
        original = defaults.live.get("original")
        for name, field in _RECORDINGS.items():
            old = was.get(name)
            new = will.get(name)
            if new is None and name in defaults.live_inputs:  # it leaves the program and goes back
                new = original.get(field) if isinstance(original, dict) else None
            if (name in will or name in defaults.live_inputs) and old != new:
                changes.append(Change("other", "recordings of the account", name, old or None, new or None))
    return changes


def changes_of_event_streams(preview: Preview) -> list[Change]:
    """What changes about the events of the whole account: where they are sent, and which ones."""
    changes = []
    for kind, name in (("EventSink", "destination"), ("EventSubscription", "types")):
        for resource in preview.of("twilio", kind):
            if resource.operation == "same":
                continue
            old, new = (resource.live or resource.live_inputs).get(name), resource.goal.get(name)
            if isinstance(old, dict) or isinstance(new, dict):
                old, new = sorted(old or {}) or None, sorted(new or {}) or None
            if old != new:
                changes.append(Change("other", "events of the account", name, old, new))
    return changes


def _said(preview: Preview, permissions: Resource) -> dict[tuple[str, str], bool]:
    """What is live by the provider's own words: "GB low_risk off -> on"."""
    by_wire = {wire: kind for kind, wire in _KINDS.items()}
    found = {}
    for message in preview.messages(permissions.name):
        for country, wire, old in re.findall(r"\b([A-Z]{2}) (\w+) (on|off) ->", message):
            if wire in by_wire:
                found[country, by_wire[wire]] = _LIVE[old]
    return found


def _original(original: Any, country: str, kind: str) -> Any:
    entry = original.get(country) if isinstance(original, dict) else None
    return entry.get(f"{_KINDS[kind]}_numbers_enabled") if isinstance(entry, dict) else None


def changes_of_environment(before: HandlerSettings, after: HandlerSettings) -> list[Change]:
    """What changes for the whole environment: who may use the functions for pages, how often, and so on."""
    if not before.content or not after.content:
        return []
    was, will = before.content, after.content
    names = sorted((was.keys() | will.keys()) - _ELSEWHERE)
    return [
        Change("environment", "environment", name, was.get(name), will.get(name), _risks(name, was, will))
        for name in names
        if was.get(name) != will.get(name)
    ]


def _risks(name: str, was: Mapping[str, Any], will: Mapping[str, Any]) -> tuple[str, ...]:
    old, new = was.get(name), will.get(name)
    # Functions from before that limit rang any SIP host, and every country if none was named.
    unlimited = "totalCallsPerMinute" not in was
    if name == "callers":
        wider = old is not None and old["claim"] is not None and not _narrower(old, new)
    elif name == "allowedOrigins":
        wider = bool(set(new or []) - set(old or []))
    elif name in ("allowedCountries", "sipHosts"):
        wider = bool(set(new or []) - set(old or [])) and not (unlimited and not old)
    elif name in ("callsPerMinute", "totalCallsPerMinute"):
        wider = old is not None and (new or 0) > old
    else:
        wider = False
    return (risks.WIDER,) if wider else ()


def _narrower(old: Mapping[str, Any], new: Mapping[str, Any] | None) -> bool:
    """Whether everybody who has the new claim had the old one."""
    return new is not None and new["claim"] == old["claim"] and all(v in old["anyOf"] for v in new["anyOf"])
