"""The key `voicehooks:diverted` in `Pulumi.<stack>.yaml`, edited as text: everything else keeps its form.

The stack's state is not needed for it, and a colleague sees it in the diff.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml  # type: ignore[import-untyped]

from voicehooks.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KEY", "plain_settings", "read_diverted", "with_diverted", "write_diverted"]

KEY = "voicehooks:diverted"

Entry = dict[str, Any]


def plain_settings(folder: Path, stack: str) -> dict[str, Any]:
    """The keys of the file that are no secrets, as far as they can be read without the stack's state.

    Raises:
        CommandError: there is no such file, or it is not YAML.
    """
    config = _load(_path(folder, stack)).get("config") or {}
    return {
        key: value
        for key, value in config.items()
        if not (isinstance(value, dict) and set(value) == {"secure"})
    }


def read_diverted(folder: Path, stack: str) -> dict[str, Entry]:
    """The diverted numbers, by E.164 number.

    Raises:
        CommandError: there is no such file, or it is not YAML.
    """
    diverted: dict[str, Entry] = plain_settings(folder, stack).get(KEY) or {}
    return diverted


def write_diverted(folder: Path, stack: str, diverted: Mapping[str, Entry]) -> None:
    """Replace the diverted numbers; with none the key goes. The file is replaced in one step.

    Raises:
        CommandError: the file cannot be edited or written.
    """
    path = _path(folder, stack)
    try:
        text = with_diverted(path.read_text(encoding="utf-8"), diverted)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(path.stat().st_mode)
        Path(temporary).replace(path)
    except (OSError, ValueError) as error:
        raise CommandError(
            f"{path.name} cannot be edited",
            str(error),
            "nothing was changed; make it writable, then run it again",
        ) from None


def with_diverted(text: str, diverted: Mapping[str, Entry]) -> str:
    """Return a settings file's text with these diverted numbers, everything else as it was.

    Raises:
        ValueError: the file has no `config:` with one key a line.
    """
    wanted = yaml.safe_load(text) or {}
    wanted.setdefault("config", {}).pop(KEY, None)
    if diverted:
        wanted["config"][KEY] = {number: dict(entry) for number, entry in diverted.items()}
    lines = text.splitlines(keepends=True)
    start = next((n for n, line in enumerate(lines) if line.rstrip() == "config:"), None)
    if start is None:
        raise ValueError("it has no line config: with the keys below it")
    body = [line for line in lines[start + 1 :] if line.strip() and not line.lstrip().startswith("#")]
    indent = _indent(body[0]) if body else 2
    kept = _without_key(lines, indent)
    if diverted:
        block = [f"{' ' * indent}{KEY}:\n"]
        block += [f"{' ' * indent * 2}{json.dumps(n)}: {json.dumps(one)}\n" for n, one in diverted.items()]
        kept[start + 1 : start + 1] = block
    result = "".join(kept)
    if yaml.safe_load(result) != wanted:
        raise ValueError(f"it is written in a way that {KEY} cannot be put into as text")
    return result


def _without_key(lines: list[str], indent: int) -> list[str]:
    """The lines without the key and what stands deeper below it."""
    kept, inside = [], False
    for line in lines:
        if line.startswith((f"{' ' * indent}{KEY}:", f"{' ' * indent}'{KEY}':", f'{" " * indent}"{KEY}":')):
            inside = True
            continue
        inside = inside and (not line.strip() or _indent(line) > indent)
        if not inside:
            kept.append(line)
    return kept


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _path(folder: Path, stack: str) -> Path:
    return folder / f"Pulumi.{stack}.yaml"


def _load(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        raise CommandError(
            f"no environment {path.name.split('.')[1]}",
            f"there is no {path}",
            "give --stack NAME, or make it with voicehooks init NAME",
        ) from None
    except (OSError, yaml.YAMLError) as error:
        raise CommandError(f"{path.name} cannot be read", " ".join(str(error).split()), "correct it") from None
    return dict(content)
