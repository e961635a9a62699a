"""Turns pydantic's errors into sentences about a settings file."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

__all__ = ["SettingsError", "explain"]

_SECRETS = {"twilio:authToken", "supabase:accessToken"}
_EXAMPLES = {
    "twilio:accountSid": "AC...",
    "voicehooks:supabaseProject": "<reference>",
}


class SettingsError(Exception):
    """An environment's settings cannot be used; the text lists every reason."""


def explain(error: ValidationError | None, model: type[BaseModel], lacking: Iterable[str], stack: str) -> str:
    """Return the message for a settings file with problems: first missing, then wrong settings."""
    file = f"Pulumi.{stack}.yaml"
    details = error.errors() if error is not None else []
    missing = [*lacking, *(_key(d) for d in details if d["type"] == "missing" and len(d["loc"]) == 1)]
    lines = []
    if missing:
        count = "1 setting is missing" if len(missing) == 1 else f"{len(missing)} settings are missing"
        lines.append(f"{count} in stack {stack}: {', '.join(missing)}. Set each with:")
        lines += [f"    {_command(key, stack)}" for key in missing]
    wrong = [d for d in details if not (d["type"] == "missing" and len(d["loc"]) == 1)]
    lines += [f"{file}: {_key(d)} {_reason(d, model)}" for d in wrong]
    return "\n".join(lines)


def _command(key: str, stack: str) -> str:
    if key == "voicehooks:numbers":
        return f'(a line of Pulumi.{stack}.yaml)  voicehooks:numbers: {{"+15551234567": {{}}}}'
    secret = "--secret " if key in _SECRETS else ""
    return f"pulumi config set --stack {stack} {secret}{key} {_EXAMPLES.get(key, '')}".rstrip()


def _key(detail: ErrorDetails) -> str:
    """Return the key as in the file: ``voicehooks:numbers["+1555..."].ringSeconds``."""
    path = ""
    for step in detail["loc"]:
        text = str(step)
        if isinstance(step, int):
            path += f"[{step}]"
        elif text.startswith("+") or text == "*":
            path += f'["{text}"]'
        else:
            path += f".{text}" if path else text
    return f"voicehooks:{path}"


def _as_yaml(value: Any) -> str:
    """Return a value as the settings file may have it; JSON is YAML."""
    return repr(value) if isinstance(value, str) else json.dumps(value, default=str)


def _reason(detail: ErrorDetails, model: type[BaseModel]) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        name = str(detail["loc"][-1])
        known = _names(model, [s for s in detail["loc"][:-1] if isinstance(s, str)])
        near = difflib.get_close_matches(name, known, n=1)
        return "is not a known setting" + (
            f"; did you mean {near[0]}?" if near else f"; known: {', '.join(known)}"
        )
    if kind == "value_error":
        return f"is wrong: {context.get('error')}"
    if kind == "literal_error":
        return f"is {_as_yaml(detail['input'])}, but must be {context.get('expected')}"
    shown = "" if _is_secret(detail, model) else f" (it is {_as_yaml(detail['input'])})"
    message = detail["msg"][0].lower() + detail["msg"][1:]
    if kind == "string_pattern_mismatch":
        return f"is wrong{shown}: {_meaning(detail, model)}"
    return f"is wrong: {message.replace('input should', 'it should')}{shown}"


def _meaning(detail: ErrorDetails, model: type[BaseModel]) -> str:
    """Return the description of the wrong setting."""
    steps = [s for s in detail["loc"] if isinstance(s, str)]
    fields = _model_at(model, steps[:-1]).model_fields.values()
    return next((f.description or "" for f in fields if f.alias == steps[-1]), detail["msg"])


def _is_secret(detail: ErrorDetails, model: type[BaseModel]) -> bool:
    """Whether the wrong setting is a secret: such a field is not in the model's repr."""
    key = detail["loc"][-1]
    return any(info.alias == key and not info.repr for info in model.model_fields.values())


def _names(model: type[BaseModel], path: Iterable[str]) -> list[str]:
    """Return the known keys at a path of the settings."""
    fields = _model_at(model, path).model_fields.values()
    return sorted(info.alias for info in fields if info.alias)


def _model_at(model: type[BaseModel], path: Iterable[str]) -> type[BaseModel]:
    """Return the model at a path of the settings."""
    current: type[BaseModel] = model
    for step in path:
        for info in current.model_fields.values():
            if step == info.alias:
                nested = _model_in(info.annotation)
                current = nested or current
    return current


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        if (found := _model_in(part)) is not None:
            return found
    return None
