"""Which settings differ from one state to the next, in the words of the settings file: ringSeconds 25 -> 40.

They are read from the `settings.json` of the deployed functions, so they are what callers met, and not what a
file said when a failed update began.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pulumi_twilio import delivery

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from voicehooks.stack.deployed_state import State

__all__ = ["deployed_settings", "settings_changes", "shown"]

# Shown with the numbers, or not a setting: where the functions are, which follows from the project.
_ELSEWHERE = frozenset({"defaults", "numbers", "delivery", "statusEvents", "functionsUrl", "functionName"})


def settings_changes(before: State, after: State) -> list[str]:
    """Return a few words for each setting that differs; empty where either state has no function."""
    old, new = deployed_settings(before), deployed_settings(after)
    if not old or not new:
        return []
    return [
        f"{whom} {name} {shown(was)} -> {shown(will)}".lstrip()
        for whom, name, was, will in _differences(old, new)
    ]


def deployed_settings(state: State) -> Mapping[str, Any]:
    """Return the settings that the handler was deployed with; empty where none is deployed."""
    functions = sorted(state.functions.items(), key=lambda item: item[0] != "twilio-webhook")
    for _, function in functions:
        files = function.inputs.get("files")
        text = files.get("settings.json") if isinstance(files, dict) else None
        try:
            content = json.loads(text) if isinstance(text, str) else None
        except ValueError:
            content = None
        if isinstance(content, dict):
            return content
    return {}


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, str, Any, Any]]:
    for name, was, will in _differing(old.get("defaults") or {}, new.get("defaults") or {}):
        yield "all numbers:", name, was, will
    was_numbers, will_numbers = old.get("numbers") or {}, new.get("numbers") or {}
    for number in sorted(was_numbers.keys() & will_numbers.keys()):
        for name, was, will in _differing(was_numbers[number] or {}, will_numbers[number] or {}):
            yield f"{number}", name, was, will
    for name, was, will in _differing(old, new):
        if name not in _ELSEWHERE:
            yield "", name, was, will


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield name, old.get(name), new.get(name)


def shown(value: Any) -> str:
    """Return a value as a screen shows it; a URL by its last part, where our functions differ."""
    if value is None:
        return "(not set)"
    if isinstance(value, dict):
        return ", ".join(f"{k} {shown(v)}" for k, v in sorted(value.items())) or "(empty)"
    if isinstance(value, list):
        return "+".join(map(str, value)) or "(empty)"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    if text.startswith(("http://", "https://")):
        return delivery.split(text)[0].rpartition("/")[2] or text
    return text or "(empty)"
