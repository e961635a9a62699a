"""What changed from one state to the next, in webhook terms: numbers, functions, secrets, migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ROUTE", "changes", "resources_of"]

ROUTE = (
    "voiceUrl",
    "voiceMethod",
    "voiceFallbackUrl",
    "voiceFallbackMethod",
    "statusCallback",
    "statusCallbackMethod",
    "voiceApplicationSid",
    "trunkSid",
    "voiceCallerIdLookup",
    "delivery",
)
"""What a number or a TwiML App has of a route, by the provider's names."""


def resources_of(state: Mapping[str, Any] | None, kind: str) -> dict[str, dict[str, Any]]:
    """The outputs of a state's resources of a type (`twilio:index:VoiceConfiguration`), by logical name."""
    found = (state or {}).get("resources") or []
    return {
        str(one["urn"]).rpartition("::")[2]: one.get("outputs") or {}
        for one in found
        if one.get("type") == kind and not one.get("delete")
    }


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[str]:
    """Return what an update did, a few words each; empty where a state is not known or nothing changed."""
    if after is None:
        return []
    return [
        *_numbers(before, after),
        *_functions(before, after),
        *_secrets(before, after),
        *_migrations(before, after),
    ]


def _numbers(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    kind = "twilio:index:VoiceConfiguration"
    old, new = resources_of(before, kind), resources_of(after, kind)
    said = [f"{number} joined" for number in _few(new.keys() - old.keys())]
    said += [f"{number} left" for number in _few(old.keys() - new.keys())]
    changed: dict[str, list[str]] = {}
    for number in sorted(old.keys() & new.keys()):
        for name in ROUTE:
            if old[number].get(name) != new[number].get(name):
                changed.setdefault(name, []).append(number)
    for name, numbers in changed.items():
        which = numbers[0] if len(numbers) == 1 else f"{len(numbers)} numbers"
        values = {(_short(old[n].get(name)), _short(new[n].get(name))) for n in numbers}
        how = " -> ".join(next(iter(values))) if len(values) == 1 else "changed"
        said.append(f"{which} {name} {how}")
    return said


def _functions(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    kind = "supabase:index:EdgeFunction"
    old, new = resources_of(before, kind), resources_of(after, kind)
    said = [f"function {slug} created" for slug in sorted(new.keys() - old.keys())]
    said += [f"function {slug} deleted" for slug in sorted(old.keys() - new.keys())]
    for slug in sorted(old.keys() & new.keys()):
        if old[slug].get("revision") != new[slug].get("revision"):
            code = old[slug].get("fileHashes") != new[slug].get("fileHashes")
            said.append(f"function {slug} {'code' if code else 'settings'} {_version(new[slug])}".rstrip())
    return said


def _secrets(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    kind = "supabase:index:EdgeFunctionSecrets"
    old, new = resources_of(before, kind), resources_of(after, kind)
    said = []
    for name in new:
        prints, earlier = new[name].get("fingerprints") or {}, (old.get(name) or {}).get("fingerprints") or {}
        if isinstance(prints, dict) and isinstance(earlier, dict):
            changed = sorted(n for n in {*prints, *earlier} if prints.get(n) != earlier.get(n))
            said += [f"secret {n}" for n in changed]
    return said


def _migrations(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    kind = "supabase:index:Migrations"
    old, new = resources_of(before, kind), resources_of(after, kind)
    latest = {name: str(one.get("latest") or "") for name, one in new.items()}
    return [
        f"schema {version}"
        for name, version in latest.items()
        if version and version != str((old.get(name) or {}).get("latest") or "")
    ]


def _version(function: Mapping[str, Any]) -> str:
    version = function.get("version")
    return f"v{int(version)}" if isinstance(version, int | float) else ""


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k} {_short(v)}" for k, v in sorted(value.items())) or "(empty)"
    if isinstance(value, list):
        return "+".join(str(one) for one in value)
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value or "")
    return text.partition("#")[0].rpartition("/")[2] or text or "(empty)"


def _few(names: set[str], most: int = 3) -> list[str]:
    ordered = sorted(names)
    return ordered if len(ordered) <= most else [f"{len(ordered)} numbers"]
