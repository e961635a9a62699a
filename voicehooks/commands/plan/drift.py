"""What differs between the last update and what is live: somebody changed it elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicehooks.commands.plan.model import GONE, Change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicehooks.stack.preview import Preview, Resource

__all__ = ["AREAS", "drift_of"]

AREAS = {
    "VoiceConfiguration": "number",
    "Application": "TwiML App",
    "EdgeFunction": "function",
    "EdgeFunctionSecrets": "secret",
    "Migrations": "schema",
    "DialingPermissions": "country",
    "SipDomain": "SIP domain",
    "SipTrunk": "SIP trunk",
    "SipIpAccessControlList": "IP access control list",
}
"""What a plan calls a resource, by its type."""
# Made by the providers themselves; a difference in them is somebody's only where another one shows it too.
_DERIVED = {"restores", "lastWritten", "original", "adopt", "replaceExisting", "adoptExisting", "onDelete"}


def drift_of(preview: Preview) -> list[Change]:
    """Every property that differs: `old` as of the last update, `new` as it is."""
    found = []
    for resource in preview.resources:
        if resource.package not in {"twilio", "supabase"}:
            continue
        if resource.operation != "create":
            found += _of(resource)
        elif resource.recorded_inputs:
            # It existed after the last update and is gone: the engine creates it again.
            area = AREAS.get(resource.type, resource.type)
            found.append(Change(area, resource.name, area, "there", GONE))
    return found


def _of(resource: Resource) -> list[Change]:
    recorded = resource.recorded_inputs
    if resource.operation == "same":
        # It is as the program asks for; where the last update left something else, somebody was quicker.
        live: Mapping[str, Any] = {**recorded, **resource.goal}
    else:
        live = resource.live_inputs
    area = AREAS.get(resource.type, resource.type)
    rows = []
    for name in sorted((recorded.keys() | live.keys()) - _DERIVED):
        old, new = recorded.get(name), live.get(name)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            rows += [
                Change(area, resource.name, f"{name}.{key}", old.get(key), new.get(key))
                for key in sorted(old.keys() | new.keys())
                if old.get(key) != new.get(key)
            ]
        else:
            rows.append(Change(area, resource.name, name, old, new))
    return rows
