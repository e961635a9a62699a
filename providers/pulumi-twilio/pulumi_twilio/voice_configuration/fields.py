"""The voice fields of a number: between Twilio's names and values and the resource's.

A field's name here is Twilio's in an answer (``voice_url``); in a request it is CamelCase (``VoiceUrl``).
Twilio answers null for some unset fields and an empty string for others: both are empty here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.table import Scalar, snake_case
from pulumi_provider_kit.values import is_given, is_known, plain, secret, wrap

from ..delivery import encode, parse, split
from ..webhook_url import has_credentials, mask
from .table import URL_PROPERTIES, VOICE_PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.values import PropertyMap

    from ..numbers import Number

__all__ = [
    "FIELDS",
    "ROUTING",
    "Fields",
    "describe",
    "form_of",
    "inputs_from",
    "outputs_from",
    "unmanaged",
    "voice_fields",
    "wanted_fields",
]

Fields = dict[str, str]
"""Twilio's field names to values as strings; ``true`` and ``false`` for booleans, ``""`` for unset."""

FIELDS = {p.name: snake_case(p.wire or "") for p in VOICE_PROPERTIES}
"""The resource's property to Twilio's field."""

_WIRE = {snake_case(p.wire or ""): p.wire or "" for p in VOICE_PROPERTIES}
_BOOLEANS = {FIELDS[p.name] for p in VOICE_PROPERTIES if p.type is Scalar.BOOLEAN}

ROUTING = ("trunk_sid", "voice_application_sid", "voice_url")
"""What decides who takes a call, the strongest first (Twilio docs: IncomingPhoneNumber resource)."""


def voice_fields(number: Number) -> Fields:
    """Return a number's voice fields; nothing else of it is of interest here."""
    return {name: _text(number.get(name)) for name in FIELDS.values()}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def wanted_fields(inputs: PropertyMap) -> Fields:
    """Return the fields that the inputs give, with connection overrides in place; unknown ones left out."""
    delivery = inputs.get("delivery")
    fragment = encode(plain(delivery)) if delivery is not None and is_known(delivery) else ""
    wanted: Fields = {}
    for name, field in FIELDS.items():
        value = inputs.get(name)
        if value is None or value.value is None or not is_known(value):
            continue
        text = _text(plain(value))
        wanted[field] = f"{text}#{fragment}" if name in URL_PROPERTIES and text and fragment else text
    return wanted


def form_of(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the request's parameters for some fields.

    A trunk and an application exclude each other at Twilio, which clears one when the other is set. So an
    empty one is not sent along with a full one.
    """
    left_out = {
        empty
        for empty, full in (("trunk_sid", "voice_application_sid"), ("voice_application_sid", "trunk_sid"))
        if fields.get(full) and not fields.get(empty)
    }
    return {_WIRE[name]: value for name, value in fields.items() if name not in left_out}


def inputs_from(live: Fields, given: PropertyMap) -> dict[str, PropertyValue]:
    """Return the live values of the properties that a program gives; of all that are set, on an import."""
    importing = not given
    names = [n for n in FIELDS if (_worth_importing(n, live) if importing else is_given(given, n))]
    inputs: dict[str, PropertyValue] = {}
    for name in names:
        value = _value(name, live)
        inputs[name] = secret(value) if name in given and given[name].is_secret else value
    if importing or is_given(given, "delivery"):
        _separate_delivery(inputs, given)
    return inputs


def _worth_importing(name: str, live: Fields) -> bool:
    if name.endswith("Method"):
        return bool(live[FIELDS[_url_of(name)]])
    return live[FIELDS[name]] not in ("", "false")


def _url_of(method: str) -> str:
    return {
        "voiceMethod": "voiceUrl",
        "voiceFallbackMethod": "voiceFallbackUrl",
        "statusCallbackMethod": "statusCallback",
    }[method]


def _separate_delivery(inputs: dict[str, PropertyValue], given: PropertyMap) -> None:
    """Move the connection overrides of the URLs into ``delivery``.

    Where the URLs disagree, those that carry what the program asks for lose their fragment and the others
    keep it, so that the difference shows at the URL that has it.
    """
    urls = {n: text for n in URL_PROPERTIES if n in inputs and (text := str(inputs[n].value))}
    fragments = {split(text)[1] for text in urls.values()}
    asked = given.get("delivery")
    if len(fragments) == 1 and (meant := parse(next(iter(fragments)))) is not None:
        chosen = meant
    elif asked is not None and is_known(asked):
        chosen = plain(asked)
    else:
        return
    fragment = encode(chosen)
    for name, text in urls.items():
        address, found = split(text)
        if found == fragment or (len(fragments) == 1 and parse(found) == chosen):
            inputs[name] = wrap(address, is_secret=inputs[name].is_secret)
    if chosen or asked is not None:
        inputs["delivery"] = wrap(chosen)


def unmanaged(live: Fields, given: PropertyMap) -> dict[str, PropertyValue]:
    """Return the live values of the voice properties that a program does not give, for the state."""
    return {n: _value(n, live) for n in FIELDS if not is_given(given, n)}


def _value(name: str, live: Fields) -> PropertyValue:
    text = live[FIELDS[name]]
    value = wrap(text == "true" if FIELDS[name] in _BOOLEANS else text)
    return secret(value) if has_credentials(text) else value


def outputs_from(number: Number) -> dict[str, PropertyValue]:
    """Return what the state says of a number beside the program's inputs."""
    return {
        "phoneNumberSid": wrap(number["sid"]),
        "e164": wrap(number["phone_number"]),
        "friendlyName": wrap(number.get("friendly_name") or ""),
    }


def describe(changes: Iterable[tuple[str, str, str]]) -> str:
    """Return ``field old -> new`` for each change, credentials masked, empty values in words."""
    return "; ".join(f"{name} {_shown(old)} -> {_shown(new)}" for name, old, new in changes)


def _shown(value: str) -> str:
    return mask(value) if value else "(empty)"
