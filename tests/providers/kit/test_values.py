"""Property values: what is known, secret, equal, and what Python code gets of it."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi_provider_kit.table import Property, ResourceTable, Scalar
from pulumi_provider_kit.values import (
    UNKNOWN,
    flag,
    has_secret,
    is_given,
    is_known,
    outputs_unknown,
    plain,
    same,
    secret,
    strings,
    text,
    wrap,
)

SECRET = wrap("s", is_secret=True)


@pytest.mark.parametrize("value", [None, True, False, 0, 3, 1.5, "", "x", [], ["a", 1], {}, {"a": [None]}])
def test_a_value_survives_wrapping(value: Any) -> None:
    """Whole numbers come back as such, and a Boolean is no number."""
    bare = plain(wrap(value))
    assert bare == value
    assert type(bare) is type(value)
    assert plain(wrap(2.0)) == 2
    assert plain(None) is None


def test_what_is_no_value() -> None:
    """An error, and not a guess."""
    with pytest.raises(TypeError, match="set"):
        wrap({"a"})
    for unknown in (UNKNOWN, wrap([UNKNOWN])):
        with pytest.raises(ValueError, match="not known yet"):
            plain(unknown)


@pytest.mark.parametrize("value", [None, True, "x", 1, [], {}])
def test_wrapping_as_a_secret(value: Any) -> None:
    """Whatever it is; a secret stays one, with its value."""
    assert wrap(value, is_secret=True).is_secret
    assert not wrap(value).is_secret
    again = wrap(wrap(value), is_secret=True)
    assert (again.is_secret, plain(again)) == (True, value)
    assert wrap(SECRET).is_secret


def test_a_secret_keeps_what_it_depends_on() -> None:
    """The engine orders resources by that."""
    value = PropertyValue("x", False, frozenset({"urn"}))
    assert secret(value) == PropertyValue("x", True, frozenset({"urn"}))
    assert secret(SECRET) is SECRET


@pytest.mark.parametrize(
    ("value", "known", "is_secret"),
    [
        (wrap("x"), True, False),
        (UNKNOWN, False, False),
        (SECRET, True, True),
        (wrap({"a": "x", "b": [UNKNOWN]}), False, False),
        (wrap({"a": "x", "b": [SECRET]}), True, True),
        (wrap(["x", SECRET]), True, True),
        (wrap(["x", "y"]), True, False),
    ],
)
def test_a_part_counts_for_the_whole(value: Any, known: bool, is_secret: bool) -> None:
    """One part that is not known, or that is secret."""
    assert is_known(value) is known
    assert has_secret(value) is is_secret


def test_a_missing_value_is_known() -> None:
    """There is nothing to wait for."""
    assert is_known(None)


def test_equal_values() -> None:
    """Whatever their secretness; an unknown value equals nothing, not even another one."""
    assert same(SECRET, wrap("s"))
    assert same(None, wrap(None))
    assert not same(wrap("a"), wrap("b"))
    assert not same(UNKNOWN, UNKNOWN)
    assert not same(wrap("a"), UNKNOWN)
    assert not same(UNKNOWN, wrap("a"))


@pytest.mark.parametrize(
    ("value", "given", "string", "boolean"),
    [
        (wrap(None), False, None, False),
        (wrap(""), True, "", False),
        (wrap("x"), True, "x", False),
        (wrap(True), True, None, True),
        (wrap(False), True, None, False),
        (UNKNOWN, True, None, False),
    ],
)
def test_one_property(value: Any, given: bool, string: str | None, boolean: bool) -> None:
    """Given is what is neither absent nor null; one of another type, or not known yet, reads as absent."""
    values = {"x": value}
    assert (is_given(values, "x"), text(values, "x"), flag(values, "x")) == (given, string, boolean)
    assert (is_given(values, "y"), text(values, "y"), flag(values, "y")) == (False, None, False)


def test_a_list_of_strings() -> None:
    """Empty where it is absent, null or not known yet."""
    values = {"x": wrap(["a", "b"]), "null": wrap(None), "later": UNKNOWN, "partly": wrap(["a", UNKNOWN])}
    assert {name: strings(values, name) for name in (*values, "absent")} == {
        "x": ["a", "b"],
        "null": [],
        "later": [],
        "partly": [],
        "absent": [],
    }


def test_what_a_preview_of_a_create_shows() -> None:
    """The inputs as they are; outputs, and computed properties that are not given, are not known yet."""
    table = ResourceTable(
        name="X",
        doc="X.",
        example="",
        import_id="",
        rights="",
        properties=(
            Property("url", Scalar.STRING, "U."),
            Property("given", Scalar.STRING, "G.", computed=True),
            Property("computed", Scalar.STRING, "C.", computed=True),
            Property("null", Scalar.STRING, "N.", computed=True),
            Property("sid", Scalar.STRING, "S.", output=True),
            Property("key", Scalar.STRING, "K.", output=True, secret=True),
        ),
    )
    state = outputs_unknown(table, {"url": wrap("u"), "given": wrap("g"), "null": wrap(None)})
    shown = {name: (is_known(value), value.is_secret) for name, value in state.items()}
    assert shown == {
        "url": (True, False),
        "given": (True, False),
        "null": (False, False),
        "computed": (False, False),
        "sid": (False, False),
        "key": (False, True),
    }
