"""A number's state: the live configuration, the previous one, and the last written one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.errors import InitializationFailed
from pulumi_provider_kit.values import strings, wrap

from ..fields import describe, remembered
from .record import VOICE, fields_of_record, without_own

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.errors import ProviderError
    from pulumi_provider_kit.values import PropertyMap

    from ..fields import Fields
    from ..numbers import Number

__all__ = ["ensure_taken", "first_of", "identity", "outcome_unknown", "read_back", "state_of"]


def state_of(
    inputs: PropertyMap, number: Number, original: Fields, written: Fields
) -> dict[str, PropertyValue]:
    """Return the state.

    Args:
        inputs: the program's inputs.
        number: Twilio's last answer.
        original: the number's previous configuration, as far as it is known.
        written: the values that the resource wrote last.
    """
    return {
        **VOICE.unmanaged(VOICE.of(number), inputs),
        **inputs,
        **identity(number),
        "original": wrap(original, is_secret=True),
        "lastWritten": wrap(dict(sorted(written.items())), is_secret=True),
    }


def read_back(number: Number, fields: Iterable[str]) -> Fields:
    """Return some fields of Twilio's answer."""
    live = VOICE.of(number)
    return {name: live[name] for name in fields}


def first_of(inputs: PropertyMap, number: Number) -> Fields:
    """Return the previous configuration of a number that is not in the state yet: recorded, else live."""
    recorded = fields_of_record(remembered(inputs, "original"), number)
    own_urls = strings(inputs, "ownUrls")
    return without_own(VOICE.of(number) if recorded is None else recorded, own_urls)


def outcome_unknown(number: Number, attempted: PropertyMap, error: ProviderError) -> InitializationFailed:
    """Return the failure of a write whose answer was lost, with the attempted state."""
    reason = (
        f"{error}; {number['phone_number']} may have been changed all the same. What it had before is kept: "
        "run pulumi up again"
    )
    return InitializationFailed(number["sid"], attempted, [reason])


def ensure_taken(sid: str, state: PropertyMap, wanted: Fields, live: Fields) -> None:
    """Make sure that Twilio's answer contains what was written.

    Raises:
        InitializationFailed: it does not. The state is kept, and the next update tries again.
    """
    differing = [(f, value, live[f]) for f, value in wanted.items() if live[f] != value]
    if differing:
        shown = describe((f, new, old) for f, new, old in differing)
        raise InitializationFailed(
            sid, state, [f"Twilio accepted the change but answers with other values: {shown}; run up again"]
        )


def identity(number: Number) -> dict[str, PropertyValue]:
    """Return a number's other properties in the state."""
    return {
        "phoneNumberSid": wrap(number["sid"]),
        "e164": wrap(number["phone_number"]),
        "friendlyName": wrap(number.get("friendly_name") or ""),
    }
