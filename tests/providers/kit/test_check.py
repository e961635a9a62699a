"""The check of inputs by a table: what each type takes, and what is said of the rest."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_provider_kit.check import check_inputs
from pulumi_provider_kit.table import ListOf, MapOf, ObjectType, Property, PropertyType, Scalar
from pulumi_provider_kit.values import UNKNOWN, wrap

COVER = ObjectType("Cover", "A cover.", (Property("color", Scalar.STRING, "Its color.", required=True),))


def failures(prop: Property, value: Any) -> dict[str, str]:
    """Return what is wrong with a value of a property, by path."""
    return {f.property: f.reason for f in check_inputs([prop], {prop.name: wrap(value)})[1]}


@pytest.mark.parametrize(
    ("kind", "valid", "wrong", "reason"),
    [
        (Scalar.STRING, ["", "x"], [1, True, ["x"], {}], "must be a string"),
        (Scalar.BOOLEAN, [True, False], [1, "true"], "must be true or false"),
        (Scalar.INTEGER, [1, 2.0], [1.5, "1", True], "must be a whole number"),
        (Scalar.NUMBER, [1, 1.5], ["1.5", True], "must be a number"),
        (ListOf(Scalar.STRING), [[], ["x"]], ["x", {}, 1], "must be a list"),
        (MapOf(Scalar.STRING), [{}, {"a": "x"}], ["x", [], 1], "must be a map"),
        (COVER, [{"color": "red"}], ["x", [], 1], "must be an object"),
    ],
)
def test_each_type_takes_its_own_values(
    kind: PropertyType, valid: list[Any], wrong: list[Any], reason: str
) -> None:
    """A value that is not known yet passes, because the engine checks again."""
    prop = Property("x", kind, "X.")
    assert [failures(prop, value) for value in [*valid, UNKNOWN]] == [{}] * (len(valid) + 1)
    assert [failures(prop, value) for value in wrong] == [{"x": reason}] * len(wrong)


@pytest.mark.parametrize(
    ("kind", "value", "wrong"),
    [
        (ListOf(Scalar.STRING), ["a", 1, "b", 2], {"x[1]": "must be a string", "x[3]": "must be a string"}),
        (MapOf(Scalar.STRING), {"a": 1, "b": "x"}, {"x.a": "must be a string"}),
        (MapOf(COVER), {"a": {"color": 1}}, {"x.a.color": "must be a string"}),
        (COVER, {}, {"x.color": "is required and not given"}),
        (COVER, {"color": None}, {"x.color": "is required and not given"}),
    ],
)
def test_what_is_inside_is_checked_with_its_path(kind: PropertyType, value: Any, wrong: dict[str, str]) -> None:
    """Each item, entry and property."""
    assert failures(Property("x", kind, "X."), value) == wrong


def test_what_a_program_cannot_give() -> None:
    """Outputs are unknown names; what a check derives is left out, as is what the engine adds."""
    table = (
        Property("url", Scalar.STRING, "A URL."),
        Property("digest", Scalar.STRING, "Of the files.", derived=True),
        Property("sid", Scalar.STRING, "Its SID.", output=True),
    )
    given = {
        "__defaults": wrap([]),
        "nothing": wrap(None),
        "digest": wrap("d"),
        "sid": wrap("s"),
        "url": wrap("u"),
    }
    checked, wrong = check_inputs(table, given)
    assert set(checked) == {"url"}
    assert [(f.property, f.reason) for f in wrong] == [("sid", "is not a property here; known are url")]


def test_no_part_of_a_secret_is_quoted() -> None:
    """Also if the check quotes what is inside of a list or a map, or begins with it."""

    def check(value: Any) -> str:
        items = [*value, *value.values()] if isinstance(value, dict) else value
        return f"{items[0]!r} is wrong; {' and '.join(map(repr, items))} are not allowed"

    for kind, value in ((ListOf(Scalar.STRING), ["s1", "s2"]), (MapOf(Scalar.STRING), {"s1": "s2"})):
        secret = {"x": wrap(value, is_secret=True)}
        [failure] = check_inputs([Property("x", kind, "X.", check=check)], secret)[1]
        assert failure.reason == "is wrong; the value and the value are not allowed"
        [failure] = check_inputs([Property("x", kind, "X.", check=check)], {"x": wrap(value)})[1]
        assert failure.reason == "'s1' is wrong; 's1' and 's2' are not allowed"


def test_a_check_is_only_asked_about_values_that_are_known_and_of_the_type() -> None:
    """It need not handle anything else."""
    asked: list[Any] = []
    prop = Property("x", ListOf(Scalar.STRING), "X.", check=asked.append)
    for value in (["a", UNKNOWN], [1], UNKNOWN, ["a"]):
        check_inputs([prop], {"x": wrap(value)})
    assert asked == [["a"]]
