"""The plugin's gRPC side: decodes a request, calls the resource, encodes the answer, and nothing else.

Differs from the SDK's experimental servicer, which it builds on, in what that one leaves out: the old
inputs reach diff, update and delete; errors become statuses that the engine prints as they are; a failure
after a write keeps the state (ErrorResourceInitFailed of Pulumi's provider protocol); DiffConfig works.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.provider import CheckFailure, PropertyDiffKind
from pulumi.runtime.proto import ResourceProviderServicer, plugin_pb2, provider_pb2, status_pb2

from .cancellation import Cancellation
from .check import check_inputs
from .config import parse_config
from .errors import InitializationFailed, PropertyError, ProviderError
from .resource import ClientT, Operation
from .schema import package_schema
from .values import same, secret
from .wire import marshal, unmarshal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from .engine import Log
    from .resource import Function, Resource
    from .table import ProviderTable
    from .values import PropertyMap

__all__ = ["Servicer"]

AnswerT = TypeVar("AnswerT")

_KINDS = {
    PropertyDiffKind.ADD: provider_pb2.PropertyDiff.ADD,
    PropertyDiffKind.ADD_REPLACE: provider_pb2.PropertyDiff.ADD_REPLACE,
    PropertyDiffKind.DELETE: provider_pb2.PropertyDiff.DELETE,
    PropertyDiffKind.DELETE_REPLACE: provider_pb2.PropertyDiff.DELETE_REPLACE,
    PropertyDiffKind.UPDATE: provider_pb2.PropertyDiff.UPDATE,
    PropertyDiffKind.UPDATE_REPLACE: provider_pb2.PropertyDiff.UPDATE_REPLACE,
}
_REPLACING = {PropertyDiffKind.ADD_REPLACE, PropertyDiffKind.DELETE_REPLACE, PropertyDiffKind.UPDATE_REPLACE}


class Servicer(ResourceProviderServicer, Generic[ClientT]):
    """Serves one provider.

    Args:
        table: the provider's table.
        resources: its resource types.
        functions: its functions.
        connect: makes the API client from the checked configuration; makes no request. It is called once,
            at the first operation, so that a plugin without credentials still serves its schema.
        log: where the user reads.
    """

    def __init__(
        self,
        table: ProviderTable,
        resources: Iterable[Resource[ClientT]],
        functions: Iterable[Function[ClientT]],
        connect: Callable[[PropertyMap, Cancellation], ClientT],
        log: Log,
    ) -> None:
        self.cancellation = Cancellation()
        self._table = table
        self._resources = {table.token(r.table.name): r for r in resources}
        self._functions = {table.token(f.table.name): f for f in functions}
        self._connect = connect
        self._log = log
        self._config: PropertyMap = {}
        self._client: ClientT | None = None

    async def close(self) -> None:
        """Close the client's connections, if there is one."""
        if self._client is not None:
            await self._client.close()

    # The provider itself

    async def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:  # noqa: N802
        """Return the plugin's version."""
        return plugin_pb2.PluginInfo(version=self._table.version)

    async def GetSchema(self, request: Any, context: Any) -> provider_pb2.GetSchemaResponse:  # noqa: N802
        """Return the package schema as JSON."""
        return provider_pb2.GetSchemaResponse(schema=json.dumps(package_schema(self._table)))

    async def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        """End every wait; writes under way finish."""
        self.cancellation.cancel()
        return empty_pb2.Empty()

    async def CheckConfig(self, request: Any, context: Any) -> provider_pb2.CheckResponse:  # noqa: N802
        """Check the provider's configuration against the table; secrets stay secret."""
        news = unmarshal(request.news)
        # The engine hands every provider its version and plugin options among the configuration.
        given = {k: v for k, v in news.items() if k not in {"version", "pluginDownloadURL"}}
        checked, failures = check_inputs(self._table.config, parse_config(self._table, given))
        extra = {k: v for k, v in news.items() if k not in given}
        return _check_response({**checked, **extra}, failures)

    async def DiffConfig(self, request: Any, context: Any) -> provider_pb2.DiffResponse:  # noqa: N802
        """Report that the configuration changed; new credentials never replace a resource."""
        olds = unmarshal(request.olds)
        news = unmarshal(request.news)
        changed = [k for k in sorted({*olds, *news}) if not same(olds.get(k), news.get(k))]
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=changed,
        )

    async def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:  # noqa: N802
        """Keep the configuration. No request is made: a plan for another cloud must not need this one."""
        self._config = parse_config(self._table, unmarshal(request.args))
        self._client = None
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, acceptResources=True, acceptOutputs=True, supportsPreview=True
        )

    # Resources

    async def Check(self, request: Any, context: Any) -> provider_pb2.CheckResponse:  # noqa: N802
        """Check inputs: all failures at once."""

        async def check() -> provider_pb2.CheckResponse:
            resource = self._resource(request.urn)
            checked, failures = check_inputs(resource.table.properties, unmarshal(request.news))
            # What is wrong by the table is left out, so that the rest is checked in the same go.
            sound = _without_failures(checked, failures)
            operation = self._operation(request.urn, preview=True, connected=self._can_connect())
            olds = unmarshal(request.olds)
            checked, more = await resource.check(operation, sound, olds)
            failures = [*failures, *more]
            return _check_response(checked, failures)

        return await self._answer(context, check)

    async def Diff(self, request: Any, context: Any) -> provider_pb2.DiffResponse:  # noqa: N802
        """Compare old inputs and new ones."""

        async def diff() -> provider_pb2.DiffResponse:
            difference = await self._resource(request.urn).diff(
                self._operation(request.urn, preview=True),
                request.id,
                unmarshal(request.olds),
                unmarshal(request.old_inputs),
                unmarshal(request.news),
            )
            changes = difference.changes
            some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
            return provider_pb2.DiffResponse(
                changes=some if changes else none,
                replaces=_top_level(path for path, change in changes.items() if change.kind in _REPLACING),
                deleteBeforeReplace=difference.delete_before_replace,
                diffs=_top_level(changes),
                detailedDiff={
                    path: provider_pb2.PropertyDiff(kind=_KINDS[change.kind], inputDiff=change.input_diff)
                    for path, change in changes.items()
                },
                hasDetailedDiff=True,
            )

        return await self._answer(context, diff)

    async def Create(self, request: Any, context: Any) -> provider_pb2.CreateResponse:  # noqa: N802
        """Create, or say what a create would leave."""

        async def create() -> provider_pb2.CreateResponse:
            resource = self._resource(request.urn)
            inputs = unmarshal(request.properties)
            operation = self._operation(request.urn, preview=request.preview)
            if request.preview:
                state = await resource.preview_create(operation, inputs)
                return provider_pb2.CreateResponse(properties=self._marshal(resource, state))
            self.cancellation.check()
            resource_id, state = await resource.create(operation, inputs)
            return provider_pb2.CreateResponse(id=resource_id, properties=self._marshal(resource, state))

        return await self._answer(context, create, request.urn)

    async def Read(self, request: Any, context: Any) -> provider_pb2.ReadResponse:  # noqa: N802
        """Read what is live; an empty answer says that it is gone."""

        async def read() -> provider_pb2.ReadResponse:
            resource = self._resource(request.urn)
            reading = await resource.read(
                self._operation(request.urn, preview=True),
                request.id,
                unmarshal(request.properties),
                unmarshal(request.inputs),
            )
            if reading is None:
                return provider_pb2.ReadResponse()
            return provider_pb2.ReadResponse(
                id=reading.id,
                properties=self._marshal(resource, reading.state),
                inputs=self._marshal(resource, reading.inputs),
            )

        return await self._answer(context, read)

    async def Update(self, request: Any, context: Any) -> provider_pb2.UpdateResponse:  # noqa: N802
        """Update, or say what an update would leave."""

        async def update() -> provider_pb2.UpdateResponse:
            resource = self._resource(request.urn)
            act = resource.preview_update if request.preview else resource.update
            if not request.preview:
                self.cancellation.check()
            state = await act(
                self._operation(request.urn, preview=request.preview),
                request.id,
                unmarshal(request.olds),
                unmarshal(request.old_inputs),
                unmarshal(request.news),
            )
            return provider_pb2.UpdateResponse(properties=self._marshal(resource, state))

        return await self._answer(context, update, request.urn)

    async def Delete(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        """Delete."""

        async def delete() -> empty_pb2.Empty:
            self.cancellation.check()
            await self._resource(request.urn).delete(
                self._operation(request.urn),
                request.id,
                unmarshal(request.properties),
                unmarshal(request.old_inputs),
            )
            return empty_pb2.Empty()

        return await self._answer(context, delete)

    async def Invoke(self, request: Any, context: Any) -> provider_pb2.InvokeResponse:  # noqa: N802
        """Call a function."""

        async def invoke() -> provider_pb2.InvokeResponse:
            function = self._functions.get(request.tok)
            if function is None:
                raise ProviderError(f"{request.tok} is not a function of the {self._table.name} provider")
            arguments, failures = check_inputs(function.table.inputs, unmarshal(request.args))
            if failures:
                return provider_pb2.InvokeResponse(failures=_failures(failures))
            result = await function.invoke(self._operation("", preview=True), arguments)
            secrets = {p.name for p in function.table.outputs if p.secret}
            marked = {k: secret(v) if k in secrets else v for k, v in result.items()}
            return provider_pb2.InvokeResponse(**{"return": marshal(marked)})

        return await self._answer(context, invoke)

    # Plumbing

    def _resource(self, urn: str) -> Resource[ClientT]:
        # urn:pulumi:stack::project::types::name; a name may itself contain "::" (Pulumi docs: URNs).
        types = [*urn.split("::", 3), "", ""][2]
        token = types.rpartition("$")[2]
        resource = self._resources.get(token)
        if resource is None:
            raise ProviderError(f"{token or urn} is not a resource of the {self._table.name} provider")
        return resource

    def _can_connect(self) -> bool:
        """Tell whether there are credentials: a check is worth having without, an operation is not."""
        try:
            self._client = self._client or self._connect(self._config, self.cancellation)
        except ProviderError:
            return False
        return True

    def _operation(self, urn: str, *, preview: bool = False, connected: bool = True) -> Operation[Any]:
        if connected and self._client is None:
            self._client = self._connect(self._config, self.cancellation)
        return Operation(urn, self._client, self._log, self.cancellation, preview, connected)

    def _marshal(self, resource: Resource[ClientT], values: PropertyMap) -> Any:
        secrets = {p.name for p in resource.table.properties if p.secret}
        return marshal({k: secret(v) if k in secrets else v for k, v in values.items()})

    async def _answer(self, context: Any, act: Callable[[], Awaitable[AnswerT]], urn: str = "") -> AnswerT:
        """Await an operation and turn what it raises into a status that reads well in a terminal."""
        try:
            return await act()
        except InitializationFailed as error:
            await _abort_keeping_state(context, error, self._marshal(self._resource(urn), error.state))
        except PropertyError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        except ProviderError as error:
            await context.abort(grpc.StatusCode.UNKNOWN, str(error))
        raise AssertionError("abort raises")


async def _abort_keeping_state(context: Any, error: InitializationFailed, state: Any) -> NoReturn:
    """Answer with ErrorResourceInitFailed, which makes the engine save the state."""
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
    status.details.add().Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=error.resource_id,
            properties=state,
            reasons=list(error.reasons),
        )
    )
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    await context.abort(grpc.StatusCode.UNKNOWN, str(error))
    raise AssertionError("abort raises")


def _failures(failures: Sequence[CheckFailure]) -> list[provider_pb2.CheckFailure]:
    """Return the failures with the property's name in the sentence and nowhere else.

    The engine prints the value of a property that a failure names, secret or not
    (https://github.com/pulumi/pulumi/issues/19465), and ``<nil>`` for a path into one.
    """
    return [provider_pb2.CheckFailure(reason=f"{f.property} {f.reason}".strip()) for f in failures]


def _without_failures(inputs: PropertyMap, failures: Sequence[CheckFailure]) -> dict[str, PropertyValue]:
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


def _check_response(inputs: PropertyMap, failures: Sequence[CheckFailure]) -> provider_pb2.CheckResponse:
    return provider_pb2.CheckResponse(inputs=marshal(dict(inputs)), failures=_failures(failures))
