"""The answers of the provider protocol: what the engine reads of them."""

from __future__ import annotations

import pytest
from pulumi.provider.experimental.provider import CheckFailure, PropertyDiff, PropertyDiffKind
from pulumi.runtime.proto import provider_pb2, status_pb2
from pulumi_provider_kit.answers import diff_response, kept_state, without_failures
from pulumi_provider_kit.errors import InitializationFailed
from pulumi_provider_kit.resource import Difference
from pulumi_provider_kit.values import UNKNOWN, plain, wrap
from pulumi_provider_kit.wire import marshal


def test_no_change_is_said_explicitly() -> None:
    """Without an answer to whether something changes, the engine compares by itself."""
    assert diff_response(Difference()) == provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_NONE, hasDetailedDiff=True
    )


@pytest.mark.parametrize("kind", list(PropertyDiffKind))
def test_each_kind_of_change(kind: PropertyDiffKind) -> None:
    """The engine replaces a resource for the properties that `replaces` names, and shows the path."""
    change = PropertyDiff(kind, input_diff=True)
    answer = diff_response(Difference({"countries.US": change, "countries[0]": change}, True))
    detail = provider_pb2.PropertyDiff(kind=provider_pb2.PropertyDiff.Kind.Value(kind.name), inputDiff=True)
    assert answer == provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME,
        replaces=["countries"] if kind.name.endswith("_REPLACE") else [],
        deleteBeforeReplace=True,
        diffs=["countries"],
        detailedDiff={"countries.US": detail, "countries[0]": detail},
        hasDetailedDiff=True,
    )


def test_a_failure_after_a_write_makes_the_engine_save_the_state() -> None:
    """ID, state and each reason; the status has the same text as the error."""
    state = marshal({"a": wrap("b", is_secret=True)})
    ((key, value),) = kept_state(InitializationFailed("PN1", {}, ["one", "two"]), state)
    status = status_pb2.Status.FromString(value)
    detail = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(detail)
    assert key == "grpc-status-details-bin"
    assert (status.code, status.message) == (2, "one; two")
    assert detail == provider_pb2.ErrorResourceInitFailed(id="PN1", properties=state, reasons=["one", "two"])


def test_what_failed_is_left_out_of_the_next_check() -> None:
    """Of a map only the entry; of everything else, and of a map that is not known yet, the whole property."""
    inputs = {
        "name": wrap("x"),
        "tags": wrap(["a", "b"]),
        "later": UNKNOWN,
        "notes": wrap({"1": "a", "1b": "b", "2": {"x": "c"}, "3": ["d"]}, is_secret=True),
        "fine": wrap("y"),
    }
    paths = ("missing", "name", "tags[1]", "later.x", "notes.1", "notes.2.x", "notes.3[0]")
    sound = without_failures(inputs, [CheckFailure(path, "is wrong") for path in paths])
    assert {name: plain(value) for name, value in sound.items()} == {"notes": {"1b": "b"}, "fine": "y"}
    assert sound["notes"].is_secret
    assert set(inputs) == {"name", "tags", "later", "notes", "fine"}
