"""EdgeFunctionSecrets: named secrets of a project's functions, and no others."""

from __future__ import annotations

import hashlib
import hmac
import secrets as random_source
from dataclasses import replace
from typing import TYPE_CHECKING

from pulumi.provider.experimental.property_value import Computed, PropertyValue
from pulumi.provider.experimental.provider import CheckFailure
from pulumi_provider_kit.adoption import remembered
from pulumi_provider_kit.diff import diff_inputs
from pulumi_provider_kit.errors import InitializationFailed, PropertyError
from pulumi_provider_kit.resource import Difference, Operation, ReadResult, Resource
from pulumi_provider_kit.values import (
    UNKNOWN,
    flag,
    is_given,
    is_known,
    outputs_unknown,
    plain,
    secret,
    strings,
    text,
    wrap,
)

from ..client import ManagementApi, NotFound, SupabaseError
from ..edge_function.live import require_project
from ..project import project_of
from .claims import Past, entries, secret_claim
from .requests import delete_secrets, digest_of, live_secrets, write_secrets
from .table import TABLE, value_problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pulumi_provider_kit.claims import Singleton
    from pulumi_provider_kit.request import (
        CheckRequest,
        CreateRequest,
        DeleteRequest,
        DiffRequest,
        ReadRequest,
        UpdateRequest,
    )
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["EdgeFunctionSecrets"]


class EdgeFunctionSecrets(Resource[ManagementApi]):
    """Named secrets of a project."""

    table = TABLE

    def singletons(
        self, operation: Operation[ManagementApi], values: PropertyMap, resource_id: str = ""
    ) -> list[Singleton]:
        """Return the secrets, each by its name in the project."""
        ref = project_of(values) or resource_id
        names = {*entries(values), *remembered(values, "digests")} if resource_id else entries(values)
        return [secret_claim(ref, name) for name in sorted(names)] if ref else []

    async def check(
        self, operation: Operation[ManagementApi], request: CheckRequest
    ) -> tuple[PropertyMap, list[CheckFailure]]:
        """Check the lengths of known values; a message never contains a value."""
        return request.inputs, [
            CheckFailure(f"values.{name}", reason)
            for name, value in entries(request.inputs).items()
            if (reason := value_problem(value)) is not None
        ]

    async def diff(self, operation: Operation[ManagementApi], request: DiffRequest) -> Difference:
        """Compare; ``existing`` only matters for new names."""
        changes = diff_inputs(self.table, request.old_inputs, request.inputs)
        changes.pop("existing", None)
        return Difference(changes)

    async def preview_create(self, operation: Operation[ManagementApi], request: CreateRequest) -> PropertyMap:
        """Fail if a create would."""
        inputs = request.inputs
        state = outputs_unknown(self.table, inputs)
        ref = project_of(inputs)
        if ref:
            await operation.client.require_awake(ref)
            await self._announce(operation, inputs, await live_secrets(operation, ref), Past(operation, inputs))
        if _names_are_known(inputs):
            state["fingerprints"] = PropertyValue(dict.fromkeys(entries(inputs), UNKNOWN))
        return state

    async def create(
        self, operation: Operation[ManagementApi], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Write the names that differ, in one request."""
        inputs = request.inputs
        ref = project_of(inputs)
        await operation.client.require_awake(ref)
        live = await live_secrets(operation, ref)
        wanted, past = _plain_values(inputs), Past(operation, inputs)
        _refuse_foreign(ref, inputs, wanted, live, past.digests)
        existing = _existing(inputs, live)
        created = [n for n in wanted if n in past.created or (n not in past.digests and n not in existing)]
        state = _state(inputs, wanted, created, past.key or random_source.token_hex(32))
        await write_secrets(operation, ref, wanted, live, state)
        return ref, state

    async def read(self, operation: Operation[ManagementApi], request: ReadRequest) -> ReadResult | None:
        """Compare digests. A value that was changed elsewhere gets a placeholder, a missing one is removed."""
        ref, _, named = request.id.partition("/")
        live = await live_secrets(operation, ref)
        if not request.state:
            names = [n for n in named.split(",") if n] or sorted(live)
            return _imported(ref, {n: live[n] for n in names if n in live}) if live else None
        ours, kept = remembered(request.state, "digests"), entries(request.inputs)
        values: dict[str, PropertyValue] = {}
        for name, digest in ours.items():
            if name in live and name in kept:
                values[name] = kept[name] if live[name] == digest else _changed_elsewhere(live[name])
        found = {**request.inputs, "values": PropertyValue(values, is_secret=True)}
        return ReadResult(ref, {**request.state, "values": found["values"]}, found)

    async def preview_update(self, operation: Operation[ManagementApi], request: UpdateRequest) -> PropertyMap:
        """Fail if an update would; fingerprints of known values are known."""
        inputs = request.inputs
        live = await live_secrets(operation, request.id)
        await self._announce(operation, inputs, live, Past(operation, inputs, request.state))
        preview = dict(await super().preview_update(operation, request))
        key = text(request.state, "key") or ""
        fingerprints = {
            name: wrap(_fingerprint(key, name, plain(value))) if is_known(value) else UNKNOWN
            for name, value in entries(inputs).items()
        }
        preview["fingerprints"] = PropertyValue(fingerprints) if _names_are_known(inputs) else UNKNOWN
        preview["digests"] = secret(UNKNOWN)
        return preview

    async def update(self, operation: Operation[ManagementApi], request: UpdateRequest) -> PropertyMap:
        """Write the differences in one request, then delete removed names that this program created."""
        resource_id, inputs = request.id, request.inputs
        await operation.client.require_awake(resource_id)
        live = await live_secrets(operation, resource_id)
        past, wanted = Past(operation, inputs, request.state), _plain_values(inputs)
        _refuse_foreign(resource_id, inputs, wanted, live, past.digests)
        left = [
            name
            for name in strings(request.state, "created")
            if name not in wanted and not operation.managed_elsewhere(secret_claim(resource_id, name))
        ]
        existing = _existing(inputs, live)
        created = [
            n
            for n in wanted
            if n in past.created or n not in live or (n not in past.digests and n not in existing)
        ]
        new_state = _state(inputs, wanted, created, text(request.state, "key") or random_source.token_hex(32))
        attempted = {**new_state, "created": wrap(sorted({*created, *left}))}
        await write_secrets(operation, resource_id, wanted, live, attempted)
        try:
            await delete_secrets(operation, resource_id, [name for name in left if name in live])
        except SupabaseError as error:
            raise InitializationFailed(resource_id, attempted, [str(error)]) from None
        return new_state

    async def delete(self, operation: Operation[ManagementApi], request: DeleteRequest) -> None:
        """Delete the names that this program created; adopted ones stay."""
        resource_id = request.id
        spared = {
            n
            for n in remembered(request.state, "digests")
            if secret_claim(resource_id, n).key in operation.spared
        }
        created = [name for name in strings(request.state, "created") if name not in spared]
        adopted = sorted(set(remembered(request.state, "digests")) - set(created) - spared)
        if adopted:
            await operation.info(f"{', '.join(adopted)} existed before and stay as they are")
        try:
            live = await live_secrets(operation, resource_id)
            await delete_secrets(operation, resource_id, [name for name in created if name in live])
        except NotFound:
            await require_project(operation.client, resource_id)
            raise

    async def _announce(
        self, operation: Operation[ManagementApi], inputs: PropertyMap, live: Mapping[str, str], past: Past
    ) -> None:
        ref, ours = project_of(inputs), past.digests
        known = {n: str(plain(v)) for n, v in entries(inputs).items() if is_known(v)}
        _refuse_foreign(ref, inputs, known, live, ours)
        for names in past.managers.values():
            first = replace(secret_claim(ref, names[0]), label=", ".join(names))
            await operation.warn_renamed(first, unchanged=False)
        same = sorted(n for n in known if n not in ours and live.get(n) == digest_of(known[n]))
        if same:
            first = replace(secret_claim(ref, same[0]), label=", ".join(same))
            await operation.warn_renamed(first, unchanged=True)
        taken = sorted(n for n in known if n in live and n not in ours and live[n] != digest_of(known[n]))
        if taken:
            await operation.info(
                f"{', '.join(taken)} exist and are overwritten; their values cannot be put back"
            )


def _names_are_known(inputs: PropertyMap) -> bool:
    return not isinstance(inputs["values"].value, Computed)


def _plain_values(inputs: PropertyMap) -> dict[str, str]:
    return {name: str(plain(value)) for name, value in entries(inputs).items()}


def _existing(inputs: PropertyMap, live: Mapping[str, str]) -> set[str]:
    """Return the names that the project had before the program: recorded, else the current ones."""
    return set(strings(inputs, "existing") if is_given(inputs, "existing") else live)


def _refuse_foreign(
    ref: str, inputs: PropertyMap, wanted: Mapping[str, str], live: Mapping[str, str], ours: Mapping[str, str]
) -> None:
    if flag(inputs, "adopt"):
        return
    taken = sorted(n for n in wanted if n in live and n not in ours and live[n] != digest_of(wanted[n]))
    if taken:
        verb = "exists" if len(taken) == 1 else "exist"
        raise PropertyError(
            "values",
            f"{', '.join(taken)} {verb} already in project {ref} with another value, and this stack did "
            "not write it; choose another name, or add adopt=True to overwrite it",
        )


def _fingerprint(key: str, name: str, value: str) -> str:
    """Return the fingerprint. It includes the name, so that equal values of two names are not visible."""
    return hmac.new(key.encode(), f"{name}\0{value}".encode(), hashlib.sha256).hexdigest()[:8]


def _changed_elsewhere(digest: str) -> PropertyValue:
    """Return a placeholder that differs from the program's value; secret, because it shows a digest."""
    return wrap(f"(changed elsewhere, SHA-256 {digest})", is_secret=True)


def _imported(ref: str, digests: Mapping[str, str]) -> ReadResult:
    inputs = {
        "projectRef": wrap(ref),
        "values": wrap({n: _changed_elsewhere(d) for n, d in digests.items()}, is_secret=True),
    }
    key = random_source.token_hex(32)
    state = {
        **inputs,
        "fingerprints": wrap({n: _fingerprint(key, n, d) for n, d in digests.items()}),
        "digests": wrap(dict(digests), is_secret=True),
        "created": wrap([]),
        "key": wrap(key, is_secret=True),
    }
    return ReadResult(ref, state, inputs)


def _state(
    inputs: PropertyMap, wanted: Mapping[str, str], created: Iterable[str], key: str
) -> dict[str, PropertyValue]:
    return {
        **inputs,
        "fingerprints": wrap({n: _fingerprint(key, n, v) for n, v in wanted.items()}),
        "digests": wrap({n: digest_of(v) for n, v in wanted.items()}, is_secret=True),
        "created": wrap(sorted(created)),
        "key": wrap(key, is_secret=True),
    }
