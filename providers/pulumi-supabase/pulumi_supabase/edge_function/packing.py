"""Which files a function consists of: what its entry point reaches, in a stable order.

Relative imports are followed, through ``_shared`` folders beside the function's as well, and so are those
that the import map points at relative files. Packages (npm:, jsr:, https:) are Supabase's to fetch.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pulumi_provider_kit.errors import PropertyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Package", "pack"]

# import x from "./a.ts", export * from "./a.ts", import "./a.ts", import("./a.ts"), import(`./a.ts`)
_IMPORT = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*)(["'`])([^"'`\n]+)\1""")
_COMMENT = re.compile(r"/\*.*?\*/|^\s*//[^\n]*", re.DOTALL | re.MULTILINE)
_CODE = {".ts", ".tsx", ".js", ".jsx", ".mjs", ".mts"}


@dataclass(frozen=True)
class Package:
    """A function's files, as they are uploaded.

    Attributes:
        files: content by path, relative to the parent of the function's folder, sorted.
        entrypoint: the entry point's path among them.
        import_map: the import map's path among them, or empty.
        static: patterns of static files, relative in the same way.
    """

    files: dict[str, bytes]
    entrypoint: str
    import_map: str
    static: tuple[str, ...] = ()

    @property
    def hashes(self) -> dict[str, str]:
        """The start of each file's SHA-256."""
        return {path: hashlib.sha256(content).hexdigest()[:16] for path, content in self.files.items()}

    def revision(self, *settings: object) -> str:
        """Return the start of a SHA-256 of all files and of the settings that a deploy carries."""
        whole = [self.hashes, self.entrypoint, self.import_map, self.static, settings]
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:16]

    def with_file(self, path: str, content: str) -> Package:
        """Return the package with one more file."""
        files = dict(sorted({**self.files, path: content.encode()}.items()))
        return Package(files, self.entrypoint, self.import_map, self.static)


def pack(
    directory: str,
    *,
    entrypoint: str = "index.ts",
    import_map: str | None = None,
    static_patterns: Sequence[str] = (),
    generated: Mapping[str, str] | None = None,
    leave_out: str | None = None,
) -> Package:
    """Collect a function's files.

    Args:
        directory: the function's folder, relative to the current one or absolute.
        entrypoint: the entry point in it.
        import_map: the import map in it; None for ``deno.json`` where there is one, empty for none.
        static_patterns: glob patterns of further files in it.
        generated: texts by path in the folder, in place of what is on disk.
        leave_out: a path in the folder that is generated later and is not read from disk.

    Raises:
        PropertyError: a file is missing or lies outside the folder's parent.
    """
    folder = Path(os.path.normpath(Path.cwd() / directory))
    if not folder.is_dir():
        raise PropertyError("directory", f"there is no folder {directory}; correct the path")
    if import_map is None:
        import_map = "deno.json" if (folder / "deno.json").is_file() else ""
    collected = _Collector(folder, {folder / p: t.encode() for p, t in (generated or {}).items()})
    if leave_out:
        collected.skip(folder / leave_out)
    collected.add(folder / entrypoint, "entrypoint", f"the entry point {entrypoint}")
    if import_map:
        collected.add(folder / import_map, "importMap", f"the import map {import_map}")
        collected.use_import_map(folder / import_map)
    for path in collected.generated:
        collected.add(path, "files", path.name)
    for pattern in static_patterns:
        found = sorted(p for p in folder.glob(pattern) if p.is_file())
        if not found:
            raise PropertyError("staticPatterns", f"{pattern} matches no file in {directory}")
        for path in found:
            collected.add(path, "staticPatterns", pattern)
    collected.follow()
    return Package(
        collected.result(),
        f"{folder.name}/{entrypoint}",
        f"{folder.name}/{import_map}" if import_map else "",
        tuple(f"{folder.name}/{pattern}" for pattern in static_patterns),
    )


class _Collector:
    """Follows imports from file to file."""

    def __init__(self, folder: Path, generated: dict[Path, bytes]) -> None:
        self._root = folder.parent
        self.generated = generated
        self._contents: dict[Path, bytes] = {}
        self._skipped: set[Path] = set()
        self._aliases: dict[str, Path] = {}
        self._todo: list[Path] = []

    def skip(self, path: Path) -> None:
        """Do not read this file."""
        self._skipped.add(path)

    def add(self, path: Path, prop: str, what: str) -> None:
        """Add a file, and later what it imports."""
        path = Path(os.path.normpath(path))
        if path in self._contents or path in self._skipped:
            return
        if not path.is_relative_to(self._root):
            raise PropertyError(
                prop, f"{what} lies outside of {self._root.name}/; move it beside the function"
            )
        if path in self.generated:
            content = self.generated[path]
        elif path.is_file():
            content = path.read_bytes()
        else:
            raise PropertyError(prop, f"{what} is missing: there is no file {path.relative_to(self._root)}")
        self._contents[path] = content
        if path.suffix in _CODE:
            self._todo.append(path)

    def use_import_map(self, path: Path) -> None:
        """Note which bare names stand for relative files."""
        try:
            imports = json.loads(self._contents[path]).get("imports", {})
        except ValueError:
            raise PropertyError("importMap", f"{path.name} is not JSON") from None
        for name, target in imports.items():
            if str(target).startswith(("./", "../")):
                self._aliases[name] = path.parent / target

    def follow(self) -> None:
        """Add everything that is reached."""
        while self._todo:
            path = self._todo.pop()
            for specifier in _specifiers(self._contents[path]):
                target = self._target(path, specifier)
                if target is not None:
                    shown = path.relative_to(self._root)
                    self.add(target, "directory", f"{specifier}, imported by {shown},")

    def _target(self, importer: Path, specifier: str) -> Path | None:
        if specifier.startswith(("./", "../")):
            return importer.parent / specifier
        for name, target in self._aliases.items():
            if specifier == name:
                return target
            if name.endswith("/") and specifier.startswith(name):
                return target / specifier.removeprefix(name)
        return None

    def result(self) -> dict[str, bytes]:
        """Return content by path, sorted."""
        relative = {PurePosixPath(p.relative_to(self._root)).as_posix(): c for p, c in self._contents.items()}
        return dict(sorted(relative.items()))


def _specifiers(content: bytes) -> Iterable[str]:
    code = _COMMENT.sub("", content.decode("utf-8", errors="replace"))
    return (match.group(2) for match in _IMPORT.finditer(code))
