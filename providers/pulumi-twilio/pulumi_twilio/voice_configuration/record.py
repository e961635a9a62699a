"""A number's voice configuration as ``VoiceOriginals`` records it: Twilio's fields and the SID."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..delivery import split
from ..fields import METHOD_FIELDS, URL_FIELDS, FieldSet
from .table import TABLE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ..fields import Fields
    from ..numbers import Number

__all__ = ["VOICE", "fields_of_record", "is_own", "record_of", "without_own"]

VOICE = FieldSet(TABLE.properties)
"""The fields of a number's voice configuration."""

_METHODS_BY_URL = {url: method for method, url in METHOD_FIELDS.items()}


def is_own(value: str, own_urls: Collection[str]) -> bool:
    """Return whether a URL is one of the program's own, ignoring connection overrides."""
    return split(value)[0] in own_urls


def without_own(fields: Mapping[str, str], own_urls: Collection[str]) -> Fields:
    """Return the fields that may predate the program: all except its own URLs and their methods."""
    own = {name for name in URL_FIELDS if name in fields and is_own(fields[name], own_urls)}
    own |= {_METHODS_BY_URL[name] for name in own}
    return {name: value for name, value in fields.items() if name not in own}


def record_of(number: Number, own_urls: Collection[str]) -> Fields:
    """Return a number's configuration without the program's own URLs, and its SID."""
    return {"sid": number["sid"], **without_own(VOICE.of(number), own_urls)}


def fields_of_record(record: Fields, number: Number) -> Fields | None:
    """Return the recorded fields; None if the number was bought again since then."""
    if not record or record.get("sid", number["sid"]) != number["sid"]:
        return None
    return {field: value for field, value in record.items() if field in VOICE.names.values()}
