"""What the state says of a function: what is deployed, and what is known of it in a preview."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.values import is_known, text, wrap

from ..project import project_of
from .inputs import functions_url, revision_of

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.values import PropertyMap

    from .live import LiveFunction

__all__ = ["described", "foreseen", "state_of"]


def foreseen(inputs: PropertyMap) -> dict[str, PropertyValue]:
    """Return the outputs that are known before anything is deployed."""
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


def described(inputs: PropertyMap, found: LiveFunction | None) -> dict[str, PropertyValue]:
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


def state_of(inputs: PropertyMap, found: LiveFunction | None, original: str | None) -> dict[str, PropertyValue]:
    """Return the state; ``original`` is what a delete restores, if there is anything."""
    state = {**inputs, **foreseen(inputs), **described(inputs, found)}
    if original:
        state["original"] = wrap(original, is_secret=True)
    return state
