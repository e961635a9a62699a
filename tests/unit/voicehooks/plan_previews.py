"""Previews made up for tests, in the engine's own form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from voicehooks.commands.plan import Plan, read

URL = "https://abcdefghijklmnopqrst.supabase.co/functions/v1"
HANDLER = f"{URL}/twilio-webhook"
_WEBHOOKS = "voicehooks:index:VoiceWebhooks$twilio:index"


def plan_of(*steps: Mapping[str, Any], config: Mapping[str, Any] | None = None, **more: Any) -> Plan:
    """The plan of some steps."""
    data = {"config": config or {}, "steps": [s for s in steps if s], "changeSummary": {}}
    return read(json.dumps(data), stack="prod", **more)


def number(e164: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> dict[str, Any]:
    """A number's step: `old` and `new` are its properties, None where there is none."""
    return step(f"{_WEBHOOKS}:VoiceConfiguration", e164, old, new)


def handler(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> dict[str, Any]:
    """The handler's step, with these settings before and after."""
    return step(
        "supabase:index:EdgeFunction",
        "twilio-webhook",
        None if old is None else _told(old),
        _told(new),
        {'files["settings.json"]': {"kind": "update"}},
    )


def step(
    kind: str,
    name: str,
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any] | None,
    diff: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A step of any resource."""
    made: dict[str, Any] = {"op": "update", "urn": f"urn:pulumi:prod::voicehooks::{kind}::{name}"}
    if old is None or new is None:
        made["op"] = "create" if old is None else "delete"
    elif old == new:
        made["op"] = "same"
    if old is not None:
        made["oldState"] = {"id": name, "inputs": old, "outputs": old}
    if new is not None:
        made["newState"] = {"inputs": new}
    if diff:
        made["detailedDiff"] = diff
    return made


def _told(settings: Mapping[str, Any]) -> dict[str, Any]:
    content = {"functionsUrl": URL, "functionName": "twilio-webhook", "defaults": {}, "numbers": {}, **settings}
    return {"slug": "twilio-webhook", "files": {"settings.json": json.dumps(content)}}
