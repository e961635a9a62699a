"""Naming a scene, and the changes that several scenes make."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from tests.unit.voicehooks.doctor.world import (
    PROJECT,
    World,
)

OTHER = "c" * 28 + "d41d"
APP, FOREIGN, TRUNK = "AP" + "1" * 32, "AP" + "2" * 32, "TK" + "1" * 32
KEY = {"twilio:apiKeySid": "SK" + "5" * 32, "twilio:apiKeySecret": "secret-of-the-key"}
ELSEWHERE = "https://crm.example.com/voice"
FORBIDDEN = (403, {"code": 20003, "message": "Permission denied"})
REFUSED = (401, {"code": 20003, "message": "Authenticate"})

Change = Callable[[World], Any]
SCENES: dict[str, Change] = {}


def scene(name: str) -> Callable[[Change], Change]:
    """Name a change of the healthy environment: the check that looks, and what it sees."""

    def keep(change: Change) -> Change:
        SCENES[name] = change
        return change

    return keep


def config(world: World, **changes: Any) -> None:
    """Change `voicehooks:` keys; None takes one out."""
    for name, value in changes.items():
        world.config[f"voicehooks:{name}"] = value
        if value is None:
            del world.config[f"voicehooks:{name}"]


def defaults(world: World, **changes: Any) -> None:
    """Change `voicehooks:defaults`; None takes a key out."""
    changed = world.config["voicehooks:defaults"] | changes
    world.config["voicehooks:defaults"] = {k: v for k, v in changed.items() if v is not None}


def state(world: World, *resources: dict[str, Any], without: str = "") -> None:
    """Add resources to the state, and take out those of a type."""
    kept = [found for found in world.resources if not without or found["type"] != without]
    world.resources = [*kept, *resources]


def moment(**ago: float) -> str:
    """A moment before now, as Twilio's 2010 API writes it."""
    return format_datetime(datetime.now(UTC) - timedelta(**ago))


VOICE = "twilio:index:VoiceConfiguration"
STACK = "pulumi:pulumi:Stack"


def refuses(w: World, path: str, status: int) -> None:
    """Let the Management API refuse to read this."""
    w.answers[f"GET {PROJECT}{path}"] = (status, {"message": "no"})


def keys(w: World, *names: str, legacy: Any = None) -> None:
    """Leave the project these keys, each as type and name."""
    found = [dict(zip(("type", "name"), name.split(), strict=True)) | {"api_key": "k"} for name in names]
    w.answers[f"GET {PROJECT}/api-keys"] = found
    w.answers[f"GET {PROJECT}/api-keys/legacy"] = legacy or {"enabled": True}


def function(w: World, slug: str, **fields: Any) -> None:
    """Change a function at Supabase; without fields it is deleted."""
    name = f"GET {PROJECT}/functions"
    w.answers[name] = [found | fields for found in w.answers[name] if fields or found["slug"] != slug]
