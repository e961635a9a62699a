"""The JSON documents that commands print with `--json`: one dialect for all of them.

A dataclass becomes an object whose keys are its fields in camelCase. The keys of a mapping are data (a phone
number, a column of a database row, a vendor's field) and stay as they are.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["fields_of", "print_json", "to_json"]


def print_json(value: Any) -> None:
    """Print one document on standard output."""
    json.dump(to_json(value), sys.stdout, indent=2)
    print(flush=True)


def to_json(value: Any) -> Any:
    """Return the value as `json.dumps` takes it.

    A class whose document is not just its fields has a method `json_fields()`, which returns the values by
    Python's names.
    """
    if hasattr(value, "json_fields"):
        return {_camel_case(name): to_json(item) for name, item in value.json_fields().items()}
    if is_dataclass(value):
        return {_camel_case(name): to_json(item) for name, item in fields_of(value).items()}
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, datetime):
        precision = "milliseconds" if value.microsecond else "seconds"
        return value.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [to_json(item) for item in value]
    return value


def fields_of(value: Any, *, without: Iterable[str] = ()) -> dict[str, Any]:
    """Return a dataclass's fields by name, those in `without` left out."""
    return {field.name: getattr(value, field.name) for field in fields(value) if field.name not in without}


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
