"""EdgeFunction: deploy and check, read, update, restore or delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi.provider.experimental.provider import CheckFailure
from pulumi_provider_kit.diff import diff_inputs
from pulumi_provider_kit.errors import InitializationFailed, PropertyError, ProviderError
from pulumi_provider_kit.resource import Difference, Operation, ReadResult, Resource
from pulumi_provider_kit.values import UNKNOWN, flag, is_given, outputs_unknown, plain, text, wrap

from ..client import ManagementApi
from ..project import project_of
from . import live
from .adoption import OURS, function_claim, put_back, take_over, whose
from .inputs import deployment_of, is_packable, package_of, revision_of, rollout_of
from .original import imported_inputs, to_state
from .rollout import NotRolledOut
from .state import described, foreseen, state_of
from .table import TABLE

if TYPE_CHECKING:
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

    from .live import LiveFunction
    from .revision import Deployment

__all__ = ["EdgeFunction"]

# The state has the deployed values of these; an input may come from an update that failed.
_DEPLOYED = (
    "directory",
    "entrypoint",
    "importMap",
    "staticPatterns",
    "files",
    "revisionFile",
    "triggers",
    "fileHashes",
)
_REMEMBERED = ("revision", "lastDeployed", "original")


class EdgeFunction(Resource[ManagementApi]):
    """A function and its checks."""

    table = TABLE

    def singletons(
        self, operation: Operation[ManagementApi], values: PropertyMap, resource_id: str = ""
    ) -> list[Singleton]:
        """Return the claim on the function; a slug is unique in a project."""
        ref, _, slug = resource_id.partition("/")
        return function_claim(ref or project_of(values), slug or text(values, "slug"))

    async def check(
        self, operation: Operation[ManagementApi], request: CheckRequest
    ) -> tuple[PropertyMap, list[CheckFailure]]:
        """Read the files, so that the diff names the changed ones."""
        inputs = request.inputs
        derived = {"deployment": wrap(OURS), "fileHashes": UNKNOWN}
        if is_packable(inputs):
            try:
                derived["fileHashes"] = wrap(package_of(inputs).file_hashes)
            except PropertyError as error:
                return inputs, [CheckFailure(f"{error.property}:", error.reason)]
        return {**inputs, **derived}, []

    async def diff(self, operation: Operation[ManagementApi], request: DiffRequest) -> Difference:
        """Compare; the previous files are not part of the deploy."""
        changes = diff_inputs(self.table, request.old_inputs, request.inputs)
        changes.pop("original", None)
        return Difference(changes)

    async def preview_create(self, operation: Operation[ManagementApi], request: CreateRequest) -> PropertyMap:
        """Fail if a create would; report what would be adopted."""
        inputs = request.inputs
        ref, slug = project_of(inputs), text(inputs, "slug")
        if ref and slug:
            await operation.client.require_awake(ref)
            found = await live.find(operation.client, ref, slug)
            if found is not None:
                await take_over(operation, inputs, found)
            await _refuse_foreign_candidate(operation, inputs)
        return {**outputs_unknown(self.table, inputs), **foreseen(inputs)}

    async def create(
        self, operation: Operation[ManagementApi], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Deploy; the state keeps the previous files of an adopted function."""
        inputs = request.inputs
        ref, slug = project_of(inputs), text(inputs, "slug") or ""
        await operation.client.require_awake(ref)
        found = await live.find(operation.client, ref, slug)
        kept = await take_over(operation, inputs, found) if found is not None else None
        try:
            deployed = await self._deploy(operation, inputs, found)
        except NotRolledOut as error:
            if error.settled:
                raise
            # It is not known what the slug serves, but the state must record that this program changed it.
            state = {**state_of(inputs, error.serving, kept), "revision": wrap("")}
            raise InitializationFailed(f"{ref}/{slug}", state, [str(error)]) from None
        return f"{ref}/{slug}", state_of(inputs, deployed, kept)

    async def read(self, operation: Operation[ManagementApi], request: ReadRequest) -> ReadResult | None:
        """Read the function; a deploy outside this program shows as a change of ``deployment``."""
        state = request.state
        ref, _, slug = request.id.partition("/")
        if not slug:
            raise PropertyError("id", f"{request.id} is not a project's reference, a slash and a slug")
        found = await live.find(operation.client, ref, slug)
        if found is None:
            await live.require_project(operation.client, ref)
            return None
        if not request.inputs:
            return await self._import(operation, ref, found)
        seen = {n: v for n, v in request.inputs.items() if n not in _DEPLOYED}
        seen |= {n: state[n] for n in _DEPLOYED if n in state}
        seen["verifyJwt"] = wrap(found.verify_jwt)
        if is_given(request.inputs, "name"):
            seen["name"] = wrap(found.name)
        seen["deployment"] = wrap(whose(found, state))
        carried = {n: state[n] for n in _REMEMBERED if n in state}
        return ReadResult(request.id, {**seen, **described(seen, found), **carried}, seen)

    async def preview_update(self, operation: Operation[ManagementApi], request: UpdateRequest) -> PropertyMap:
        """Return the known properties of the future function."""
        state, inputs = request.state, request.inputs
        await operation.client.require_awake(project_of(inputs))
        kept = {n: state[n] for n in ("functionId", "status", "original") if n in state}
        preview = {**outputs_unknown(self.table, inputs), **foreseen(inputs), **kept}
        if (
            text(state, "revision") == text(preview, "revision")
            and text(request.old_inputs, "deployment") == OURS
        ):
            preview |= {n: state[n] for n in ("version", "bundleSha256", "lastDeployed") if n in state}
        else:
            await _refuse_foreign_candidate(operation, inputs)
        return preview

    async def update(self, operation: Operation[ManagementApi], request: UpdateRequest) -> PropertyMap:
        """Deploy if anything that is deployed differs; else run the current checks on the live function."""
        state, inputs = request.state, request.inputs
        ref, slug = project_of(inputs), text(inputs, "slug") or ""
        await operation.client.require_awake(ref)
        found = await live.find(operation.client, ref, slug)
        kept = text(state, "original")
        if found is not None and _is_live(inputs, state, found):
            await rollout_of(operation, inputs).check(text(state, "revision") or "")
            return state_of(inputs, found, kept)
        try:
            deployed = await self._deploy(operation, inputs, found)
        except NotRolledOut as error:
            if error.settled and error.serving == found:
                raise
            # Our own deploy restored the previous files. Record it, or it would look like another
            # program's.
            revision = text(state, "revision") if error.settled else None
            restored = {**state, **described(inputs, error.serving), "revision": wrap(revision or "")}
            raise InitializationFailed(request.id, restored, [str(error)]) from None
        return state_of(inputs, deployed, kept)

    async def delete(self, operation: Operation[ManagementApi], request: DeleteRequest) -> None:
        """Delete the function, or restore the previous files of an adopted one."""
        state = request.state
        ref, _, slug = request.id.partition("/")
        found = await live.find(operation.client, ref, slug)
        if found is None:
            await live.require_project(operation.client, ref)
        try:
            await rollout_of(
                operation, {**state, "projectRef": wrap(ref), "slug": wrap(slug)}
            ).remove_candidate()
        except ProviderError as error:
            await operation.info(str(error))
        if found is None:
            await operation.info(f"{slug} does not exist any more; there is nothing to delete")
            return
        if text(state, "original"):
            await put_back(operation, ref, found, state)
        else:
            await live.remove(operation.client, ref, slug)

    async def _deploy(
        self, operation: Operation[ManagementApi], inputs: PropertyMap, found: LiveFunction | None
    ) -> LiveFunction:
        package = package_of(inputs)
        promised = {str(k): str(v) for k, v in (plain(inputs.get("fileHashes")) or {}).items()}
        if promised and package.file_hashes != promised:
            changed = sorted({p for p, _ in package.file_hashes.items() ^ promised.items()})
            raise ProviderError(f"{', '.join(changed)} changed while the update ran; run the command again")
        slug = text(inputs, "slug") or ""
        wanted = deployment_of(inputs, package, found.name if found is not None else slug)
        rollout = rollout_of(operation, inputs)
        before: Deployment | None = None
        if found is not None:
            try:
                before = await live.download(operation.client, project_of(inputs), found)
            except live.NotDownloadable:
                if rollout.checks:  # then its files may have to be restored
                    raise
        if found is not None and before is not None and before.is_same(wanted):
            await rollout.check(wanted.revision)  # left behind by a run that was killed
            return found
        return await rollout.deploy(wanted, found, before)

    async def _import(self, operation: Operation[ManagementApi], ref: str, found: LiveFunction) -> ReadResult:
        there = await live.download(operation.client, ref, found)
        inputs = imported_inputs(ref, found, there)
        state = {**inputs, **described(inputs, found), "revision": wrap("")}
        return ReadResult(
            f"{ref}/{found.slug}", {**state, "original": wrap(to_state(there), is_secret=True)}, inputs
        )


async def _refuse_foreign_candidate(operation: Operation[ManagementApi], inputs: PropertyMap) -> None:
    rollout = rollout_of(operation, inputs)
    if rollout.candidate_checks:
        await rollout.refuse_foreign_candidate()


def _is_live(inputs: PropertyMap, state: PropertyMap, found: LiveFunction) -> bool:
    """Return whether the live function is the one that the inputs describe."""
    return (
        revision_of(inputs) == text(state, "revision")
        and whose(found, state) == OURS
        and found.verify_jwt == flag(inputs, "verifyJwt")
        and text(inputs, "name") in {None, found.name}
    )
