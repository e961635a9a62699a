"""EdgeFunction: deploy and check, read, update, restore or delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi.provider.experimental.provider import CheckFailure
from pulumi_provider_kit.claims import Singleton
from pulumi_provider_kit.diff import diff_inputs
from pulumi_provider_kit.errors import InitializationFailed, PropertyError, ProviderError
from pulumi_provider_kit.resource import Difference, Operation, ReadResult, Resource
from pulumi_provider_kit.values import UNKNOWN, flag, is_given, is_known, outputs_unknown, plain, text, wrap

from pulumi_supabase.client import ManagementApi
from pulumi_supabase.project import project_of

from . import live
from .inputs import deployment_of, functions_url, is_packable, package_of, revision_of, rollout_of
from .original import from_state, imported_inputs, to_state
from .rollout import NotRolledOut
from .table import TABLE

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue
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

_OURS = "of this program"
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
        return _function(ref or project_of(values), slug or text(values, "slug"))

    async def check(
        self, operation: Operation[ManagementApi], request: CheckRequest
    ) -> tuple[PropertyMap, list[CheckFailure]]:
        """Read the files, so that the diff names the changed ones."""
        inputs = request.inputs
        if request.old_inputs:  # the state already has the original, and one copy is enough
            inputs = {name: value for name, value in inputs.items() if name != "original"}
        derived = {"deployment": wrap(_OURS), "fileHashes": UNKNOWN}
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
                await self._take_over(operation, inputs, found)
            await _refuse_foreign_candidate(operation, inputs)
        return {**outputs_unknown(self.table, inputs), **_foreseen(inputs)}

    async def create(
        self, operation: Operation[ManagementApi], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Deploy; the state keeps the previous files of an adopted function."""
        inputs = request.inputs
        ref, slug = project_of(inputs), text(inputs, "slug") or ""
        await operation.client.require_awake(ref)
        found = await live.find(operation.client, ref, slug)
        kept = await self._take_over(operation, inputs, found) if found is not None else None
        try:
            deployed = await self._deploy(operation, inputs, found)
        except NotRolledOut as error:
            if error.settled:
                raise
            # It is not known what the slug serves, but the state must record that this program changed it.
            state = {**_state(inputs, error.serving, kept), "revision": wrap("")}
            raise InitializationFailed(f"{ref}/{slug}", state, [str(error)]) from None
        return f"{ref}/{slug}", _state(inputs, deployed, kept)

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
        seen["deployment"] = wrap(_whose(found, state))
        carried = {n: state[n] for n in _REMEMBERED if n in state}
        return ReadResult(request.id, {**seen, **_described(seen, found), **carried}, seen)

    async def preview_update(self, operation: Operation[ManagementApi], request: UpdateRequest) -> PropertyMap:
        """Return the known properties of the future function."""
        state, inputs = request.state, request.inputs
        await operation.client.require_awake(project_of(inputs))
        kept = {n: state[n] for n in ("functionId", "status", "original") if n in state}
        preview = {**outputs_unknown(self.table, inputs), **_foreseen(inputs), **kept}
        if (
            text(state, "revision") == text(preview, "revision")
            and text(request.old_inputs, "deployment") == _OURS
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
            return _state(inputs, found, kept)
        try:
            deployed = await self._deploy(operation, inputs, found)
        except NotRolledOut as error:
            if error.settled and error.serving == found:
                raise
            # Our own deploy restored the previous files. Record it, or it would look like another
            # program's.
            revision = text(state, "revision") if error.settled else None
            restored = {**state, **_described(inputs, error.serving), "revision": wrap(revision or "")}
            raise InitializationFailed(request.id, restored, [str(error)]) from None
        return _state(inputs, deployed, kept)

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
        kept = text(state, "original")
        if not kept:
            await live.remove(operation.client, ref, slug)
        elif _whose(found, state) != _OURS:
            await operation.warn(
                f"{slug} was deployed from elsewhere since ({_whose(found, state)}), so it stays as it "
                "is; its previous files are not restored"
            )
        else:
            await live.deploy(operation.client, ref, slug, from_state(kept))
            await operation.info(f"{slug} existed before this program; its previous files are restored")

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

    async def _take_over(
        self, operation: Operation[ManagementApi], inputs: PropertyMap, found: LiveFunction
    ) -> str | None:
        """Return the files to restore later, as text for the state; None for a function created here.

        Raises:
            PropertyError: this stack did not deploy the existing function, and ``adopt`` is not set.
            NotDownloadable: its files are not available.
        """
        slug, ref = found.slug, project_of(inputs)
        thing = _function(ref, slug)[0]
        past = operation.past(thing)
        if past and _whose(found, past) == _OURS:
            await operation.warn_renamed(thing, unchanged=False)
            return text(past, "original")
        recorded = text(inputs, "original")
        if flag(inputs, "adopt") and recorded is not None:
            await operation.info(
                f"{slug} exists (version {found.version}) and is taken over; "
                + ("its earlier files are recorded" if recorded else "it was not there before this program")
            )
            return recorded or None
        there = await live.download(operation.client, ref, found)
        if flag(inputs, "adopt"):
            await operation.info(
                f"{slug} exists (version {found.version}) and is taken over; its files are kept in the "
                "state, secret, and a destroy puts them back"
            )
            return to_state(there)
        if revision_of(inputs) is not None:
            wanted = deployment_of(inputs, package_of(inputs), found.name)
            if there.is_same(wanted):
                await operation.warn_renamed(thing, unchanged=True)
                return None
        raise PropertyError(
            "adopt",
            f"project {ref} has a function {slug} already (version {found.version}), which this stack did "
            "not deploy; choose another slug, or add adopt=True to replace it (its files are kept, and a "
            "destroy puts them back)",
        )

    async def _import(self, operation: Operation[ManagementApi], ref: str, found: LiveFunction) -> ReadResult:
        there = await live.download(operation.client, ref, found)
        inputs = imported_inputs(ref, found, there)
        state = {**inputs, **_described(inputs, found), "revision": wrap("")}
        return ReadResult(
            f"{ref}/{found.slug}", {**state, "original": wrap(to_state(there), is_secret=True)}, inputs
        )


def _function(ref: str, slug: str | None) -> list[Singleton]:
    """Return the claim on a function, as far as it is known."""
    key = f"supabase:{ref}:function:{slug}"
    return [Singleton(key, f"the function {slug}", "slug")] if ref and slug else []


async def _refuse_foreign_candidate(operation: Operation[ManagementApi], inputs: PropertyMap) -> None:
    rollout = rollout_of(operation, inputs)
    if rollout.candidate_checks:
        await rollout.refuse_foreign_candidate()


def _is_live(inputs: PropertyMap, state: PropertyMap, found: LiveFunction) -> bool:
    """Return whether the live function is the one that the inputs describe."""
    return (
        revision_of(inputs) == text(state, "revision")
        and _whose(found, state) == _OURS
        and found.verify_jwt == flag(inputs, "verifyJwt")
        and text(inputs, "name") in {None, found.name}
    )


def _whose(found: LiveFunction, state: PropertyMap) -> str:
    """Return whose deploy is live. The bundle decides, because changed settings also increment the version."""
    last = {str(k): str(v) for k, v in (plain(state.get("lastDeployed")) or {}).items()}
    if text(state, "revision") == "" and not text(state, "original"):
        return f"version {found.version}, which failed its checks"
    if found.bundle and last.get("bundleSha256"):
        same = found.bundle == last["bundleSha256"]
    else:
        same = str(found.version) == last.get("version")
    return _OURS if same else f"version {found.version}, from elsewhere"


def _foreseen(inputs: PropertyMap) -> dict[str, PropertyValue]:
    known: dict[str, PropertyValue] = {}
    slug = text(inputs, "slug")
    if project_of(inputs) and slug and is_known(inputs.get("projectUrl")):
        known["url"] = wrap(f"{functions_url(inputs)}/{slug}")
    if (revision := revision_of(inputs)) is not None:
        known["revision"] = wrap(revision, is_secret=_has_secrets(inputs))
    return known


def _has_secrets(inputs: PropertyMap) -> bool:
    """Return whether a generated file or a trigger is secret; then a hash over it is secret too."""
    return any(
        value is not None
        and (value.is_secret or any(v.is_secret for v in getattr(value.value, "values", tuple)()))
        for value in (inputs.get("files"), inputs.get("triggers"))
    )


def _described(inputs: PropertyMap, found: LiveFunction | None) -> dict[str, PropertyValue]:
    """Return the outputs of the live function, and record that this program deployed it."""
    if found is None:
        return {}
    deployed = {"version": str(found.version), "bundleSha256": found.bundle}
    return {
        "functionId": wrap(found.id),
        "url": wrap(f"{functions_url(inputs)}/{found.slug}"),
        "version": wrap(found.version),
        "status": wrap(found.status),
        "bundleSha256": wrap(found.bundle),
        "lastDeployed": wrap(deployed),
    }


def _state(inputs: PropertyMap, found: LiveFunction | None, original: str | None) -> dict[str, PropertyValue]:
    state = {**inputs, **_foreseen(inputs), **_described(inputs, found)}
    if original:
        state["original"] = wrap(original, is_secret=True)
    return state
