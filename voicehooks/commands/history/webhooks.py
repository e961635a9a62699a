"""What changed from one state to the next, in webhook terms: numbers, functions, secrets, migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_twilio.voice_configuration.table import TABLE

from voicehooks.commands.history.settings import settings_changes, shown
from voicehooks.stack.deployed_state import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicehooks.stack.deployed_state import Resource

__all__ = ["ROUTE", "changes"]

ROUTE = tuple(p.name for p in TABLE.properties if p.wire or p.name == "delivery")
"""What a number or a TwiML App has of a route, by the provider's names."""

_NAMED = 3
"""More numbers than these are only counted."""


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    """Return what an update did, a few words each; empty where nothing changed. Before the first is None."""
    old, new = State((before or {}).get("resources") or []), State(after.get("resources") or [])
    settings = settings_changes(old, new)
    return [
        *_numbers(old, new),
        *settings,
        *_functions(old, new, explained=bool(settings)),
        *_secrets(old, new, explained=bool(settings)),
        *_migrations(old, new),
    ]


def _numbers(before: State, after: State) -> list[str]:
    old, new = before.numbers, after.numbers
    said = [f"{number} joined" for number in _few(new.keys() - old.keys())]
    said += [f"{number} left" for number in _few(old.keys() - new.keys())]
    changed: dict[str, list[str]] = {}
    for number in sorted(old.keys() & new.keys()):
        for name in ROUTE:
            if old[number].outputs.get(name) != new[number].outputs.get(name):
                changed.setdefault(name, []).append(number)
    for name, numbers in changed.items():
        which = numbers[0] if len(numbers) == 1 else f"{len(numbers)} numbers"
        values = {(shown(old[n].outputs.get(name)), shown(new[n].outputs.get(name))) for n in numbers}
        how = " -> ".join(next(iter(values))) if len(values) == 1 else "changed"
        said.append(f"{which} {name} {how}")
    return said


def _functions(before: State, after: State, *, explained: bool) -> list[str]:
    old, new = before.functions, after.functions
    said = [f"function {slug} created" for slug in sorted(new.keys() - old.keys())]
    said += [f"function {slug} deleted" for slug in sorted(old.keys() - new.keys())]
    for slug in sorted(old.keys() & new.keys()):
        was, is_now = old[slug].outputs, new[slug].outputs
        if was.get("revision") != is_now.get("revision"):
            what = "code" if was.get("fileHashes") != is_now.get("fileHashes") else "settings"
            if what == "settings" and explained:
                continue  # a new version of each function, which only carries what was said already
            said.append(f"function {slug} {what} {_version(is_now)}".rstrip())
    return said


def _secrets(before: State, after: State, *, explained: bool) -> list[str]:
    old, new = (_outputs(state.secrets).get("fingerprints") for state in (before, after))
    earlier, prints = (found if isinstance(found, dict) else {} for found in (old, new))
    derived = {"VOICEHOOKS_CALL_OPTIONS"} if explained else set()
    names = sorted({*prints, *earlier} - derived)
    return [f"secret {name}" for name in names if prints.get(name) != earlier.get(name)]


def _migrations(before: State, after: State) -> list[str]:
    old, new = (str(_outputs(state.migrations).get("latest") or "") for state in (before, after))
    return [f"schema {new}"] if new and new != old else []


def _outputs(resource: Resource | None) -> Mapping[str, Any]:
    return resource.outputs if resource is not None else {}


def _version(function: Mapping[str, Any]) -> str:
    version = function.get("version")
    return f"v{int(version)}" if isinstance(version, int | float) else ""


def _few(names: set[str]) -> list[str]:
    ordered = sorted(names)
    return ordered if len(ordered) <= _NAMED else [f"{len(ordered)} numbers"]
