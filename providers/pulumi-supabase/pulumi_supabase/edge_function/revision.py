"""The revision of a function: one hash of everything that determines its behavior."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .packing import Package

__all__ = ["Deployment", "Settings", "prepare"]


@dataclass(frozen=True)
class Settings:
    """The settings that are sent with the files.

    Attributes:
        verify_jwt: whether the gateway requires a JWT before the function runs.
        name: the display name, or None to keep the current one.
        triggers: values whose change creates a new revision.
    """

    verify_jwt: bool
    name: str | None
    triggers: Mapping[str, str]


@dataclass(frozen=True)
class Deployment:
    """Files and metadata of one deploy.

    Attributes:
        files: content by path.
        entrypoint: the entry point's path.
        import_map: the import map's path, or an empty string.
        static_patterns: globs by path.
        verify_jwt: whether the gateway requires a JWT.
        name: the display name.
        revision: the hash by which the running code can identify itself; empty if there is none.
    """

    files: Mapping[str, bytes]
    entrypoint: str
    import_map: str
    static_patterns: tuple[str, ...]
    verify_jwt: bool
    name: str
    revision: str = ""

    def metadata(self) -> dict[str, Any]:
        """Return all five metadata fields, because the platform may keep or change an absent field."""
        return {
            "entrypoint_path": self.entrypoint,
            "import_map_path": self.import_map,
            "static_patterns": list(self.static_patterns),
            "verify_jwt": self.verify_jwt,
            "name": self.name,
        }

    def is_same(self, other: Deployment) -> bool:
        """Return whether both deploy the same function."""
        return (
            self.verify_jwt == other.verify_jwt
            and self.name == other.name
            and self.entrypoint == other.entrypoint
            and dict(self.files) == dict(other.files)
        )

    def named(self, name: str) -> Deployment:
        """Return the same deployment with another display name."""
        return replace(self, name=name)


def prepare(package: Package, settings: Settings, revision_file: str | None, name: str) -> Deployment:
    """Return the deployment of a package, with its revision in ``revision_file`` if there is one."""
    revision = _hash(package, settings)
    files = dict(package.files)
    if revision_file:
        files[package.inside(revision_file)] = (json.dumps({"revision": revision}) + "\n").encode()
    return Deployment(
        files=dict(sorted(files.items())),
        entrypoint=package.entrypoint,
        import_map=package.import_map,
        static_patterns=package.static_patterns,
        verify_jwt=settings.verify_jwt,
        name=name,
        revision=revision,
    )


def _hash(package: Package, settings: Settings) -> str:
    described = {
        "files": {path: hashlib.sha256(content).hexdigest() for path, content in package.files.items()},
        "entrypoint": package.entrypoint,
        "import_map": package.import_map,
        "static_patterns": list(package.static_patterns),
        "verify_jwt": settings.verify_jwt,
        "name": settings.name,
        "triggers": dict(settings.triggers),
    }
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()
