"""The servicer's answers as the provider protocol has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import grpc
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.provider import PropertyDiffKind
from pulumi.runtime.proto import provider_pb2, status_pb2

from .wire import marshal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pulumi.provider.experimental.provider import CheckFailure

    from .errors import InitializationFailed
    from .resource import Difference
    from .values import PropertyMap

__all__ = [
    "REPLACING",
    "check_response",
    "diff_response",
    "failures_of",
    "kept_state",
    "without_failures",
]

_KINDS = {
    PropertyDiffKind.ADD: provider_pb2.PropertyDiff.ADD,
    PropertyDiffKind.ADD_REPLACE: provider_pb2.PropertyDiff.ADD_REPLACE,
    PropertyDiffKind.DELETE: provider_pb2.PropertyDiff.DELETE,
    PropertyDiffKind.DELETE_REPLACE: provider_pb2.PropertyDiff.DELETE_REPLACE,
    PropertyDiffKind.UPDATE: provider_pb2.PropertyDiff.UPDATE,
    PropertyDiffKind.UPDATE_REPLACE: provider_pb2.PropertyDiff.UPDATE_REPLACE,
}
REPLACING = {PropertyDiffKind.ADD_REPLACE, PropertyDiffKind.DELETE_REPLACE, PropertyDiffKind.UPDATE_REPLACE}


def diff_response(difference: Difference) -> provider_pb2.DiffResponse:
    """Return the answer to a diff."""
    changes = difference.changes
    some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=some if changes else none,
        replaces=_top_level(path for path, change in changes.items() if change.kind in REPLACING),
        deleteBeforeReplace=difference.delete_before_replace,
        diffs=_top_level(changes),
        detailedDiff={
            path: provider_pb2.PropertyDiff(kind=_KINDS[change.kind], inputDiff=change.input_diff)
            for path, change in changes.items()
        },
        hasDetailedDiff=True,
    )


def kept_state(error: InitializationFailed, state: Any) -> tuple[tuple[str, bytes], ...]:
    """Return the trailing metadata with ErrorResourceInitFailed, which makes the engine save the state."""
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
    status.details.add().Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=error.resource_id,
            properties=state,
            reasons=list(error.reasons),
        )
    )
    return (("grpc-status-details-bin", status.SerializeToString()),)


def failures_of(failures: Sequence[CheckFailure]) -> list[provider_pb2.CheckFailure]:
    """Return the failures with the property's name in the sentence and nowhere else.

    The engine prints the value of a property that a failure names, secret or not
    (https://github.com/pulumi/pulumi/issues/19465), and ``<nil>`` for a path into one.
    """
    return [provider_pb2.CheckFailure(reason=f"{f.property} {f.reason}".strip()) for f in failures]


def without_failures(inputs: PropertyMap, failures: Sequence[CheckFailure]) -> dict[str, PropertyValue]:
    """Return the inputs without what failed: entries of a map one by one, else whole properties."""
    sound = dict(inputs)
    for failure in failures:
        [name] = _top_level([failure.property])
        value = sound.pop(name, None)
        path = failure.property.removeprefix(f"{name}.")
        if value is None or path == failure.property or not isinstance(value.value, Mapping):
            continue
        entries = {
            key: entry
            for key, entry in value.value.items()
            if path != key and not path.startswith((f"{key}.", f"{key}["))
        }
        sound[name] = PropertyValue(entries, value.is_secret, value.dependencies)
    return sound


def _top_level(paths: Iterable[str]) -> list[str]:
    """Return the properties that the paths begin with, each once: ``countries`` for ``countries.US``."""
    return list(dict.fromkeys(re.split(r"[.\[]", path, maxsplit=1)[0] for path in paths))


def check_response(inputs: PropertyMap, failures: Sequence[CheckFailure]) -> provider_pb2.CheckResponse:
    """Return the answer to a check."""
    return provider_pb2.CheckResponse(inputs=marshal(dict(inputs)), failures=failures_of(failures))
