"""The changes on Supabase's side: functions by file, secrets by fingerprint, migrations by name."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from voicehooks.commands.plan import risks
from voicehooks.commands.plan.model import Change
from voicehooks.stack.preview import names_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from voicehooks.stack.preview import Preview, Resource

__all__ = ["changes_of_functions", "changes_of_schema", "changes_of_secrets"]

_SHOWN = ("slug", "adopt", "projectUrl", "projectRef")
SETTINGS_FILE = "settings.json"
# The options of created calls, which follow from the settings.
_DERIVED = "VOICEHOOKS_CALL_OPTIONS"
_CHECKS = ("checks", "candidateChecks")


def changes_of_functions(preview: Preview, *, explained: bool) -> list[Change]:
    """What changes for each function, by file.

    Args:
        preview: the preview.
        explained: whether the settings that differ are shown by themselves, not with the file that has them.
    """
    changes = []
    for function in preview.of("supabase", "EdgeFunction"):
        if function.operation == "create":
            taken_over = any("taken over" in message for message in preview.messages(function.name))
            risk = (risks.OTHER_CODE,) if taken_over else ()
            words = _described(function.goal, "replaces the one that is deployed" if taken_over else "new")
            changes.append(_row(function, "function", None, words, *risk))
        elif function.operation == "delete":
            changes.append(_row(function, "function", "deployed", "removed", risks.FUNCTION_GONE))
        elif function.operation != "same":
            changes += _of_function(function, explained=explained)
    return changes


def _described(inputs: Mapping[str, Any], what: str) -> str:
    files = inputs.get("fileHashes")
    many = f"{len(files)} files, " if isinstance(files, dict) else ""
    who = "with a user's JWT only" if inputs.get("verifyJwt") else "open to Twilio (no JWT)"
    return f"{what}: {many}{who}"


def _of_function(function: Resource, *, explained: bool) -> list[Change]:
    was, will = function.live_inputs, function.goal
    rows = [
        _row(function, f"file {name}", _value(was, "fileHashes", name), _value(will, "fileHashes", name))
        for name in names_in(function.diff, "fileHashes")
    ]
    for name in names_in(function.diff, "files"):
        old, new = _value(was, "files", name), _value(will, "files", name)
        if name != SETTINGS_FILE:
            rows.append(_row(function, f"file {name}", _hash(old), _hash(new)))
        elif explained:
            rows.append(_row(function, "settings", None, "deployed again with the settings above"))
        else:
            rows += [_row(function, f"settings {path}", *pair) for path, pair in _differing(old, new).items()]
    if "verifyJwt" in function.diff:
        wider = () if will.get("verifyJwt") else (risks.WIDER,)
        rows.append(_row(function, "verifyJwt", was.get("verifyJwt"), will.get("verifyJwt"), *wider))
    if "deployment" in function.diff:
        rows.append(_row(function, "deployment", was.get("deployment"), will.get("deployment")))
    rows += [_row(function, n, was.get(n), will.get(n)) for n in _SHOWN if n in function.diff]
    if any(path.partition("[")[0].partition(".")[0] in _CHECKS for path in function.diff):
        rows.append(_row(function, "checks", "as before", "other ones"))
    if not rows:
        rows += [
            _row(function, f"secret {name}", _value(was, "triggers", name), _value(will, "triggers", name))
            for name in names_in(function.diff, "triggers")
        ]
    return rows or [_row(function, path, was.get(path), will.get(path)) for path in function.diff]


def _row(function: Resource, setting: str, old: Any, new: Any, *found: str) -> Change:
    slug = function.goal.get("slug") or function.live_inputs.get("slug") or function.name
    return Change("function", slug, setting, old, new, found)


def _value(inputs: Mapping[str, Any], part: str, name: str) -> Any:
    values = inputs.get(part)
    found = values.get(name) if isinstance(values, dict) else None
    return found[:8] if isinstance(found, str) and part == "fileHashes" else found


def _differing(old: Any, new: Any) -> dict[str, tuple[Any, Any]]:
    """The settings that differ between two texts of the settings file, by path, with both values."""
    before, after = (_flat(json.loads(text)) if isinstance(text, str) and text else {} for text in (old, new))
    names = sorted(before.keys() | after.keys())
    return {n: (before.get(n), after.get(n)) for n in names if before.get(n) != after.get(n)}


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        return {path: value}
    return {p: v for key in value for p, v in _flat(value[key], f"{path}.{key}" if path else key).items()}


def _hash(text: Any) -> str | None:
    return hashlib.sha256(text.encode()).hexdigest()[:8] if isinstance(text, str) else None


def changes_of_secrets(preview: Preview, *, explained: bool) -> list[Change]:
    """What changes for each secret, by fingerprint; the values are nowhere.

    Args:
        preview: the preview.
        explained: whether the settings from which one of them is made are shown by themselves.
    """
    changes = []
    for secrets in preview.of("supabase", "EdgeFunctionSecrets"):
        known = secrets.live.get("fingerprints") or {}
        coming = _fingerprints_to_come(preview)
        if secrets.operation == "create":
            changes.append(Change("secret", "secrets", "secrets", None, "new"))
        elif secrets.operation == "delete":
            changes += [Change("secret", name, "secret", known[name], None) for name in sorted(known)]
        else:
            for name, kind in sorted(names_in(secrets.diff, "values").items()):
                new = None if kind == "delete" else coming.get(name, "a new value")
                if name == _DERIVED and explained and new:
                    changes.append(Change("secret", name, "value", None, "set again from the settings above"))
                    continue
                changes.append(Change("secret", name, "secret", known.get(name), new))
    return changes


def _fingerprints_to_come(preview: Preview) -> dict[str, str]:
    for function in preview.of("supabase", "EdgeFunction"):
        triggers = function.goal.get("triggers")
        if isinstance(triggers, dict):
            return triggers
    return {}


def changes_of_schema(preview: Preview, migration: Callable[[str], str | None]) -> list[Change]:
    """The migrations to run.

    Args:
        preview: the preview.
        migration: a migration's text by its file name, None where it is not at hand.
    """
    changes = []
    for schema in preview.of("supabase", "Migrations"):
        if schema.operation in {"same", "delete"}:
            continue
        files = schema.goal.get("files") or {}
        applied = {str(version) for version in schema.live.get("applied") or []}
        recorded = schema.live.get("files") or {}
        for name in sorted(files):
            if name.partition("_")[0] not in applied:
                row = Change("schema", name, "migration", None, "runs", risks.of_migration(migration(name)))
                changes.append(row)
            elif recorded.get(name) not in {None, files[name]}:
                changes.append(Change("schema", name, "migration", recorded[name][:8], files[name][:8]))
    return changes
