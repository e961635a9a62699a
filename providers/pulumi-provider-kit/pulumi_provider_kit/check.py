"""Check inputs against a property table: every failure at once, each a sentence with its property."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from pulumi.provider.experimental.property_value import Computed, PropertyValue
from pulumi.provider.experimental.provider import CheckFailure

from .table import ListOf, MapOf, ObjectType, Scalar
from .values import has_secret, is_known, plain, secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .table import Property, PropertyType
    from .values import PropertyMap

__all__ = ["check_inputs"]

_NAMES = {
    Scalar.STRING: "a string",
    Scalar.BOOLEAN: "true or false",
    Scalar.INTEGER: "a whole number",
    Scalar.NUMBER: "a number",
}


def check_inputs(
    properties: Sequence[Property], inputs: PropertyMap
) -> tuple[dict[str, PropertyValue], list[CheckFailure]]:
    """Check a program's inputs against the table.

    Nulls are dropped (not given), table secrets are made secret. Values not known yet are let pass; the
    engine checks again once they are known.

    Returns:
        The inputs to go on with, and the failures: unknown names with the nearest known one, missing
        required properties, wrong types, values that are not allowed, and what the property's own check says.
        No failure repeats a secret value or a part of one.
    """
    failures: list[CheckFailure] = []
    checked = _check_object(properties, inputs, "", failures, hidden=False)
    return checked, failures


def _check_object(
    properties: Sequence[Property],
    inputs: PropertyMap,
    prefix: str,
    failures: list[CheckFailure],
    *,
    hidden: bool,
) -> dict[str, PropertyValue]:
    known = {p.name: p for p in properties if not (p.output or p.derived)}
    derived = {p.name for p in properties if p.derived}
    checked: dict[str, PropertyValue] = {}
    for name, value in inputs.items():
        # Derived ones come along where the engine checks what an import found.
        if name.startswith("__") or value.value is None or name in derived:
            continue
        prop = known.get(name)
        if prop is None:
            failures.append(CheckFailure(prefix + name, _unknown(name, known)))
            continue
        checked[name] = secret(value) if prop.secret else value
        _check_value(prop, value, prefix + name, failures, hidden=hidden)
    failures.extend(
        CheckFailure(prefix + p.name, "is required and not given")
        for p in known.values()
        if p.required and p.name not in checked
    )
    return checked


def _unknown(name: str, known: Mapping[str, Property]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(sorted(known))}"
    return f"is not a property here{hint}"


def _check_value(
    prop: Property, value: PropertyValue, path: str, failures: list[CheckFailure], *, hidden: bool
) -> None:
    before = len(failures)
    hidden = hidden or prop.secret or has_secret(value)
    _check_type(prop.type, value, path, failures, hidden=hidden)
    if len(failures) > before or not is_known(value):
        return
    bare = plain(value)
    if prop.allowed and bare not in prop.allowed:
        reason = f"{bare!r} is not one of {', '.join(prop.allowed)}"
        failures.append(CheckFailure(path, _without(bare, reason) if hidden else reason))
    elif prop.check is not None and (wrong := prop.check(bare)) is not None:
        failures.append(CheckFailure(path, _without(bare, wrong) if hidden else wrong))


def _without(bare: object, reason: str) -> str:
    """Return a check's sentence without the secret value that it begins with or quotes."""
    for leaf in _leaves(bare):
        reason = reason.removeprefix(f"{leaf!r} ").replace(repr(leaf), "the value")
    return reason


def _leaves(bare: object) -> Iterator[object]:
    if isinstance(bare, Mapping):
        bare = [*bare, *bare.values()]
    if isinstance(bare, Sequence) and not isinstance(bare, str):
        for item in bare:
            yield from _leaves(item)
    else:
        yield bare


def _check_type(
    expected: PropertyType, value: PropertyValue, path: str, failures: list[CheckFailure], *, hidden: bool
) -> None:
    inner = value.value
    if isinstance(inner, Computed):
        return
    wrong = _shape_problem(expected, inner)
    if wrong is not None:
        failures.append(CheckFailure(path, wrong))
    elif isinstance(expected, ObjectType) and isinstance(inner, Mapping):
        _check_object(expected.properties, inner, path + ".", failures, hidden=hidden)
    elif isinstance(expected, ListOf) and isinstance(inner, Sequence):
        for index, item in enumerate(cast("Sequence[PropertyValue]", inner)):
            _check_type(expected.item, item, f"{path}[{index}]", failures, hidden=hidden)
    elif isinstance(expected, MapOf) and isinstance(inner, Mapping):
        for key, item in inner.items():
            if expected.key_problem is not None and (reason := expected.key_problem(key)) is not None:
                failures.append(CheckFailure(f"{path}.{key}", reason))
            _check_type(expected.value, item, f"{path}.{key}", failures, hidden=hidden)


def _shape_problem(expected: PropertyType, inner: object) -> str | None:
    if isinstance(expected, ObjectType):
        return None if isinstance(inner, Mapping) else "must be an object"
    if isinstance(expected, MapOf):
        return None if isinstance(inner, Mapping) else "must be a map"
    if isinstance(expected, ListOf):
        return None if isinstance(inner, Sequence) and not isinstance(inner, str) else "must be a list"
    return None if _is_scalar(expected, inner) else f"must be {_NAMES[expected]}"


def _is_scalar(expected: Scalar, inner: object) -> bool:
    if expected is Scalar.STRING:
        return isinstance(inner, str)
    if expected is Scalar.BOOLEAN:
        return isinstance(inner, bool)
    if expected is Scalar.INTEGER:
        return isinstance(inner, float) and inner.is_integer()
    return isinstance(inner, float)
