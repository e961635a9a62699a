"""The functions part of the Management API: deploy, read, take a copy, delete."""

from __future__ import annotations

import base64
import email
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..client import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..client import SupabaseClient
    from .packing import Package

__all__ = ["Deploy", "FunctionsApi", "Snapshot"]

Live = dict[str, Any]
"""A function as Supabase answers it."""


@dataclass(frozen=True)
class Deploy:
    """What is deployed, whatever the slug.

    Attributes:
        package: the files.
        name: the name in the dashboard.
        verify_jwt: whether Supabase checks a JWT first.
    """

    package: Package
    name: str
    verify_jwt: bool

    def metadata(self) -> dict[str, Any]:
        """Return all five settings; one left out would keep or change a value behind our back."""
        return {
            "entrypoint_path": self.package.entrypoint,
            "import_map_path": self.package.import_map,
            "static_patterns": list(self.package.static),
            "verify_jwt": self.verify_jwt,
            "name": self.name,
        }


@dataclass(frozen=True)
class Snapshot:
    """A function's files and settings as they were, to put back."""

    files: dict[str, bytes]
    metadata: dict[str, Any]

    def to_state(self) -> dict[str, str]:
        """Return it as strings for the state."""
        encoded = {f"file:{p}": base64.b64encode(c).decode() for p, c in self.files.items()}
        return {**encoded, "metadata": json.dumps(self.metadata, sort_keys=True)}

    @classmethod
    def from_state(cls, state: Mapping[str, str]) -> Snapshot | None:
        """Return what :meth:`to_state` made, or None of an empty state."""
        if "metadata" not in state:
            return None
        prefix = "file:"
        files = {
            key.removeprefix(prefix): base64.b64decode(text)
            for key, text in state.items()
            if key.startswith(prefix)
        }
        return cls(files, json.loads(state["metadata"]))


class FunctionsApi:
    """The functions of one project."""

    def __init__(self, client: SupabaseClient, project_ref: str) -> None:
        self._client = client
        self._path = f"/v1/projects/{project_ref}/functions"

    async def read(self, slug: str) -> Live | None:
        """Return a function, or None where there is none."""
        try:
            live: Live = await self._client.get(f"{self._path}/{slug}")
        except NotFound:
            return None
        return live

    async def deploy(self, slug: str, deploy: Deploy) -> Live:
        """Deploy files and settings in one request."""
        return await self._upload(slug, deploy.package.files, deploy.metadata())

    async def put_back(self, slug: str, snapshot: Snapshot) -> Live:
        """Deploy what was there before."""
        return await self._upload(slug, snapshot.files, snapshot.metadata)

    async def snapshot(self, slug: str, live: Live) -> Snapshot:
        """Copy a function's files and settings.

        The body's ``metadata`` part names the entry point as it was uploaded; the paths in the function's own
        object are those of Supabase's build machine and end in the uploaded ones.
        """
        response = await self._client.get_raw(f"{self._path}/{slug}/body", "multipart/form-data")
        files, described = _parts(response.headers.get("Content-Type", ""), response.content)
        metadata = {
            "entrypoint_path": described.get("deno2_entrypoint_path")
            or _uploaded(live.get("entrypoint_path"), files)
            or "index.ts",
            "import_map_path": _uploaded(live.get("import_map_path"), files),
            "static_patterns": [],
            "verify_jwt": bool(live.get("verify_jwt", True)),
            "name": str(live.get("name") or slug),
        }
        return Snapshot(files, metadata)

    async def delete(self, slug: str) -> None:
        """Delete a function; one that is gone already is fine."""
        try:
            await self._client.delete(f"{self._path}/{slug}")
        except NotFound:
            return

    async def _upload(self, slug: str, files: Mapping[str, bytes], metadata: Mapping[str, Any]) -> Live:
        parts: list[tuple[str, tuple[str | None, bytes, str]]] = [
            ("file", (path, content, "application/octet-stream")) for path, content in files.items()
        ]
        parts.append(("metadata", (None, json.dumps(metadata).encode(), "application/json")))
        live: Live = await self._client.post(f"{self._path}/deploy", params={"slug": slug}, files=parts)
        return live


def _uploaded(path: object, files: Mapping[str, bytes]) -> str:
    """Return the uploaded path that a path of the build machine ends in, or an empty string."""
    text = str(path or "")
    return next((name for name in sorted(files, key=len, reverse=True) if text.endswith(f"/{name}")), "")


def _parts(content_type: str, body: bytes) -> tuple[dict[str, bytes], dict[str, Any]]:
    message = email.message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    files: dict[str, bytes] = {}
    metadata: dict[str, Any] = {}
    for part in message.walk():
        if part.is_multipart():
            continue
        name = part.get_param("name", header="Content-Disposition")
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        if name == "metadata":
            metadata = json.loads(content)
        else:
            files[str(part.get_filename() or name)] = content
    return files, metadata
