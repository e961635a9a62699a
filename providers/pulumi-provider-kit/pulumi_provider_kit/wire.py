"""Property values on the wire.

Pulumi encodes them as protobuf structs in which a reserved key marks secrets and outputs, and a reserved
string stands for a value that is not known yet (Pulumi docs: provider protocol, property values). The SDK's
own encoder for providers knows secrets but not unknowns, which every preview has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from google.protobuf import struct_pb2
from pulumi.provider.experimental.property_value import Computed, PropertyValue
from pulumi.runtime import rpc

if TYPE_CHECKING:
    from .values import PropertyMap

__all__ = ["SECRET", "SIGNATURE", "marshal", "unmarshal"]

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the protocol's mark for a secret, not one
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
# Which of these stands for an unknown value depends on the type that it will have.
_UNKNOWN = frozenset(
    {
        rpc.UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)


def unmarshal(struct: struct_pb2.Struct) -> dict[str, PropertyValue]:
    """Return the values of a struct; unknown ones are ``Computed``."""
    return {key: _unmarshal(value) for key, value in struct.fields.items()}


def marshal(values: PropertyMap) -> struct_pb2.Struct:
    """Return a struct that carries the values with their secretness."""
    return struct_pb2.Struct(fields={key: _marshal(value) for key, value in values.items()})


def _unmarshal(value: struct_pb2.Value) -> PropertyValue:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        known = value.string_value not in _UNKNOWN
        return PropertyValue(value.string_value if known else Computed())
    if kind == "list_value":
        return PropertyValue([_unmarshal(item) for item in value.list_value.values])
    if kind != "struct_value":
        return PropertyValue(None if kind in {None, "null_value"} else getattr(value, kind))
    fields = value.struct_value.fields
    signature = fields[SIGNATURE].string_value if SIGNATURE in fields else None
    if signature is None:
        return PropertyValue({key: _unmarshal(item) for key, item in fields.items()})
    if signature not in {SECRET, _OUTPUT}:
        raise ValueError("assets, archives and resources are not values of this provider's properties")
    inner = _unmarshal(fields["value"]) if "value" in fields else PropertyValue(Computed())
    is_secret = signature == SECRET or fields["secret"].bool_value
    return PropertyValue(inner.value, is_secret or inner.is_secret)


def _marshal(value: PropertyValue) -> struct_pb2.Value:
    bare = _marshal_bare(value)
    if not value.is_secret:
        return bare
    mark = struct_pb2.Value(string_value=SECRET)
    return struct_pb2.Value(struct_value=struct_pb2.Struct(fields={SIGNATURE: mark, "value": bare}))


def _marshal_bare(value: PropertyValue) -> struct_pb2.Value:
    inner = value.value
    if inner is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(inner, Computed):
        return struct_pb2.Value(string_value=rpc.UNKNOWN)
    if isinstance(inner, bool):
        return struct_pb2.Value(bool_value=inner)
    if isinstance(inner, float):
        return struct_pb2.Value(number_value=inner)
    if isinstance(inner, str):
        return struct_pb2.Value(string_value=inner)
    if isinstance(inner, Mapping):
        return struct_pb2.Value(struct_value=marshal(inner))
    if isinstance(inner, Sequence):
        items = [_marshal(item) for item in cast("Sequence[PropertyValue]", inner)]
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=items))
    raise TypeError(f"a {type(inner).__name__} is not a value of this provider's properties")
