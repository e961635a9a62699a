"""Property values on the wire: which are secret, and which are not known yet."""

from __future__ import annotations

import pytest
from google.protobuf import struct_pb2
from pulumi.provider.experimental.property_value import Computed
from pulumi.runtime import rpc
from pulumi_provider_kit.wire import unmarshal

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
