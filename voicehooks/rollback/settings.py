"""The settings file for going back: the settings of then, with the secrets of today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml  # type: ignore[import-untyped]

from voicehooks.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from voicehooks.history.updates import Update

__all__ = ["secret_keys", "settings_of_then", "write"]

_ALWAYS_SECRET = frozenset(
    {
        "twilio:authToken",
        "twilio:apiKeySid",
        "twilio:apiKeySecret",
        "supabase:accessToken",
        "voicehooks:secondaryAuthToken",
    }
)
# A diversion is what somebody does meanwhile, whatever is deployed: going back does not end it.
_OF_TODAY = frozenset({"voicehooks:diverted"})


def secret_keys(update: Update, today: Mapping[str, Any]) -> set[str]:
    """The keys whose values are secrets, encrypted or (in the sandbox's file) in the clear."""
    then = {key for key, row in update.config.items() if row.get("secret")}
    now = {key for key, value in today.items() if isinstance(value, dict) and "secure" in value}
    return (then | now | _ALWAYS_SECRET) & {*update.config, *today}


def settings_of_then(update: Update, path: Path) -> tuple[dict[str, Any], list[str]]:
    """Return the content of the settings file for going back, and the secrets that only then had.

    Args:
        update: what is gone back to.
        path: today's settings file, whose secrets and whose salt are kept.

    Raises:
        CommandError: today's file cannot be read.
    """
    today = _load(path)
    config: dict[str, Any] = today.get("config") or {}
    kept = secret_keys(update, config) | (_OF_TODAY & config.keys())
    then = {
        key: row.get("objectValue", row.get("value"))
        for key, row in update.config.items()
        if key not in kept and key not in _OF_TODAY
    }
    secrets = {key: config[key] for key in kept if key in config}
    gone = sorted(key for key in kept if key not in config)
    return {**today, "config": dict(sorted({**then, **secrets}.items()))}, gone


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write a settings file."""
    path.write_text(yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True), encoding="utf-8")


def _load(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        why = getattr(error, "strerror", None) or "it is no YAML"
        raise CommandError(
            f"{path.name} cannot be read", why, "its secrets are needed: mend it first"
        ) from None
    return content if isinstance(content, dict) else {}
