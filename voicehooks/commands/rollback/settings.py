"""The settings file of an earlier update, with the current secrets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from voicehooks.output.errors import CommandError
from voicehooks.stack.git import try_git
from voicehooks.stack.settings_file import SettingsFile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from voicehooks.commands.history.updates import Update

__all__ = ["previous_settings", "secret_keys"]

_ALWAYS_SECRET = frozenset(
    {
        "twilio:authToken",
        "twilio:apiKeySid",
        "twilio:apiKeySecret",
        "supabase:accessToken",
        "voicehooks:secondaryAuthToken",
        "voicehooks:functionsApiKeySid",
        "voicehooks:functionsApiKeySecret",
        "voicehooks:softphoneApiKeySid",
        "voicehooks:softphoneApiKeySecret",
    }
)
# A number may be diverted whatever is deployed: a rollback does not end that.
_KEPT_KEYS = frozenset({"voicehooks:diverted"})


def secret_keys(update: Update, current: Mapping[str, Any]) -> set[str]:
    """The keys whose values are secrets, encrypted or (in the sandbox's file) in the clear."""
    previous = {key for key, row in update.config.items() if row.get("secret")}
    encrypted = {key for key, value in current.items() if isinstance(value, dict) and "secure" in value}
    return (previous | encrypted | _ALWAYS_SECRET) & {*update.config, *current}


def previous_settings(update: Update, folder: Path, stack: str) -> tuple[SettingsFile, list[str]]:
    """Return the settings file to go back with, and the secrets that only the earlier update had.

    The file is the committed one of that update, byte for byte, where git has it and it says the same; else the
    current file, in which only the values that differ are replaced.

    Args:
        update: the update to go back to.
        folder: the project's folder, whose current settings file gives the secrets.
        stack: the stack.

    Raises:
        CommandError: the current file cannot be read or edited.
    """
    current = SettingsFile.read(folder, stack)
    config = current.config
    kept = secret_keys(update, config) | (_KEPT_KEYS & config.keys())
    wanted = {
        key: row.get("objectValue", row.get("value"))
        for key, row in update.config.items()
        if key not in kept and key not in _KEPT_KEYS
    }
    wanted |= {key: config[key] for key in kept if key in config}
    missing = sorted(key for key in kept if key not in config)
    return _from_commit(update, folder, current, wanted) or _edited(current, wanted), missing


def _from_commit(
    update: Update, folder: Path, current: SettingsFile, wanted: Mapping[str, Any]
) -> SettingsFile | None:
    if not update.commit:
        return None
    shown = try_git(folder, "show", f"{update.commit}:./{current.name}")
    if shown.returncode != 0:
        return None
    committed = SettingsFile(current.name, shown.stdout)
    try:
        if _of_the_stack(committed) != _of_the_stack(current):
            return None  # encrypted with another key by now
        return _edited(committed, wanted)
    except CommandError:
        return None


def _of_the_stack(file: SettingsFile) -> dict[str, Any]:
    return {key: value for key, value in file.document.items() if key != "config"}


def _edited(file: SettingsFile, wanted: Mapping[str, Any]) -> SettingsFile:
    """Return a file with these keys and no others; a value that says the same keeps its form."""
    for key in file.config.keys() - wanted.keys():
        file = file.without_key(key)
    for key, value in wanted.items():
        if key not in file.config or _as_text(file.config[key]) != _as_text(value):
            file = file.with_key(key, value)
    return file


def _as_text(value: Any) -> str:
    """Return a value as the history has it: a number or boolean is text there, an object may be JSON."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
