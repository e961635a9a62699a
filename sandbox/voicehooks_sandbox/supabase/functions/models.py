"""Deployed functions and their sources, kept on disk.

Layout, one folder a function:

    <slug>/function.json          the metadata of what is active
    <slug>/releases/<id>/         the files of one deploy, as uploaded
    <slug>/releases/<id>.json     metadata of a bundle that waits for its activation (bundleOnly)
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
import uuid
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from voicehooks_sandbox.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Function:
    """One function's metadata, in the words of the Management API.

    `entrypoint_path` and `import_map_path` are kept as they were sent, relative to the release's files;
    times are milliseconds since 1970.
    """

    id: str
    slug: str
    name: str
    version: int
    created_at: int
    updated_at: int
    verify_jwt: bool
    entrypoint_path: str
    import_map_path: str | None
    ezbr_sha256: str
    release: str
    status: str = "ACTIVE"


@dataclass(frozen=True)
class DeployMetadata:
    """What a deploy sets of a function; None leaves a value as it is."""

    entrypoint_path: str
    import_map_path: str | None = None
    verify_jwt: bool | None = None
    name: str | None = None


class UnsafePath(ValueError):
    """A file's path is absolute or leads out of the function's folder."""


class FunctionStore:
    """All functions of the project.

    Args:
        folder: Where they are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._functions: dict[str, Function] = {}
        for file in folder.glob("*/function.json"):
            function = Function(**json.loads(file.read_text(encoding="utf-8")))
            self._functions[function.slug] = function

    def all(self) -> list[Function]:
        """Every function, in the order of their creation."""
        return sorted(self._functions.values(), key=lambda function: (function.created_at, function.slug))

    def get(self, slug: str) -> Function | None:
        """The function of this slug, if it is deployed."""
        return self._functions.get(slug)

    def source_folder(self, function: Function) -> Path:
        """Where the files of this function's release are."""
        return self._folder / function.slug / "releases" / function.release

    def files(self, function: Function) -> dict[str, bytes]:
        """The files of a release by their path."""
        root = self.source_folder(function)
        return {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }

    def add_release(self, slug: str, metadata: DeployMetadata, files: Mapping[str, bytes]) -> Function:
        """Store a deploy's files and describe the function as it would be; nothing is active yet.

        What the metadata leaves out stays as it is; for a new function JWTs are verified and the name is
        the slug.

        Raises:
            UnsafePath: A file's path leads out of the folder.
        """
        before = self._functions.get(slug)
        release = uuid.uuid4().hex
        root = self._folder / slug / "releases" / release
        for path, content in files.items():
            target = root / safe_path(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        now = int(time.time() * 1000)
        import_map_path = metadata.import_map_path
        if import_map_path is None and before is not None:
            import_map_path = before.import_map_path
        verify_jwt = metadata.verify_jwt
        if verify_jwt is None:
            verify_jwt = before.verify_jwt if before is not None else True
        return Function(
            id=before.id if before is not None else str(uuid.uuid4()),
            slug=slug,
            name=metadata.name or (before.name if before is not None else slug),
            version=before.version + 1 if before is not None else 1,
            created_at=before.created_at if before is not None else now,
            updated_at=now,
            verify_jwt=verify_jwt,
            entrypoint_path=metadata.entrypoint_path,
            import_map_path=import_map_path or None,
            ezbr_sha256=_bundle_digest(metadata.entrypoint_path, import_map_path or "", files),
            release=release,
        )

    def discard_release(self, function: Function) -> None:
        """Delete the files of a release that was not activated."""
        shutil.rmtree(self.source_folder(function), ignore_errors=True)

    def stage(self, function: Function) -> None:
        """Keep a bundle until a bulk update activates it."""
        releases = self._folder / function.slug / "releases"
        write_atomically(releases / f"{function.release}.json", json.dumps(asdict(function)))

    def find_bundle(self, slug: str, ezbr_sha256: str | None) -> Function | None:
        """The staged or active bundle of this digest; without a digest the active one."""
        staged = sorted(
            (self._folder / slug / "releases").glob("*.json"), key=lambda file: file.stat().st_mtime
        )
        for file in reversed(staged):
            function = Function(**json.loads(file.read_text(encoding="utf-8")))
            if function.ezbr_sha256 == ezbr_sha256:
                return function
        active = self._functions.get(slug)
        return active if active is not None and ezbr_sha256 in (None, active.ezbr_sha256) else None

    def activate(self, function: Function) -> Function | None:
        """Make a release the active one; returns what was active before.

        The release before stays on disk (a deploy may spread slowly), older ones are deleted.
        """
        before = self._functions.get(function.slug)
        folder = self._folder / function.slug
        write_atomically(folder / "function.json", json.dumps(asdict(function)))
        self._functions[function.slug] = function
        (folder / "releases" / f"{function.release}.json").unlink(missing_ok=True)
        staged = {file.stem for file in (folder / "releases").glob("*.json")}
        keep = {function.release, *staged, *([before.release] if before is not None else [])}
        for release in (folder / "releases").iterdir():
            if release.is_dir() and release.name not in keep:
                shutil.rmtree(release, ignore_errors=True)
        return before

    def bulk_updated(
        self, function: Function, *, name: str, version: int, status: str, verify_jwt: bool
    ) -> Function:
        """The function as a bulk update describes it; not active yet."""
        now = int(time.time() * 1000)
        return replace(
            function, name=name, version=version, status=status, verify_jwt=verify_jwt, updated_at=now
        )

    def change(self, function: Function, **changes: object) -> Function:
        """Change metadata without a new release; the version is counted up unless it is given."""
        values = {"version": function.version + 1, "updated_at": int(time.time() * 1000), **changes}
        changed = replace(function, **values)  # type: ignore[arg-type]
        self.activate(changed)
        return changed

    def delete(self, slug: str) -> Function | None:
        """Delete a function and its files; returns what was there."""
        function = self._functions.pop(slug, None)
        if function is not None:
            (self._folder / slug / "function.json").unlink(missing_ok=True)
            shutil.rmtree(self._folder / slug, ignore_errors=True)
        return function


def safe_path(path: str) -> PurePosixPath:
    """Check a path that came from outside.

    Raises:
        UnsafePath: It is empty, absolute or leads upwards out of its folder.
    """
    parts: list[str] = []
    for part in PurePosixPath(path.replace("\\", "/").removeprefix("file://")).parts:
        if part == "..":
            if not parts:
                raise UnsafePath(path)
            parts.pop()
        elif part == "/":
            raise UnsafePath(path)
        else:
            parts.append(part)
    if not parts:
        raise UnsafePath(path)
    return PurePosixPath(*parts)


def _bundle_digest(entrypoint: str, import_map: str, files: Mapping[str, bytes]) -> str:
    """A digest of the bundle: stable for equal content, and not one a client would compute itself."""
    digest = hashlib.sha256(f"eszip2\0{entrypoint}\0{import_map}\0".encode())
    for path in sorted(files):
        digest.update(path.encode() + b"\0" + hashlib.sha256(files[path]).digest())
    return digest.hexdigest()
