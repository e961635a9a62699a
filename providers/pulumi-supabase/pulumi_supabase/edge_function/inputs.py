"""Reads a program's inputs: the files, the settings and the checks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pulumi.provider.experimental.property_value import Computed
from pulumi_provider_kit.values import flag, is_given, is_known, plain, strings, text

from ..project import project_of
from .checks import Check, Patience, parse_checks
from .packing import Package, Source, pack
from .revision import Deployment, Settings, prepare
from .rollout import Rollout

if TYPE_CHECKING:
    from pulumi_provider_kit.resource import Operation
    from pulumi_provider_kit.values import PropertyMap

    from ..client import ManagementApi

__all__ = ["deployment_of", "functions_url", "is_packable", "package_of", "revision_of", "rollout_of"]

_OF_THE_PACKAGE = ("directory", "entrypoint", "importMap", "staticPatterns", "revisionFile")
_OF_THE_REVISION = (*_OF_THE_PACKAGE, "files", "triggers", "verifyJwt", "name")


def is_packable(inputs: PropertyMap) -> bool:
    """Return whether the names of the files on disk are known."""
    return is_given(inputs, "directory") and all(is_known(inputs.get(n)) for n in _OF_THE_PACKAGE)


def package_of(inputs: PropertyMap) -> Package:
    """Return the files as they are on disk now; generated texts that are not known yet are empty.

    Raises:
        PropertyError: see :func:`.packing.pack`.
    """
    files = inputs.get("files")
    generated: dict[str, str | None] = {}
    unknown = files is not None and isinstance(files.value, Computed)
    if files is not None and not unknown and files.value is not None:
        entries: PropertyMap = files.value  # type: ignore[assignment]  # a map, by the table
        generated = {path: str(plain(v)) if is_known(v) else None for path, v in entries.items()}
    return pack(
        Source(
            directory=Path(text(inputs, "directory") or ""),
            entrypoint=text(inputs, "entrypoint") or "index.ts",
            import_map=text(inputs, "importMap"),
            static_patterns=strings(inputs, "staticPatterns"),
            generated=generated,
            revision_file=text(inputs, "revisionFile"),
            partial=unknown,
        )
    )


def deployment_of(inputs: PropertyMap, package: Package, name: str) -> Deployment:
    """Return what is deployed, under a display name; everything must be known."""
    given = text(inputs, "name")
    triggers = {str(k): str(v) for k, v in (plain(inputs.get("triggers")) or {}).items()}
    settings = Settings(flag(inputs, "verifyJwt"), given, triggers)
    return prepare(package, settings, text(inputs, "revisionFile"), given if given is not None else name)


def revision_of(inputs: PropertyMap) -> str | None:
    """Return the revision, or None if a value that it depends on is not known yet."""
    if not is_packable(inputs) or not all(is_known(inputs.get(n)) for n in _OF_THE_REVISION):
        return None
    return deployment_of(inputs, package_of(inputs), "").revision


def functions_url(inputs: PropertyMap) -> str:
    """Return the public URL that slugs are appended to."""
    base = text(inputs, "projectUrl") or f"https://{project_of(inputs)}.supabase.co"
    return f"{base}/functions/v1"


def rollout_of(operation: Operation[ManagementApi], inputs: PropertyMap) -> Rollout:
    """Return how the function is deployed."""
    checks = _checks(inputs, "checks")
    own = _checks(inputs, "candidateChecks") if is_given(inputs, "candidateChecks") else checks
    return Rollout(
        operation=operation,
        ref=project_of(inputs),
        slug=text(inputs, "slug") or "",
        functions_url=functions_url(inputs),
        checks=checks,
        candidate_checks=own,
        patience=Patience(
            float(plain(inputs.get("checkTimeoutSeconds")) or Patience.seconds),
            int(plain(inputs.get("consecutiveChecks")) or Patience.consecutive),
        ),
    )


def _checks(inputs: PropertyMap, name: str) -> tuple[Check, ...]:
    value = inputs.get(name)
    return parse_checks(plain(value)) if is_known(value) else ()
