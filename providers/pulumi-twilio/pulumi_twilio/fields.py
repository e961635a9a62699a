"""A voice resource's fields: converts between Twilio's names and values and the program's.

A field's name here is Twilio's in an answer (``voice_url``); in a request it is CamelCase (``VoiceUrl``).
Twilio returns null for some unset fields and an empty string for others. Both become an empty string here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi.provider.experimental.provider import CheckFailure
from pulumi_provider_kit.errors import InitializationFailed, PropertyError
from pulumi_provider_kit.table import Scalar, snake_case
from pulumi_provider_kit.values import is_given, is_known, plain, secret, wrap

from .delivery import encode, parse, split
from .webhook_url import is_sensitive, mask, problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi.provider.experimental.provider import PropertyDiff
    from pulumi_provider_kit.adoption import Adoption
    from pulumi_provider_kit.errors import ProviderError
    from pulumi_provider_kit.table import Property
    from pulumi_provider_kit.values import PropertyMap

    from .client import TwilioError

__all__ = [
    "METHOD_FIELDS",
    "NOT_IMPORTED",
    "URL_FIELDS",
    "URL_PROPERTIES",
    "FieldSet",
    "Fields",
    "delivery_failures",
    "describe",
    "ensure_taken",
    "leave_out_refused",
    "shown",
]

Fields = dict[str, str]
"""Twilio's field names to values as strings; ``true`` and ``false`` for booleans, ``""`` for unset."""

URL_PROPERTIES = ("voiceUrl", "voiceFallbackUrl", "statusCallback")
"""The properties whose URLs take connection overrides."""

NOT_IMPORTED = "the import leaves it out, and it stays as it is at Twilio until the program gives it"
"""The note for a property that :func:`leave_out_refused` removes."""

_METHOD_OF = {
    "voiceMethod": "voiceUrl",
    "voiceFallbackMethod": "voiceFallbackUrl",
    "statusCallbackMethod": "statusCallback",
}

URL_FIELDS = tuple(snake_case(name) for name in URL_PROPERTIES)
"""The same by Twilio's field names."""

METHOD_FIELDS = {snake_case(method): snake_case(url) for method, url in _METHOD_OF.items()}
"""The fields that are the HTTP method of a URL, each with its URL's field."""


class FieldSet:
    """The properties of a resource that correspond to fields of an object at Twilio.

    Args:
        properties: the resource's properties; those with a wire name count.

    Attributes:
        names: property to field, ``voiceUrl`` to ``voice_url``.
    """

    def __init__(self, properties: Sequence[Property]) -> None:
        self.names = {p.name: snake_case(p.wire) for p in properties if p.wire is not None}
        self._wire = {snake_case(p.wire): p.wire for p in properties if p.wire is not None}
        booleans = {p.name for p in properties if p.type is Scalar.BOOLEAN}
        self._booleans = {field for name, field in self.names.items() if name in booleans}

    def of(self, answer: Mapping[str, Any]) -> Fields:
        """Return these fields of an object that Twilio returned."""
        return {field: _text(answer.get(field)) for field in self.names.values()}

    def wanted(self, inputs: PropertyMap) -> Fields:
        """Return the fields of the inputs, with connection overrides in the URLs and without unknown values."""
        delivery = inputs.get("delivery")
        fragment = encode(plain(delivery)) if delivery is not None and is_known(delivery) else ""
        wanted: Fields = {}
        for name, field in self.names.items():
            value = inputs.get(name)
            if value is None or value.value is None or not is_known(value):
                continue
            text = _text(plain(value))
            overridden = name in URL_PROPERTIES and text and fragment
            wanted[field] = f"{text}#{fragment}" if overridden else text
        return wanted

    def form(self, fields: Mapping[str, str]) -> dict[str, str]:
        """Return the request's parameters for some fields."""
        return {self._wire[field]: value for field, value in fields.items()}

    def at_property(self, error: TwilioError, fields: Fields) -> ProviderError:
        """Return the error at the property that Twilio means, where its message or code says which.

        Args:
            error: what Twilio answered.
            fields: those that were sent.
        """
        words = set(error.detail.replace(":", " ").replace(",", " ").replace(".", " ").split())
        named = next((n for n, field in self.names.items() if self._wire[field] in words), None)
        if named is None and error.code == 21402:  # invalid URL (Twilio docs: error 21402)
            urls = [n for n in URL_PROPERTIES if fields.get(self.names.get(n, ""))]
            named = urls[0] if len(urls) == 1 else None
        if named is None or not error.refused:
            return error
        at_property = PropertyError(named, str(error))
        at_property.refused = True
        return at_property

    def given(self, inputs: PropertyMap) -> set[str]:
        """Return the fields of the inputs, including unknown ones."""
        return {field for name, field in self.names.items() if is_given(inputs, name)}

    def drop_undone(
        self,
        changes: dict[str, PropertyDiff],
        old_inputs: PropertyMap,
        inputs: PropertyMap,
        adoption: Adoption[str, str],
    ) -> None:
        """Remove from a diff the removed properties that have their previous value; Twilio is not asked."""
        live = self.wanted(old_inputs)
        for name, field in self.names.items():
            left = name in changes and not is_given(inputs, name)
            if left and field in live and adoption.is_original({field: live[field]}):
                del changes[name]

    def inputs_from(self, live: Fields, given: PropertyMap) -> dict[str, PropertyValue]:
        """Return the live values of the program's properties or, for an import, of all that are set."""
        importing = not given
        names = [n for n in self.names if (self._is_set(n, live) if importing else is_given(given, n))]
        inputs: dict[str, PropertyValue] = {}
        for name in names:
            value = self._value(name, live)
            if name in given and _is_said(given[name], live[self.names[name]]):
                value = wrap(value.value)  # the program already has it in plain text
            inputs[name] = secret(value) if name in given and given[name].is_secret else value
        if importing or is_given(given, "delivery"):
            _separate_delivery(inputs, given)
        return inputs

    def unmanaged(self, live: Fields, given: PropertyMap) -> dict[str, PropertyValue]:
        """Return the live values of the properties that the program does not set, for the state."""
        return {n: self._value(n, live) for n in self.names if not is_given(given, n)}

    def _value(self, name: str, live: Fields) -> PropertyValue:
        text = live[self.names[name]]
        value = wrap(text == "true" if self.names[name] in self._booleans else text)
        return secret(value) if is_sensitive(text) else value

    def _is_set(self, name: str, live: Fields) -> bool:
        if name in _METHOD_OF:
            return bool(live[self.names[_METHOD_OF[name]]])
        return live[self.names[name]] not in ("", "false")


def leave_out_refused(inputs: dict[str, PropertyValue]) -> list[str]:
    """Remove from an import's inputs the URLs that a program may not set, and report why.

    This provider does not write a URL with a password, for example. Such a URL does not change at Twilio.
    """
    methods = {url: method for method, url in _METHOD_OF.items()}
    refused = []
    for name in URL_PROPERTIES:
        url = inputs.get(name)
        reason = problem(str(url.value)) if url is not None else None
        if reason is not None:
            inputs.pop(name)
            inputs.pop(methods[name], None)
            refused.append(f"{name} {reason}")
    if not any(name in inputs for name in URL_PROPERTIES):
        inputs.pop("delivery", None)
    return refused


def _is_said(given: PropertyValue, live: str) -> bool:
    """Return whether the program sets the live URL in plain text, ignoring connection overrides."""
    return not given.is_secret and is_known(given) and plain(given) in (live, split(live)[0])


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _separate_delivery(inputs: dict[str, PropertyValue], given: PropertyMap) -> None:
    """Move the connection overrides of the URLs into ``delivery``.

    If the URLs disagree, only those with the program's overrides lose their fragment. The others keep it, so
    that the diff shows the URL that differs.
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
    for name, text in urls.items():
        address, found = split(text)
        if parse(found) == chosen:
            inputs[name] = wrap(address, is_secret=inputs[name].is_secret)
    if chosen or asked is not None:
        inputs["delivery"] = wrap(chosen)


def delivery_failures(inputs: PropertyMap) -> list[CheckFailure]:
    """Refuse connection overrides if there is no URL for them."""
    delivery = inputs.get("delivery")
    overrides = encode(plain(delivery)) if delivery is not None and is_known(delivery) else ""
    if not overrides or any(is_given(inputs, n) for n in URL_PROPERTIES):
        return []
    return [CheckFailure("delivery", f"is written as part of a URL; set {', '.join(URL_PROPERTIES)} as well")]


def ensure_taken(object_id: str, state: PropertyMap, written: Fields, live: Fields) -> None:
    """Make sure that Twilio's answer holds what was written.

    Raises:
        InitializationFailed: it does not; the state is kept, the next update tries again.
    """
    differing = [(f, value, live[f]) for f, value in written.items() if live[f] != value]
    if differing:
        reason = (
            f"Twilio accepted the change but answers with other values: {describe(differing)}; run up again"
        )
        raise InitializationFailed(object_id, state, [reason])


def describe(changes: Iterable[tuple[str, str, str]]) -> str:
    """Return ``field old -> new`` for each change, with possible secrets masked and empty values in words."""
    return "; ".join(f"{name} {shown(old)} -> {shown(new)}" for name, old, new in changes)


def shown(value: str) -> str:
    """Return a field's value for a log, with possible secrets masked and an empty value in words."""
    return mask(value) if value else "(empty)"
