"""The comparison of inputs: paths and kinds."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_provider_kit.diff import diff_inputs
from pulumi_provider_kit.table import ListOf, MapOf, Property, ResourceTable, Scalar
from pulumi_provider_kit.values import UNKNOWN, wrap

TABLE = ResourceTable(
    name="X",
    doc="X.",
    example="",
    import_id="",
    rights="",
    properties=(
        Property("name", Scalar.STRING, "N.", replaces=True),
        Property("url", Scalar.STRING, "U."),
        Property("notes", MapOf(Scalar.STRING), "By key."),
        Property("whole", MapOf(Scalar.STRING), "As one.", element_path=False),
        Property("tags", ListOf(Scalar.STRING), "T."),
        Property("digest", Scalar.STRING, "Of the files.", derived=True),
        Property("sid", Scalar.STRING, "S.", output=True),
    ),
)


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        ({}, {}, {}),
        ({"url": None}, {}, {}),
        ({"url": "a"}, {"url": "a"}, {}),
        ({"url": None}, {"url": "a"}, {"url": "ADD"}),
        ({"url": "a"}, {"url": None}, {"url": "DELETE"}),
        ({"url": "a"}, {"url": ""}, {"url": "UPDATE"}),
        ({"url": "a"}, {"url": UNKNOWN}, {"url": "UPDATE"}),
        ({}, {"name": "a"}, {"name": "ADD_REPLACE"}),
        ({"name": "a"}, {}, {"name": "DELETE_REPLACE"}),
        ({"name": "a"}, {"name": "b"}, {"name": "UPDATE_REPLACE"}),
        (
            {"notes": {"a": "1", "b": "1", "c": "1"}},
            {"notes": {"b": "2", "c": "1", "d.e": "1", "f_1": "1"}},
            {"notes.a": "DELETE", "notes.b": "UPDATE", 'notes["d.e"]': "ADD", "notes.f_1": "ADD"},
        ),
        ({"notes": {"a": "1"}}, {"notes": UNKNOWN}, {"notes": "UPDATE"}),
        ({"notes": UNKNOWN}, {"notes": {"a": "1"}}, {"notes": "UPDATE"}),
        ({"whole": {"a": "1"}}, {"whole": {"a": "2"}}, {"whole": "UPDATE"}),
        ({"tags": ["a"]}, {"tags": ["b"]}, {"tags": "UPDATE"}),
        ({"digest": "a"}, {"digest": "b"}, {"digest": "UPDATE"}),
        ({"sid": "a"}, {"sid": "b"}, {}),
    ],
)
def test_what_differs(old: dict[str, Any], new: dict[str, Any], kinds: dict[str, str]) -> None:
    """Absent and null are the same, an unknown value equals none, and a map is compared key by key."""
    before, after = ({name: wrap(value) for name, value in side.items()} for side in (old, new))
    changes = diff_inputs(TABLE, before, after)
    assert {path: change.kind.name for path, change in changes.items()} == kinds
    assert all(change.input_diff for change in changes.values())
