"""A number's state: the live configuration, the previous one, and the last written one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.adoption import outputs_of, remembered
from pulumi_provider_kit.values import has_secret, strings, wrap

from .record import VOICE, fields_of_record, without_own

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.adoption import Adoption
    from pulumi_provider_kit.values import PropertyMap

    from ..fields import Fields
    from ..numbers import Number

__all__ = ["first_of", "identity", "read_back", "state_of"]


def state_of(inputs: PropertyMap, number: Number, adoption: Adoption[str, str]) -> dict[str, PropertyValue]:
    """Return the state.

    Args:
        inputs: the program's.
        number: as Twilio answered it last.
        adoption: what the number had at first, as far as it is known, and what the resource wrote last.
    """
    records = outputs_of(adoption, is_secret=True)
    # A secret takes twice the space of its text, and the state of a large account is written many times.
    said = VOICE.wanted({name: value for name, value in inputs.items() if not has_secret(value)})
    if all(not value or said.get(field) == value for field, value in adoption.written.items()):
        records["lastWritten"] = outputs_of(adoption)["lastWritten"]
    return {**VOICE.unmanaged(VOICE.of(number), inputs), **inputs, **identity(number), **records}


def read_back(number: Number, fields: Iterable[str]) -> Fields:
    """Return some fields of Twilio's answer."""
    live = VOICE.of(number)
    return {name: live[name] for name in fields}


def first_of(inputs: PropertyMap, number: Number) -> Fields:
    """Return the previous configuration of a number that is not in the state yet: recorded, else live."""
    recorded = fields_of_record(remembered(inputs, "original"), number)
    own_urls = strings(inputs, "ownUrls")
    return without_own(VOICE.of(number) if recorded is None else recorded, own_urls)


def identity(number: Number) -> dict[str, PropertyValue]:
    """Return what the state says of a number in addition to its voice fields."""
    return {
        "phoneNumberSid": wrap(number["sid"]),
        "e164": wrap(number["phone_number"]),
        "friendlyName": wrap(number.get("friendly_name") or ""),
    }
