"""The revision of a function: one hash of all that makes it behave as it does."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .packing import Package

__all__ = ["Deployment", "Settings", "prepare"]


@dataclass(frozen=True)
class Settings:
    """What is sent beside the files.

    Attributes:
        verify_jwt: whether the gateway demands a JWT before the function runs.
        name: the display name, or None to keep the one there is.
        triggers: values whose change makes another revision.
    """

    verify_jwt: bool
    name: str | None = None
    triggers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Deployment:
    """Files and metadata of one deploy.

    Attributes:
        files: content by path.
        entrypoint: the entry point's path.
        import_map: the import map's path, or an empty string.
        static_patterns: globs by path.
        verify_jwt: whether the gateway demands a JWT.
        name: the display name.
        revision: the hash that the running code may know itself by; empty where nobody computed one.
    """

    files: Mapping[str, bytes]
    entrypoint: str
    import_map: str
    static_patterns: tuple[str, ...]
    verify_jwt: bool
    name: str
    revision: str = ""

    def metadata(self) -> dict[str, Any]:
        """Return all five metadata fields: what is left out, the platform may keep or flip."""
        return {
            "entrypoint_path": self.entrypoint,
            "import_map_path": self.import_map,
            "static_patterns": list(self.static_patterns),
            "verify_jwt": self.verify_jwt,
            "name": self.name,
        }

    def is_same(self, other: Deployment) -> bool:
        """Tell whether both make the same function."""
        return (
            self.verify_jwt == other.verify_jwt
            and self.name == other.name
            and self.entrypoint == other.entrypoint
            and dict(self.files) == dict(other.files)
        )

    def named(self, name: str) -> Deployment:
        """Return the same under another display name."""
        return replace(self, name=name)


def prepare(package: Package, settings: Settings, revision_file: str | None, name: str) -> Deployment:
    """Return the deploy of a package, its revision written into ``revision_file`` where there is one."""
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
