"""Property values on the wire: which are secret, and which are not known yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from google.protobuf import struct_pb2
from pulumi.provider.experimental.property_value import Computed, PropertyValue
from pulumi.runtime import rpc
from pulumi_provider_kit.values import UNKNOWN, wrap
from pulumi_provider_kit.wire import marshal, unmarshal

OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
SIGNATURE = "4dabf18193072939515e22adb298388d"
UNKNOWNS = {
    "bool": "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "number": "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "string": rpc.UNKNOWN,
    "list": "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "asset": "030794c1-ac77-496b-92df-f27374a8bd58",
    "archive": "e48ece36-62e2-4504-bad9-02848725956a",
    "object": "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
}
"""Of the engine's ``sdk/go/common/resource/plugin/rpc.go``."""


@pytest.mark.parametrize("secret", [True, False])
def test_an_output_value_keeps_its_secretness(secret: bool) -> None:
    """The engine sends a program's outputs as such to a provider that accepts them."""
    struct = struct_pb2.Struct()
    struct.update({"url": {SIGNATURE: OUTPUT, "value": "https://x", "secret": secret}})
    value = unmarshal(struct)["url"]
    assert value.value == "https://x"
    assert value.is_secret is secret


@pytest.mark.parametrize("kind", UNKNOWNS)
def test_an_unknown_value_of_any_type_is_not_known(kind: str) -> None:
    """The mark depends on the type; none of them may be taken for a text."""
    struct = struct_pb2.Struct()
    struct.update({"x": UNKNOWNS[kind]})
    assert isinstance(unmarshal(struct)["x"].value, Computed)


def comparable(value: PropertyValue) -> Any:
    """Return a value in a form that can be compared: the SDK's cannot if a part is not known yet."""
    inner: Any = value.value
    if isinstance(inner, Mapping):
        inner = {key: comparable(part) for key, part in inner.items()}
    elif isinstance(inner, Sequence) and not isinstance(inner, str):
        inner = [comparable(part) for part in inner]
    return value.is_secret, Computed if isinstance(inner, Computed) else inner


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        1.5,
        "x",
        ["a", None],
        {"a": {"b": False}},
        UNKNOWN,
        {"a": UNKNOWN, "b": [wrap("s", is_secret=True)]},
    ],
)
@pytest.mark.parametrize("secret", [True, False])
def test_a_value_survives_the_wire(value: Any, secret: bool) -> None:
    """Each type, with its secretness and that of its parts, also if it is not known yet."""
    sent = wrap(value, is_secret=secret)
    assert comparable(unmarshal(marshal({"x": sent}))["x"]) == comparable(sent)


def test_an_output_without_a_value_is_not_known_yet() -> None:
    """So the engine sends it in a preview; it may be secret already."""
    struct = struct_pb2.Struct()
    struct.update({"x": {SIGNATURE: OUTPUT, "secret": True}})
    value = unmarshal(struct)["x"]
    assert (isinstance(value.value, Computed), value.is_secret) == (True, True)


def test_what_no_property_takes_is_an_error() -> None:
    """An archive must not be taken for a map, and an object of Python not for nothing."""
    struct = struct_pb2.Struct()
    struct.update({"x": {SIGNATURE: "0def7320c3a5731c473e5ecbe6d01bc7", "path": "a.zip"}})
    with pytest.raises(ValueError, match="archives"):
        unmarshal(struct)
    odd: Any = object()
    with pytest.raises(TypeError, match="object"):
        marshal({"x": PropertyValue(odd)})


def test_an_output_of_a_secret_is_secret() -> None:
    """Whichever of the two says so."""
    struct = struct_pb2.Struct()
    inner = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "value": "x"}
    struct.update({"x": {SIGNATURE: OUTPUT, "value": inner, "secret": False}})
    value = unmarshal(struct)["x"]
    assert (value.value, value.is_secret) == ("x", True)
