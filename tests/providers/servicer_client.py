"""Speaks to a provider's servicer the way the engine does, in process: real requests, real encoding.

Values go in and come out as plain Python data; :class:`Secret` marks what is secret, :data:`UNKNOWN` what is
known only later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from pulumi.provider.experimental.property_value import Computed, PropertyValue
from pulumi.runtime.proto import provider_pb2, status_pb2
from pulumi_provider_kit.claims import Claims
from pulumi_provider_kit.engine import RecordedLog
from pulumi_provider_kit.servicer import Servicer
from pulumi_provider_kit.table import ProviderTable
from pulumi_provider_kit.values import UNKNOWN, wrap
from pulumi_provider_kit.wire import marshal, unmarshal

__all__ = ["UNKNOWN", "CheckFailed", "Context", "Refused", "Resource", "Secret", "ServicerClient", "struct"]


@dataclass(frozen=True)
class Secret:
    """A secret value."""

    value: Any


class Refused(Exception):
    """The servicer answered with a status.

    Attributes:
        code: the status code.
        kept: ID and state where the failure came after a write, else None.
    """

    def __init__(self, code: grpc.StatusCode, message: str, kept: tuple[str, dict[str, Any]] | None) -> None:
        super().__init__(message)
        self.code = code
        self.kept = kept


class CheckFailed(Exception):
    """Inputs were refused; ``failures`` maps properties to reasons."""

    def __init__(self, failures: dict[str, str]) -> None:
        super().__init__("; ".join(f"{k}: {v}" for k, v in failures.items()))
        self.failures = failures


class Context:
    """As much of a gRPC context as the servicer uses."""

    def __init__(self) -> None:
        self._metadata: Sequence[tuple[str, bytes]] = ()

    def set_trailing_metadata(self, metadata: Sequence[tuple[str, bytes]]) -> None:
        self._metadata = metadata

    async def abort(self, code: grpc.StatusCode, message: str) -> None:
        kept = None
        for key, value in self._metadata:
            if key == "grpc-status-details-bin":
                status = status_pb2.Status.FromString(value)
                detail = provider_pb2.ErrorResourceInitFailed()
                status.details[0].Unpack(detail)
                kept = (detail.id, _bare(unmarshal(detail.properties)))
        raise Refused(code, message, kept)


@dataclass
class Resource:
    """A resource as the engine remembers it."""

    urn: str
    id: str
    inputs: dict[str, Any]
    state: dict[str, Any]


class ServicerClient:
    """One plugin process, as the engine sees it.

    Args:
        provider: the provider's module, with TABLE, RESOURCES, FUNCTIONS and connect.
        config: its configuration.
    """

    def __init__(self, provider: Any, config: Mapping[str, Any]) -> None:
        self.log = RecordedLog()
        table: ProviderTable = provider.TABLE
        self.table = table
        self.servicer: Servicer[Any] = Servicer(
            table, provider.RESOURCES, provider.FUNCTIONS, provider.connect, self.log, claims=None, state=None
        )
        self._config = config
        self._configured = False

    @property
    def said(self) -> str:
        """Everything that was shown to the user, a line a message."""
        return "\n".join(message for _, message in self.log.messages)

    def urn(self, kind: str, name: str) -> str:
        """Return a URN."""
        return f"urn:pulumi:test::test::{self.table.token(kind)}::{name}"

    async def check(
        self, kind: str, name: str, inputs: Mapping[str, Any], old: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Check inputs; raise CheckFailed with every failure."""
        request = provider_pb2.CheckRequest(
            urn=self.urn(kind, name), olds=struct(old or {}), news=struct(inputs)
        )
        response = await self.servicer.Check(request, Context())
        if response.failures:
            raise CheckFailed(_failures(response))
        return _bare(unmarshal(response.inputs))

    async def create(
        self, kind: str, name: str, inputs: Mapping[str, Any], *, preview: bool = False
    ) -> Resource:
        """Check, then create (or say what a create would leave)."""
        await self._configure()
        checked = await self.check(kind, name, inputs)
        request = provider_pb2.CreateRequest(
            urn=self.urn(kind, name), properties=struct(checked), preview=preview
        )
        response = await self.servicer.Create(request, Context())
        state = _bare(unmarshal(response.properties))
        return Resource(request.urn, response.id, checked, state)

    async def diff(
        self, resource: Resource, inputs: Mapping[str, Any], *, refreshing: bool = False
    ) -> dict[str, str]:
        """Return path to kind (ADD, UPDATE_REPLACE ...) of what would change; a refresh checks nothing."""
        await self._configure()
        kind_and_name = _kind_and_name(resource.urn)
        checked = inputs if refreshing else await self.check(*kind_and_name, inputs, resource.inputs)
        request = provider_pb2.DiffRequest(
            urn=resource.urn,
            id=resource.id,
            olds=struct(resource.state),
            old_inputs=struct(resource.inputs),
            news=struct(checked),
        )
        response = await self.servicer.Diff(request, Context())
        kinds = provider_pb2.PropertyDiff.Kind
        return {path: kinds.Name(change.kind) for path, change in response.detailedDiff.items()}

    async def update(self, resource: Resource, inputs: Mapping[str, Any], *, preview: bool = False) -> Resource:
        """Check, then update (or say what an update would leave)."""
        await self._configure()
        checked = await self.check(*_kind_and_name(resource.urn), inputs, resource.inputs)
        request = provider_pb2.UpdateRequest(
            urn=resource.urn,
            id=resource.id,
            olds=struct(resource.state),
            old_inputs=struct(resource.inputs),
            news=struct(checked),
            preview=preview,
        )
        response = await self.servicer.Update(request, Context())
        state = _bare(unmarshal(response.properties))
        return Resource(resource.urn, resource.id, checked, state)

    async def read(self, resource: Resource) -> Resource | None:
        """Refresh; None where it is gone."""
        await self._configure()
        request = provider_pb2.ReadRequest(
            urn=resource.urn,
            id=resource.id,
            properties=struct(resource.state),
            inputs=struct(resource.inputs),
        )
        response = await self.servicer.Read(request, Context())
        if not response.id:
            return None
        return Resource(
            resource.urn,
            response.id,
            _bare(unmarshal(response.inputs)),
            _bare(unmarshal(response.properties)),
        )

    async def import_(self, kind: str, name: str, import_id: str) -> Resource | None:
        """Import by ID."""
        return await self.read(Resource(self.urn(kind, name), import_id, {}, {}))

    async def delete(self, resource: Resource) -> None:
        """Delete."""
        await self._configure()
        request = provider_pb2.DeleteRequest(
            urn=resource.urn,
            id=resource.id,
            properties=struct(resource.state),
            old_inputs=struct(resource.inputs),
        )
        await self.servicer.Delete(request, Context())

    async def invoke(self, function: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Call a function."""
        await self._configure()
        request = provider_pb2.InvokeRequest(tok=self.table.token(function), args=struct(arguments))
        response = await self.servicer.Invoke(request, Context())
        if response.failures:
            raise CheckFailed(_failures(response))
        return _bare(unmarshal(getattr(response, "return")))

    def next_run(self) -> None:
        """Go on as in the next run of the engine, in which nobody has claimed anything yet."""
        self.servicer.claims.close()
        self.servicer.claims = Claims()

    async def close(self) -> None:
        """End the plugin process."""
        await self.servicer.close()

    async def _configure(self) -> None:
        if not self._configured:
            request = provider_pb2.ConfigureRequest(args=struct(self._config), acceptSecrets=True)
            await self.servicer.Configure(request, Context())
            self._configured = True


def _failures(response: Any) -> dict[str, str]:
    """Return the failures by property, which begins each sentence; the engine is never given it apart."""
    assert not any(f.property for f in response.failures), "the engine would print the property's value"
    sentences = (f.reason.partition(" ") for f in response.failures)
    return {prop.removesuffix(":"): reason for prop, _, reason in sentences}


def _kind_and_name(urn: str) -> tuple[str, str]:
    token, name = urn.split("::", 3)[2:]
    return token.rpartition(":")[2], name


def struct(values: Mapping[str, Any]) -> Any:
    """Return plain values as they cross the wire."""
    return marshal({k: _value(v) for k, v in values.items()})


def _value(value: Any) -> PropertyValue:
    if isinstance(value, Secret):
        return wrap(_value(value.value), is_secret=True)
    if isinstance(value, Mapping):
        return PropertyValue({k: _value(v) for k, v in value.items()})
    if isinstance(value, Sequence) and not isinstance(value, str):
        return PropertyValue([_value(v) for v in value])
    return wrap(value)


def _bare(values: Mapping[str, PropertyValue]) -> dict[str, Any]:
    return {k: _bare_value(v) for k, v in values.items()}


def _bare_value(value: PropertyValue) -> Any:
    inner: Any = value.value
    if isinstance(inner, Computed):
        inner = UNKNOWN
    elif isinstance(inner, Mapping):
        inner = {k: _bare_value(v) for k, v in inner.items()}
    elif isinstance(inner, Sequence) and not isinstance(inner, str):
        inner = [_bare_value(v) for v in inner]
    elif isinstance(inner, float) and inner.is_integer():
        inner = int(inner)
    return Secret(inner) if value.is_secret else inner
