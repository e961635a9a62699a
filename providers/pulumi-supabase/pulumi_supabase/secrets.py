"""EdgeFunctionSecrets: named secrets of a project's functions, and none but those named."""

from __future__ import annotations

import hashlib
import hmac
import secrets as randomness
from typing import TYPE_CHECKING

from pulumi_provider_kit.errors import PropertyError
from pulumi_provider_kit.resource import Operation, Reading, Resource
from pulumi_provider_kit.table import ListOf, MapOf, Property, ResourceTable, Scalar
from pulumi_provider_kit.values import UNKNOWN, flag, is_known, plain, secret, strings, text, wrap

from .client import SupabaseClient
from .project import PROJECT_REF, project_of, require_active

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["EdgeFunctionSecrets"]

_SOURCE = "Supabase Management API: secrets"
_LONGEST_NAME = 256
_LONGEST_VALUE = 24_576
# Supabase's own; it refuses them on a write and lists them on a read.
_RESERVED = "SUPABASE_"


def _values(values: dict[str, str]) -> str | None:
    for name, value in values.items():
        if not 1 <= len(name) <= _LONGEST_NAME:
            return f"a name has {len(name)} characters; Supabase takes 1 to {_LONGEST_NAME}"
        if name.startswith(_RESERVED):
            return f"{name} begins with {_RESERVED}, which is reserved by Supabase; choose another name"
        if len(value) > _LONGEST_VALUE:
            return f"the value of {name} has {len(value)} characters; Supabase takes {_LONGEST_VALUE}"
    return None


TABLE = ResourceTable(
    name="EdgeFunctionSecrets",
    doc=(
        "Named secrets of a project's Edge Functions. Only the names given here are ever written or deleted. "
        "A name that exists already is refused unless its value is the same or ``adopt`` is set. A change is "
        "live at once, for every function of the project."
    ),
    properties=(
        PROJECT_REF,
        Property(
            "values",
            MapOf(Scalar.STRING),
            "Values by name; a name has up to 256 characters, a value up to 24,576.",
            required=True,
            secret=True,
            check=_values,
            source=_SOURCE,
        ),
        Property(
            "adopt",
            Scalar.BOOLEAN,
            "Whether existing secrets of these names may be overwritten. Default false. An old value cannot be "
            "read back, so it cannot be given back either.",
        ),
        Property(
            "fingerprints",
            MapOf(Scalar.STRING),
            "Eight hexadecimal digits of a keyed hash of each value: the same value has the same fingerprint, "
            "and nobody can guess a value by it. Hand it to a function's ``triggers``.",
            output=True,
        ),
        Property(
            "created",
            ListOf(Scalar.STRING),
            "The names that did not exist before; a delete removes these and no others.",
            output=True,
        ),
        Property("key", Scalar.STRING, "The key of the fingerprints.", output=True, secret=True),
    ),
    example="""\
import pulumi
import pulumi_supabase as supabase

supabase.EdgeFunctionSecrets(
    "secrets",
    project_ref="sandboxsandboxsandbo",
    values={"CRM_TOKEN": pulumi.Output.secret("...")},
)
""",
    import_id="the project's reference, a slash and the names joined by commas (REF/NAME,NAME)",
    rights="Edge function secrets: read and write; project: read",
)


class EdgeFunctionSecrets(Resource[SupabaseClient]):
    """Secrets by name."""

    table = TABLE

    async def preview_create(self, operation: Operation[SupabaseClient], inputs: PropertyMap) -> PropertyMap:
        """Fail where a name is taken."""
        if project_of(inputs):
            await require_active(operation, project_of(inputs))
            await _refuse_taken(operation, inputs, await _digests(operation, project_of(inputs)), ours=())
        return {**inputs, "fingerprints": UNKNOWN, "created": UNKNOWN, "key": secret(UNKNOWN)}

    async def create(
        self, operation: Operation[SupabaseClient], inputs: PropertyMap
    ) -> tuple[str, PropertyMap]:
        """Write all values in one request."""
        ref = project_of(inputs)
        await require_active(operation, ref)
        existing = await _digests(operation, ref)
        await _refuse_taken(operation, inputs, existing, ours=())
        values = _given(inputs)
        await _write(operation, ref, {n: v for n, v in values.items() if existing.get(n) != _digest(v)})
        created = [name for name in sorted(values) if name not in existing]
        return ref, _state(inputs, randomness.token_hex(16), created)

    async def read(
        self,
        operation: Operation[SupabaseClient],
        resource_id: str,
        state: PropertyMap,
        inputs: PropertyMap,
    ) -> Reading | None:
        """Compare by digest; a value that is not ours any more shows as changed, under its name."""
        ref, _, names = resource_id.partition("/")
        existing = await _digests(operation, ref)
        if not inputs:
            values = {n: _elsewhere(existing[n]) for n in names.split(",") if n in existing}
            if not values:
                return None
            found: dict[str, PropertyValue] = {
                "projectRef": wrap(ref),
                "values": wrap(values, is_secret=True),
                "adopt": wrap(True),
            }
            return Reading(ref, _state(found, randomness.token_hex(16), []), found)
        live = {
            name: value if existing[name] == _digest(value) else _elsewhere(existing[name])
            for name, value in _given(inputs).items()
            if name in existing
        }
        found = {**inputs, "values": wrap(live, is_secret=True)}
        carried = {n: state[n] for n in ("fingerprints", "created", "key") if n in state}
        return Reading(ref, {**found, **carried}, found)

    async def preview_update(
        self,
        operation: Operation[SupabaseClient],
        resource_id: str,
        state: PropertyMap,
        old_inputs: PropertyMap,
        inputs: PropertyMap,
    ) -> PropertyMap:
        """Fail where a new name is taken; say which fingerprints change."""
        existing = await _digests(operation, project_of(inputs))
        await _refuse_taken(operation, inputs, existing, ours=_given(old_inputs))
        kept = {n: state[n] for n in ("created", "key") if n in state}
        values = inputs.get("values")
        if values is None or not is_known(values):
            return {**inputs, **kept, "fingerprints": UNKNOWN}
        key = text(state, "key") or ""
        return {**inputs, **kept, "fingerprints": wrap(_fingerprints(key, _given(inputs)))}

    async def update(
        self,
        operation: Operation[SupabaseClient],
        resource_id: str,
        state: PropertyMap,
        old_inputs: PropertyMap,
        inputs: PropertyMap,
    ) -> PropertyMap:
        """Write what differs in one request; delete what left the program and was created here."""
        ref = project_of(inputs)
        await require_active(operation, ref)
        existing = await _digests(operation, ref)
        await _refuse_taken(operation, inputs, existing, ours=_given(old_inputs))
        values, created = _given(inputs), set(strings(state, "created"))
        await _write(operation, ref, {n: v for n, v in values.items() if existing.get(n) != _digest(v)})
        await _delete(operation, ref, [n for n in sorted(created) if n not in values and n in existing])
        still = {n for n in created if n in values} | {n for n in values if n not in existing}
        return _state(inputs, text(state, "key") or randomness.token_hex(16), sorted(still))

    async def delete(
        self,
        operation: Operation[SupabaseClient],
        resource_id: str,
        state: PropertyMap,
        old_inputs: PropertyMap,
    ) -> None:
        """Delete the secrets that this resource created; adopted ones stay."""
        ref = resource_id.partition("/")[0]
        existing = await _digests(operation, ref)
        await _delete(operation, ref, [n for n in strings(state, "created") if n in existing])


def _given(inputs: PropertyMap) -> dict[str, str]:
    """Return the values that are known, bare: this is the edge to the vendor's API."""
    values = inputs.get("values")
    if values is None or not isinstance(values.value, dict):
        return {}
    return {name: str(plain(value)) for name, value in values.value.items() if is_known(value)}


def _digest(value: str) -> str:
    """Return what Supabase shows of a secret: the SHA-256 of its value, lower-case hexadecimal."""
    return hashlib.sha256(value.encode()).hexdigest()


def _elsewhere(digest: str) -> str:
    """Return what stands in the inputs for a value that somebody else set."""
    return f"(set by somebody else: {digest})"


def _fingerprints(key: str, values: dict[str, str]) -> dict[str, str]:
    return {
        name: hmac.new(key.encode(), f"{name}\0{value}".encode(), hashlib.sha256).hexdigest()[:8]
        for name, value in sorted(values.items())
    }


def _state(inputs: PropertyMap, key: str, created: list[str]) -> dict[str, PropertyValue]:
    return {
        **inputs,
        "fingerprints": wrap(_fingerprints(key, _given(inputs))),
        "created": wrap(created),
        "key": wrap(key, is_secret=True),
    }


async def _digests(operation: Operation[SupabaseClient], ref: str) -> dict[str, str]:
    listed = await operation.client.get(f"/v1/projects/{ref}/secrets")
    return {s["name"]: s["value"] for s in listed if not s["name"].startswith(_RESERVED)}


async def _refuse_taken(
    operation: Operation[SupabaseClient],
    inputs: PropertyMap,
    existing: dict[str, str],
    ours: dict[str, str] | tuple[()],
) -> None:
    values = _given(inputs)
    taken = [n for n, v in values.items() if n in existing and n not in ours and existing[n] != _digest(v)]
    if not taken:
        return
    if not flag(inputs, "adopt"):
        raise PropertyError(
            "adopt",
            f"the project has other values for {', '.join(sorted(taken))} already; if they may be overwritten, "
            "add adopt=True (old values cannot be read back)",
        )
    await operation.warn(f"overwrites the existing {', '.join(sorted(taken))}; the old values cannot be read")


async def _write(operation: Operation[SupabaseClient], ref: str, values: dict[str, str]) -> None:
    if values:
        body = [{"name": name, "value": value} for name, value in sorted(values.items())]
        await operation.client.post(f"/v1/projects/{ref}/secrets", json=body)


async def _delete(operation: Operation[SupabaseClient], ref: str, names: list[str]) -> None:
    if names:
        await operation.client.delete(f"/v1/projects/{ref}/secrets", json=names)
