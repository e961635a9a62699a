"""Why a preview failed, out of the engine's diagnostics."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from voicehooks.commands.plan.model import Failure

if TYPE_CHECKING:
    from voicehooks.stack.preview import Preview

__all__ = ["failure_of_engine", "failures_of", "notes_of"]

# What the engine adds when something else has failed already.
_REPEATED_MESSAGES = (
    "preview failed",
    "update failed",
    "an unhandled error occurred",
    "resource registration failed",
)


def failures_of(preview: Preview, stack: str) -> list[Failure]:
    """Each error of a preview; none where it went well."""
    errors = [entry for entry in preview.diagnostics if entry.get("severity") == "error"]
    found = []
    for entry in errors:
        text = _clean(entry.get("message", ""))
        if text and not text.startswith(_REPEATED_MESSAGES):
            found.append(_failure(entry.get("urn", "").rpartition("::")[2], text, stack))
    if errors and not found:
        found.append(_failure("", _clean(errors[0].get("message", "")), stack))
    return list(dict.fromkeys(found))


def notes_of(preview: Preview) -> list[str]:
    """Warnings, and which numbers "*" leaves out; each once."""
    found = []
    for entry in preview.diagnostics:
        text = _clean(entry.get("message", ""))
        if text and (entry.get("severity") == "warning" or text.startswith('"*" ')):
            found.append(text.removeprefix("warning: "))
    return list(dict.fromkeys(found))


def failure_of_engine(text: str, stack: str) -> Failure:
    """The failure of an engine that did not come as far as a preview."""
    return _failure("", _clean(text), stack)


def _failure(resource: str, text: str, stack: str) -> Failure:
    again = f"voicehooks plan --stack {stack}"
    if "is protected" in text:
        first = f"to remove it: set voicehooks:protectNumbers to false, pulumi up --stack {stack}"
        return Failure(resource, text.partition(". To unprotect")[0], f"{first}; then {again}")
    if text.startswith("replaceExisting:") and "; if it may be replaced" in text:
        line = f'"{resource}": {{replaceExisting: true}}'
        why = text.removeprefix("replaceExisting:").partition("; if it may")[0].strip()
        do = f"if it may be replaced, write {line} in Pulumi.{stack}.yaml (destroy restores the previous one)"
        return Failure(resource, why, f"{do}; then {again}")
    why, _, do = text.rpartition("; ")
    if why and re.match(r"(correct|add|set|run|check|take|remove|name|give|make)\b", do):
        return Failure(resource, why, f"{do}; then {again}")
    if "Pulumi." in text and ".yaml" in text:
        return Failure(resource, text, f"correct the settings; then {again}")
    return Failure(resource, text, f"fix that; then {again}")


def _clean(text: str) -> str:
    without = re.sub(r"^(error:\s*|Preview failed:\s*)+", "", text.strip())
    return without.strip()
