"""The plugin's gRPC side: decodes a request, calls the resource, encodes the answer, and nothing else.

Differs from the SDK's experimental servicer, which it builds on, in what that one leaves out: the old
inputs reach diff, update and delete; errors become statuses that the engine prints as they are; a failure
after a write keeps the state (ErrorResourceInitFailed of Pulumi's provider protocol); DiffConfig works.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import ResourceProviderServicer, plugin_pb2, provider_pb2

from .answers import check_response, diff_response, failures_of, kept_state
from .cancellation import Cancellation
from .check import check_inputs
from .claims import Claims
from .config import parse_config
from .errors import InitializationFailed, PropertyError, ProviderError
from .home import left_home, located
from .lifecycle import Lifecycle
from .request import (
    CheckRequest,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    ReadRequest,
    UpdateRequest,
)
from .resource import ClientT, Operation, type_of
from .schema import package_schema
from .stack_state import StackState
from .values import same, secret
from .wire import marshal, unmarshal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from .engine import Log
    from .resource import Function, Resource
    from .table import ProviderTable
    from .values import PropertyMap

__all__ = ["Servicer"]

AnswerT = TypeVar("AnswerT")


class Servicer(ResourceProviderServicer, Generic[ClientT]):
    """Serves one provider.

    Args:
        table: the provider's table.
        resources: its resource types.
        functions: its functions.
        connect: makes the API client from the checked configuration; makes no request. It is called once,
            at the first operation, so that a plugin without credentials still serves its schema.
        log: where the user reads.
        claims: the claims of the engine's run; by default only this process's.
        state: the state that the engine works on; by default nothing is known of it.
    """

    def __init__(
        self,
        table: ProviderTable,
        resources: Iterable[Resource[ClientT]],
        functions: Iterable[Function[ClientT]],
        connect: Callable[[PropertyMap, Cancellation], ClientT],
        log: Log,
        *,
        claims: Claims | None,
        state: StackState | None,
    ) -> None:
        self.cancellation = Cancellation()
        self.claims = claims or Claims()
        self._table = table
        self._resources = {table.token(r.table.name): r for r in resources}
        self._functions = {table.token(f.table.name): f for f in functions}
        self._connect = connect
        self._log = log
        self._config: PropertyMap = {}
        self._client: ClientT | None = None
        self._state = state or StackState(None)
        self._lifecycle: Lifecycle[ClientT] = Lifecycle(self._state)

    async def close(self) -> None:
        """Close the client's connections, if there is one."""
        self.claims.close()
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
        return check_response({**checked, **extra}, failures)

    async def DiffConfig(self, request: Any, context: Any) -> provider_pb2.DiffResponse:  # noqa: N802
        """Report what changed; another account replaces the resources, new credentials of the same do not."""
        olds = unmarshal(request.olds)
        news = unmarshal(request.news)
        changed = [k for k in sorted({*olds, *news}) if not same(olds.get(k), news.get(k))]
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=changed,
            replaces=left_home(self._table, olds, news),
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
            operation = self._operation(request.urn, preview=True, connected=self._can_connect())
            inputs, failures = await self._lifecycle.check(
                resource, operation, CheckRequest(unmarshal(request.news), unmarshal(request.olds))
            )
            return check_response(inputs, failures)

        return await self._answer(context, check, request.urn)

    async def Diff(self, request: Any, context: Any) -> provider_pb2.DiffResponse:  # noqa: N802
        """Compare old inputs and new ones."""

        async def diff() -> provider_pb2.DiffResponse:
            resource, operation = self._resource(request.urn), self._operation(request.urn, preview=True)
            values = unmarshal(request.olds), unmarshal(request.old_inputs), unmarshal(request.news)
            return diff_response(
                await self._lifecycle.diff(resource, operation, DiffRequest(request.id, *values))
            )

        return await self._answer(context, diff, request.urn)

    async def Create(self, request: Any, context: Any) -> provider_pb2.CreateResponse:  # noqa: N802
        """Create, or say what a create would leave."""

        async def create() -> provider_pb2.CreateResponse:
            resource = self._resource(request.urn)
            operation = self._operation(request.urn, preview=request.preview)
            resource_id, state = await self._lifecycle.create(
                resource, operation, CreateRequest(unmarshal(request.properties))
            )
            return provider_pb2.CreateResponse(id=resource_id, properties=self._marshal(resource, state))

        return await self._answer(context, create, request.urn)

    async def Read(self, request: Any, context: Any) -> provider_pb2.ReadResponse:  # noqa: N802
        """Read what is live; an empty answer says that it is gone."""

        async def read() -> provider_pb2.ReadResponse:
            resource, operation = self._resource(request.urn), self._operation(request.urn, preview=True)
            values = unmarshal(request.properties), unmarshal(request.inputs)
            result = await self._lifecycle.read(resource, operation, ReadRequest(request.id, *values))
            if result is None:
                return provider_pb2.ReadResponse()
            return provider_pb2.ReadResponse(
                id=result.id,
                properties=self._marshal(resource, result.state),
                inputs=self._marshal(resource, result.inputs),
            )

        return await self._answer(context, read, request.urn)

    async def Update(self, request: Any, context: Any) -> provider_pb2.UpdateResponse:  # noqa: N802
        """Update, or say what an update would leave."""

        async def update() -> provider_pb2.UpdateResponse:
            resource = self._resource(request.urn)
            operation = self._operation(request.urn, preview=request.preview)
            values = unmarshal(request.olds), unmarshal(request.old_inputs), unmarshal(request.news)
            state = await self._lifecycle.update(resource, operation, UpdateRequest(request.id, *values))
            return provider_pb2.UpdateResponse(properties=self._marshal(resource, state))

        return await self._answer(context, update, request.urn)

    async def Delete(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        """Delete."""

        async def delete() -> empty_pb2.Empty:
            resource, operation = self._resource(request.urn), self._operation(request.urn)
            values = unmarshal(request.properties), unmarshal(request.old_inputs)
            await self._lifecycle.delete(resource, operation, DeleteRequest(request.id, *values))
            return empty_pb2.Empty()

        return await self._answer(context, delete, request.urn)

    async def Invoke(self, request: Any, context: Any) -> provider_pb2.InvokeResponse:  # noqa: N802
        """Call a function."""

        async def invoke() -> provider_pb2.InvokeResponse:
            function = self._functions.get(request.tok)
            if function is None:
                raise ProviderError(f"{request.tok} is not a function of the {self._table.name} provider")
            arguments, failures = check_inputs(function.table.inputs, unmarshal(request.args))
            if failures:
                return provider_pb2.InvokeResponse(failures=failures_of(failures))
            operation = located(self._operation("", preview=True), arguments)
            result = await function.invoke(operation, arguments)
            secrets = {p.name for p in function.table.outputs if p.secret}
            marked = {k: secret(v) if k in secrets else v for k, v in result.items()}
            return provider_pb2.InvokeResponse(**{"return": marshal(marked)})

        return await self._answer(context, invoke)

    # Plumbing

    def _resource(self, urn: str) -> Resource[ClientT]:
        token = type_of(urn)
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
        return Operation(
            urn,
            self._client,
            self._log,
            self.cancellation,
            preview,
            connected,
            self.claims,
            stack=self._state,
        )

    def _marshal(self, resource: Resource[ClientT], values: PropertyMap) -> Any:
        secrets = {p.name for p in resource.table.properties if p.secret}
        return marshal({k: secret(v) if k in secrets else v for k, v in values.items()})

    async def _answer(self, context: Any, act: Callable[[], Awaitable[AnswerT]], urn: str = "") -> AnswerT:
        """Await an operation and turn what it raises into a status that reads well in a terminal."""
        code = grpc.StatusCode.UNKNOWN
        try:
            return await act()
        except InitializationFailed as error:
            context.set_trailing_metadata(kept_state(error, self._marshal(self._resource(urn), error.state)))
            reason = str(error)
        except PropertyError as error:
            code, reason = grpc.StatusCode.INVALID_ARGUMENT, _complete(error, urn)
        except ProviderError as error:
            reason = _complete(error, urn)
        aborted: AnswerT = await context.abort(code, reason)  # raises
        return aborted


def _complete(error: ProviderError, urn: str) -> str:
    """Return an error's text; the commands in it name the stack, which only a resource's URN says."""
    stack = urn.removeprefix("urn:pulumi:").partition("::")[0]
    command = "pulumi config set "
    return str(error).replace(command, f"{command}--stack {stack} ") if stack else str(error)
