"""An adopted function's previous files and settings: as text for the state, and as a program's inputs."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pulumi_provider_kit.values import wrap

from .revision import Deployment

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue

    from .live import LiveFunction

__all__ = ["from_state", "imported_inputs", "to_state"]

_DEFAULT_ENTRYPOINT = "index.ts"
_DEFAULT_MAPS = ("deno.json", "deno.jsonc")
# The usual folders of functions; the first one is the Supabase CLI's.
_FOLDERS = ("supabase/functions", "functions", "../supabase/functions", "../functions")


def to_state(found: Deployment) -> str:
    """Return a function's files and settings as JSON; files that are not text as Base64."""
    texts: dict[str, str] = {}
    binaries: dict[str, str] = {}
    for path, content in found.files.items():
        try:
            texts[path] = content.decode()
        except UnicodeDecodeError:
            binaries[path] = base64.b64encode(content).decode()
    kept = {"metadata": found.metadata(), "files": texts, "binaryFiles": binaries}
    return json.dumps(kept, sort_keys=True)


def from_state(kept: str) -> Deployment:
    """Read the JSON of :func:`to_state`."""
    found = json.loads(kept)
    metadata = found["metadata"]
    files = {path: text.encode() for path, text in found["files"].items()}
    files |= {path: base64.b64decode(text) for path, text in found["binaryFiles"].items()}
    return Deployment(
        files=dict(sorted(files.items())),
        entrypoint=metadata["entrypoint_path"],
        import_map=metadata["import_map_path"],
        static_patterns=tuple(metadata["static_patterns"]),
        verify_jwt=metadata["verify_jwt"],
        name=metadata["name"],
    )


def imported_inputs(ref: str, live: LiveFunction, found: Deployment) -> dict[str, PropertyValue]:
    """Return the inputs that describe an imported function.

    The folder is an existing one of that name, or else the Supabase CLI's. The hashes of the deployed files
    are by the paths that this provider sends, so that the first preview names the files that differ from the
    disk.
    """
    entry = PurePosixPath(found.entrypoint)
    root = entry.parent.parent
    folder = next((f for f in _FOLDERS if Path(f, live.slug).is_dir()), _FOLDERS[0])
    inputs: dict[str, PropertyValue] = {
        "projectRef": wrap(ref),
        "slug": wrap(live.slug),
        "directory": wrap(f"{folder}/{live.slug}"),
        "verifyJwt": wrap(live.verify_jwt),
        "fileHashes": wrap(
            {
                _below(path, root): hashlib.sha256(content).hexdigest()[:16]
                for path, content in found.files.items()
            }
        ),
        "deployment": wrap("of this program"),
    }
    if entry.name != _DEFAULT_ENTRYPOINT:
        inputs["entrypoint"] = wrap(entry.name)
    if found.import_map and PurePosixPath(found.import_map).name not in _DEFAULT_MAPS:
        inputs["importMap"] = wrap(PurePosixPath(found.import_map).name)
    if live.name != live.slug:
        inputs["name"] = wrap(live.name)
    return inputs


def _below(path: str, root: PurePosixPath) -> str:
    candidate = PurePosixPath(path)
    return candidate.relative_to(root).as_posix() if candidate.is_relative_to(root) else path
