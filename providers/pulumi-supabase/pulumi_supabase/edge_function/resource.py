"""EdgeFunction: deployed whole and checked, read, put right, given back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pulumi.provider.experimental.provider import CheckFailure
from pulumi_provider_kit.errors import PropertyError
from pulumi_provider_kit.resource import Operation, Reading, Resource
from pulumi_provider_kit.values import flag, is_given, is_known, outputs_unknown, plain, strings, text, wrap

from ..client import SupabaseClient
from ..project import project_of, require_active
from .api import Deploy, FunctionsApi, Snapshot
from .packing import Package, pack
from .rollout import Rollout
from .table import TABLE

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.values import PropertyMap

    from .api import Live

__all__ = ["EdgeFunction"]

_OURS = "of this program"


class EdgeFunction(Resource[SupabaseClient]):
    """A function and what it must answer."""

    table = TABLE

    async def check(
        self, operation: Operation[SupabaseClient], inputs: dict[str, PropertyValue], old_inputs: PropertyMap
    ) -> tuple[dict[str, PropertyValue], list[CheckFailure]]:
        """Read the files, so that the diff names those that changed."""
        if not _packable(inputs):
            return inputs, []
        try:
            package = _package(inputs)
        except PropertyError as error:
            return inputs, [CheckFailure(error.property, error.reason)]
        derived = {"fileHashes": wrap(package.hashes), "deployment": wrap(_OURS)}
        return {**inputs, **derived}, []

    async def preview_create(self, operation: Operation[SupabaseClient], inputs: PropertyMap) -> PropertyMap:
        """Fail where a create would; say what would be taken over."""
        if project_of(inputs):
            await require_active(operation, project_of(inputs))
            await self._existing(operation, inputs)
        return {**outputs_unknown(self.table, inputs), **_known_outputs(inputs)}

    async def create(
        self, operation: Operation[SupabaseClient], inputs: PropertyMap
    ) -> tuple[str, PropertyMap]:
        """Deploy; an adopted function's files are kept."""
        await require_active(operation, project_of(inputs))
        previous = await self._existing(operation, inputs)
        live = await _rollout(operation, inputs).run(previous)
        original = previous.to_state() if previous is not None else {}
        return f"{project_of(inputs)}/{live['slug']}", _state(inputs, live, original)

    async def read(
        self,
        operation: Operation[SupabaseClient],
        resource_id: str,
        state: PropertyMap,
        inputs: PropertyMap,
    ) -> Reading | None:
        """Read the function; a deploy from elsewhere shows as ``deployment``."""
        ref, _, slug = resource_id.partition("/")
        if not slug:
            raise PropertyError("id", f"{resource_id} is not REF/SLUG")
        api = FunctionsApi(operation.client, ref)
        live = await api.read(slug)
        if live is None:
            return None
        jwt = {"verifyJwt": wrap(bool(live.get("verify_jwt", True)))}
        if not inputs:
            described = {"projectRef": wrap(ref), "slug": wrap(slug), "name": wrap(live.get("name") or slug)}
            imported = {**described, **jwt, "deployment": wrap(f"version {live['version']}, from elsewhere")}
            original = (await api.snapshot(slug, live)).to_state()
            return Reading(resource_id, _state(imported, live, original, ours=False), imported)
        found = {**inputs, **jwt}
        if is_given(inputs, "name"):
            found["name"] = wrap(live.get("name") or slug)
        last = _texts(state, "lastDeployed")
        if last != _deployed(live):
            found["deployment"] = wrap(f"version {live['version']}, from elsewhere")
        carried = {n: state[n] for n in ("lastDeployed", "original", "revision") if n in state}
        return Reading(resource_id, {**_state(found, live, {}), **carried}, found)

    async def preview_update(
        self,
        operation: Operation[SupabaseClient],
        resource_id: str,
        state: PropertyMap,
        old_inputs: PropertyMap,
        inputs: PropertyMap,
    ) -> PropertyMap:
        """Say what is known of the function to be."""
        kept = {n: state[n] for n in ("functionId", "original") if n in state}
        return {**outputs_unknown(self.table, inputs), **_known_outputs(inputs), **kept}

    async def update(
        self,
        operation: Operation[SupabaseClient],
        resource_id: str,
        state: PropertyMap,
        old_inputs: PropertyMap,
        inputs: PropertyMap,
    ) -> PropertyMap:
        """Deploy again; what is live now, whoever deployed it, comes back where the checks fail."""
        await require_active(operation, project_of(inputs))
        slug = text(inputs, "slug") or ""
        api = FunctionsApi(operation.client, project_of(inputs))
        live = await api.read(slug)
        previous = await api.snapshot(slug, live) if live is not None else None
        live = await _rollout(operation, inputs).run(previous)
        return _state(inputs, live, _texts(state, "original"))

    async def delete(
        self,
        operation: Operation[SupabaseClient],
        resource_id: str,
        state: PropertyMap,
        old_inputs: PropertyMap,
    ) -> None:
        """Delete the function, or put back the one that was adopted; leave one deployed by somebody else."""
        ref, _, slug = resource_id.partition("/")
        api = FunctionsApi(operation.client, ref)
        live = await api.read(slug)
        if live is None:
            return
        if _deployed(live) != _texts(state, "lastDeployed"):
            await operation.warn(
                f"{slug} was deployed by somebody else since (version {live['version']}); it stays as it is"
            )
            return
        original = Snapshot.from_state(_texts(state, "original"))
        if original is None:
            await api.delete(slug)
            return
        await operation.info(f"{slug} was not created here; the function that was there before is put back")
        await api.put_back(slug, original)

    async def _existing(self, operation: Operation[SupabaseClient], inputs: PropertyMap) -> Snapshot | None:
        """Return what the slug serves now, where it may be replaced."""
        slug = text(inputs, "slug") or ""
        api = FunctionsApi(operation.client, project_of(inputs))
        live = await api.read(slug)
        if live is None:
            return None
        if not flag(inputs, "adopt"):
            raise PropertyError(
                "adopt",
                f"the project has a function {slug} (version {live['version']}) that this stack did not "
                "deploy; if it may be replaced, add adopt=True (its files are kept, and destroy puts them back)",
            )
        await operation.info(
            f"{slug} (version {live['version']}) is replaced; its files are kept in the state"
        )
        return await api.snapshot(slug, live)


def _packable(inputs: PropertyMap) -> bool:
    """Tell whether everything that the files depend on is known and there."""
    names = ("directory", "entrypoint", "importMap", "staticPatterns", "files", "revisionFile")
    return is_given(inputs, "directory") and all(is_known(inputs.get(n)) for n in names)


def _package(inputs: PropertyMap) -> Package:
    return pack(
        text(inputs, "directory") or "",
        entrypoint=text(inputs, "entrypoint") or "index.ts",
        import_map=text(inputs, "importMap"),
        static_patterns=strings(inputs, "staticPatterns"),
        generated=_texts(inputs, "files"),
        leave_out=text(inputs, "revisionFile"),
    )


def _texts(values: PropertyMap, name: str) -> dict[str, str]:
    value = values.get(name)
    if value is None or value.value is None or not is_known(value):
        return {}
    return {str(k): str(v) for k, v in plain(value).items()}


def _name(inputs: PropertyMap) -> str:
    return text(inputs, "name") or text(inputs, "slug") or ""


def _revision(package: Package, inputs: PropertyMap) -> str:
    return package.revision(_name(inputs), flag(inputs, "verifyJwt"), _texts(inputs, "triggers"))


def _project_url(inputs: PropertyMap) -> str:
    return text(inputs, "projectUrl") or f"https://{project_of(inputs)}.supabase.co"


def _functions_url(inputs: PropertyMap) -> str:
    return f"{_project_url(inputs)}/functions/v1"


def _known_outputs(inputs: PropertyMap) -> dict[str, PropertyValue]:
    known = {}
    if is_known(inputs.get("projectUrl")) and project_of(inputs) and is_known(inputs.get("slug")):
        known["url"] = wrap(f"{_functions_url(inputs)}/{text(inputs, 'slug')}")
    if _packable(inputs) and is_known(inputs.get("triggers")):
        known["revision"] = wrap(_revision(_package(inputs), inputs))
    return known


def _rollout(operation: Operation[SupabaseClient], inputs: PropertyMap) -> Rollout:
    package = _package(inputs)
    revision = _revision(package, inputs)
    revision_file = text(inputs, "revisionFile")
    if revision_file:
        folder = package.entrypoint.partition("/")[0]
        package = package.with_file(f"{folder}/{revision_file}", json.dumps({"revision": revision}) + "\n")
    return Rollout(
        operation=operation,
        api=FunctionsApi(operation.client, project_of(inputs)),
        slug=text(inputs, "slug") or "",
        functions_url=_functions_url(inputs),
        deploy=Deploy(package, _name(inputs), flag(inputs, "verifyJwt")),
        revision=revision,
        checks=_checks(inputs, "checks"),
        candidate_checks=_checks(inputs, "candidateChecks"),
        timeout=_number(inputs, "checkTimeout", 60),
        consecutive=_number(inputs, "consecutiveChecks", 3),
    )


def _checks(inputs: PropertyMap, name: str) -> list[dict[str, Any]]:
    checks: list[dict[str, Any]] = plain(inputs.get(name)) or []
    return checks


def _number(inputs: PropertyMap, name: str, default: int) -> int:
    value = plain(inputs.get(name))
    return default if value is None else int(value)


def _deployed(live: Live) -> dict[str, str]:
    return {"version": str(live.get("version", "")), "bundleSha256": str(live.get("ezbr_sha256") or "")}


def _state(
    inputs: PropertyMap, live: Live, original: dict[str, str], *, ours: bool = True
) -> dict[str, PropertyValue]:
    return {
        **inputs,
        **(_known_outputs(inputs) if ours else {"revision": wrap("")}),
        "url": wrap(f"{_functions_url(inputs)}/{live['slug']}"),
        "functionId": wrap(str(live.get("id", ""))),
        "version": wrap(int(live.get("version", 0))),
        "status": wrap(str(live.get("status", ""))),
        "bundleSha256": wrap(str(live.get("ezbr_sha256") or "")),
        "lastDeployed": wrap(_deployed(live)),
        "original": wrap(original, is_secret=True),
    }
