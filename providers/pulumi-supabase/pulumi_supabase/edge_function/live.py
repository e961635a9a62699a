"""Live functions in the Management API: reading, downloading, deploying, deleting.

The API prefixes the paths that were sent with its own folder (``file:///tmp/user_fn_.../source/``), which has
no meaning elsewhere and is removed here.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.errors import ProviderError

from ..client import NotFound, SupabaseError
from .revision import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx

    from ..client import ManagementApi

__all__ = ["LiveFunction", "NotDownloadable", "deploy", "download", "find", "remove", "require_project"]

_READ = "edge_functions_read"
_WRITE = "edge_functions_write"
_DISPOSITION = re.compile(r'filename="((?:[^"\\]|\\.)*)"|name="((?:[^"\\]|\\.)*)"')


class NotDownloadable(ProviderError):
    """A function's files are not available, so they could not be restored."""


@dataclass(frozen=True)
class LiveFunction:
    """A deployed function.

    Attributes:
        id: its UUID.
        slug: the last part of its URL.
        name: the display name.
        version: goes up by one with each deploy.
        status: ``ACTIVE``, ``REMOVED`` or ``THROTTLED``.
        verify_jwt: whether the gateway requires a JWT.
        bundle: SHA-256 of the platform's bundle of the files; empty if it does not report one.
        entrypoint: the entry point's path as it was sent.
        import_map: the import map's path as it was sent, or an empty string.
    """

    id: str
    slug: str
    name: str
    version: int
    status: str
    verify_jwt: bool
    bundle: str
    entrypoint: str
    import_map: str


async def find(api: ManagementApi, ref: str, slug: str) -> LiveFunction | None:
    """Return a function, or None if the project has no function with that slug."""
    try:
        answer = await api.get(ref, f"/functions/{slug}", _READ)
    except NotFound:
        return None
    return _live(answer.json())


async def require_project(api: ManagementApi, ref: str) -> None:
    """After a function was not found, make sure that its project exists.

    Raises:
        SupabaseError: there is no such project, which then has no list of functions either.
    """
    try:
        await api.get(ref, "/functions", _READ)
    except NotFound as error:
        hint = (
            f"project {ref} does not exist, or the access token may not see its organization; use a token that "
            "may (pulumi config set --secret supabase:accessToken). If the project was deleted, make Pulumi "
            "forget its resources: pulumi state delete URN"
        )
        raise SupabaseError(404, error.detail, hint) from None


async def download(api: ManagementApi, ref: str, live: LiveFunction) -> Deployment:
    """Return a function's files and settings, from which the same function can be deployed again.

    Raises:
        NotDownloadable: the platform does not have the sources.
    """
    try:
        answer = await api.get(
            ref, f"/functions/{live.slug}/body", _READ, headers={"Accept": "multipart/form-data"}
        )
        metadata, files = _parts(answer)
    except (SupabaseError, ValueError) as error:
        raise NotDownloadable(
            f"the files of {live.slug} (version {live.version}) cannot be downloaded, so that nothing "
            f"could put them back ({error}); deploy it once with the Supabase CLI, or delete it"
        ) from None
    entrypoint = str(metadata.get("deno2_entrypoint_path") or live.entrypoint)
    renamed = _inside([entrypoint, live.import_map, *files])
    return Deployment(
        files={renamed[path]: content for path, content in sorted(files.items())},
        entrypoint=renamed[entrypoint],
        import_map=renamed[live.import_map] if live.import_map in files else "",
        static_patterns=(),
        verify_jwt=live.verify_jwt,
        name=live.name,
    )


async def deploy(api: ManagementApi, ref: str, slug: str, deployment: Deployment) -> LiveFunction:
    """Deploy files under a slug; return the deployed function."""
    parts: list[tuple[str, tuple[str | None, bytes, str]]] = [
        ("file", (path, content, "application/octet-stream")) for path, content in deployment.files.items()
    ]
    metadata = json.dumps(deployment.metadata()).encode()
    answer = await api.send(
        "POST",
        ref,
        "/functions/deploy",
        _WRITE,
        params={"slug": slug},
        files=[*parts, ("metadata", (None, metadata, "application/json"))],
    )
    return _live(answer.json())


async def remove(api: ManagementApi, ref: str, slug: str) -> None:
    """Delete a function, if it exists."""
    try:
        await api.send("DELETE", ref, f"/functions/{slug}", _WRITE)
    except NotFound:
        return


def _live(answer: Mapping[str, Any]) -> LiveFunction:
    return LiveFunction(
        id=str(answer["id"]),
        slug=str(answer["slug"]),
        name=str(answer["name"]),
        version=int(answer["version"]),
        status=str(answer["status"]),
        verify_jwt=bool(answer.get("verify_jwt", True)),
        bundle=str(answer.get("ezbr_sha256") or ""),
        entrypoint=_sent(str(answer.get("entrypoint_path") or "index.ts")),
        import_map=_sent(str(answer.get("import_map_path") or "")),
    )


def _sent(path: str) -> str:
    """Return a path as it was sent, from the platform's path."""
    bare = path.removeprefix("file://")
    if bare.startswith("/"):
        _, found, rest = bare.partition("/source/")
        return rest if found else bare.lstrip("/")
    return bare.removeprefix("./")


def _inside(paths: list[str]) -> dict[str, str]:
    """Map paths that may lead upwards (``../_shared/x.ts``) to paths below one folder."""
    plain = {path: _sent(path) for path in paths}
    up = max((p.split("/").count("..") for p in plain.values()), default=0)
    prefix = ["function"] * up
    return {path: "/".join(_normal([*prefix, *p.split("/")])) for path, p in plain.items()}


def _normal(steps: list[str]) -> Iterator[str]:
    kept: list[str] = []
    for step in steps:
        if step == "..":
            kept.pop()
        elif step not in {"", "."}:
            kept.append(step)
    yield from kept


def _parts(answer: httpx.Response) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Read a multipart/form-data answer: its metadata and its files.

    A path may be in its own header, because a filename cannot lead upwards.

    Raises:
        ValueError: it is not such an answer.
    """
    content_type = answer.headers.get("Content-Type", "")
    match = re.search(r'boundary="?([^";]+)"?', content_type)
    if not content_type.startswith("multipart/form-data") or match is None:
        raise ValueError(f"the answer is {content_type or 'of no type'}, not multipart/form-data")
    metadata: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    delimiter = b"\r\n--" + match.group(1).encode()
    for part in (b"\r\n" + answer.content).split(delimiter)[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        headers = dict(_headers(head.decode(errors="replace")))
        found = {
            "filename" if m.group(1) is not None else "name": m.group(1) or m.group(2) or ""
            for m in _DISPOSITION.finditer(headers.get("content-disposition", ""))
        }
        if found.get("name") == "metadata":
            metadata = json.loads(content)
            if not isinstance(metadata, dict):
                raise ValueError("its metadata are not a JSON object")
        elif path := headers.get("supabase-path") or found.get("filename"):
            files[path] = content
    if not files:
        raise ValueError("it has no files")
    return metadata, files


def _headers(head: str) -> Iterator[tuple[str, str]]:
    for line in head.split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip().lower(), value.strip()
