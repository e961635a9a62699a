"""Python's names in nested inputs become the schema's, whatever the values are wrapped in."""

from __future__ import annotations

import asyncio
from typing import Any

import pulumi
import pytest
from pulumi_provider_kit.nested_names import ListOf, MapOf, Shape, schema_names

ANSWER: Shape = {"status_code": ("statusCode", None)}
CHECK: Shape = {"request_path": ("requestPath", None), "expect": ("expect", ANSWER)}

NAMED = {"requestPath": "/a", "expect": {"statusCode": 1}}


async def resolved(output: pulumi.Output[Any]) -> tuple[Any, bool]:
    """Return an output's value, and whether it is secret."""
    return await output.future(), await output.is_secret()


@pytest.mark.parametrize(
    ("value", "shape", "expected"),
    [
        ({"request_path": "/a", "expect": {"status_code": 1}}, CHECK, NAMED),
        ({"requestPath": "/a", "unknown_name": 1}, CHECK, {"requestPath": "/a", "unknown_name": 1}),
        ({"requestPath": "/a", "expect": {"status_code": 1}}, CHECK, NAMED),
        ([{"status_code": 1}, {"statusCode": 2}], ListOf(ANSWER), [{"statusCode": 1}, {"statusCode": 2}]),
        (({"status_code": 1},), ListOf(ANSWER), [{"statusCode": 1}]),
        ("not a list", ListOf(ANSWER), "not a list"),
        ({"status_code": 1}, ListOf(ANSWER), {"status_code": 1}),
        ([{"status_code": 1}], MapOf(ANSWER), [{"status_code": 1}]),
        ({"status_code": {"status_code": 1}}, MapOf(ANSWER), {"status_code": {"statusCode": 1}}),
        ("not an object", CHECK, "not an object"),
        (None, CHECK, None),
        ({"status_code": 1}, None, {"status_code": 1}),
    ],
)
def test_names_are_those_of_the_schema(value: Any, shape: Shape | None, expected: Any) -> None:
    """A map's keys are data and stay; what does not have the shape is for the provider's check to refuse."""
    assert schema_names(value, shape) == expected


def test_an_output_stays_an_output_and_a_secret_stays_secret() -> None:
    """Both where the whole value is one, and where a part of it is."""

    async def both() -> list[tuple[Any, bool]]:
        whole = schema_names(pulumi.Output.secret({"status_code": 200}), ANSWER)
        part = schema_names({"request_path": pulumi.Output.secret("/a")}, CHECK)
        return [await resolved(whole), await resolved(part["requestPath"])]

    assert asyncio.run(both()) == [({"statusCode": 200}, True), ("/a", True)]


def test_a_value_that_is_awaited_becomes_an_output() -> None:
    """A program may give whatever Pulumi takes as an input."""

    async def answer() -> dict[str, int]:
        return {"status_code": 200}

    async def named() -> tuple[Any, bool]:
        return await resolved(schema_names(answer(), ANSWER))

    assert asyncio.run(named()) == ({"statusCode": 200}, False)


def test_one_property_in_both_spellings_is_an_error() -> None:
    """Which of them the program means is unknown."""
    with pytest.raises(TypeError, match="statusCode is the same property"):
        schema_names({"status_code": 1, "statusCode": 2}, ANSWER)
