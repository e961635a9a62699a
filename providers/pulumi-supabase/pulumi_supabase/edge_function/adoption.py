"""Take over a function that exists already: whose deploy is live, and which files a delete restores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.claims import Singleton
from pulumi_provider_kit.errors import PropertyError
from pulumi_provider_kit.values import flag, plain, text

from ..project import project_of
from . import live
from .inputs import deployment_of, package_of, revision_of
from .original import from_state, to_state

if TYPE_CHECKING:
    from pulumi_provider_kit.resource import Operation
    from pulumi_provider_kit.values import PropertyMap

    from ..client import ManagementApi
    from .live import LiveFunction

__all__ = ["OURS", "function_claim", "put_back", "take_over", "whose"]

OURS = "of this program"
"""What :func:`whose` returns for a deploy of this program's."""


def function_claim(ref: str, slug: str | None) -> list[Singleton]:
    """Return the claim on a function, as far as it is known."""
    key = f"supabase:{ref}:function:{slug}"
    return [Singleton(key, f"the function {slug}", "slug")] if ref and slug else []


def whose(found: LiveFunction, state: PropertyMap) -> str:
    """Return whose deploy is live. The bundle decides, because changed settings also increment the version."""
    last = {str(k): str(v) for k, v in (plain(state.get("lastDeployed")) or {}).items()}
    if text(state, "revision") == "" and not text(state, "original"):
        return f"version {found.version}, which failed its checks"
    if found.bundle and last.get("bundleSha256"):
        same = found.bundle == last["bundleSha256"]
    else:
        same = str(found.version) == last.get("version")
    return OURS if same else f"version {found.version}, from elsewhere"


async def take_over(
    operation: Operation[ManagementApi], inputs: PropertyMap, found: LiveFunction
) -> str | None:
    """Return the files to restore later, as text for the state; None for a function created here.

    Raises:
        PropertyError: this stack did not deploy the existing function, and ``adopt`` is not set.
        NotDownloadable: its files are not available.
    """
    slug, ref = found.slug, project_of(inputs)
    thing = function_claim(ref, slug)[0]
    past = operation.past(thing)
    if past and whose(found, past) == OURS:
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
        f"project {ref} already has a function {slug} (version {found.version}), which this stack did "
        "not deploy; choose another slug, or add adopt=True to replace it (its files are kept, and a "
        "destroy restores them)",
    )


async def put_back(
    operation: Operation[ManagementApi], ref: str, found: LiveFunction, state: PropertyMap
) -> None:
    """Restore the previous files, unless the function was deployed from elsewhere since the last update."""
    slug = found.slug
    if whose(found, state) != OURS:
        await operation.warn(
            f"{slug} was deployed from elsewhere since then ({whose(found, state)}), so it stays as it "
            "is; its previous files are not restored"
        )
        return
    await live.deploy(operation.client, ref, slug, from_state(text(state, "original") or ""))
    await operation.info(f"{slug} existed before this program; its previous files are restored")
