"""Packs a function: exactly the files that its entry point reaches, in a stable order.

It follows relative imports, wherever they lead (for example, a `_shared` folder next to the function), and
those that the import map resolves to files. Paths in a package begin at the parent of the function's folder,
or further up if an import leads there. No path reveals anything about the machine.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_provider_kit.errors import PropertyError

from .import_map import ImportMap, InvalidImportMap, parse_import_map
from .imports import imports_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Package", "Source", "pack"]

_SCRIPTS = frozenset({".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs"})
_CONFIGURATIONS = ("deno.json", "deno.jsonc")
_REMOTE = ("http:", "https:", "npm:", "jsr:", "node:", "data:", "blob:")
# https://nodejs.org/api/module.html#modulebuiltinmodules
_NODE = re.compile(
    "(assert|async_hooks|buffer|child_process|cluster|console|constants|crypto|dgram|diagnostics_channel|dns|"
    "domain|events|fs|http|http2|https|inspector|module|net|os|path|perf_hooks|process|punycode|querystring|readline|"
    "repl|stream|string_decoder|sys|timers|tls|trace_events|tty|url|util|v8|vm|wasi|worker_threads|zlib)(/|$)"
)
_LARGEST = 20 * 1024 * 1024


@dataclass(frozen=True)
class Source:
    """The location of a function's files.

    Attributes:
        directory: the function's folder.
        entrypoint: the entry point's path in it.
        import_map: the import map's path in it; empty for none, None for a deno.json if there is one.
        static_patterns: globs in it, of files that no import names.
        generated: contents by path in the folder, which take precedence over files there.
        revision_file: a generated path whose content depends on all others; it is not part of the package.
        partial: whether generated files are missing because they are not known yet.
    """

    directory: Path
    entrypoint: str
    import_map: str | None
    static_patterns: Sequence[str]
    generated: Mapping[str, str | None]
    revision_file: str | None
    partial: bool


@dataclass(frozen=True)
class Package:
    """A function's files for a deploy.

    Attributes:
        files: content by path, in the order of their paths, with generated files but without the revision.
        entrypoint: the entry point's path.
        import_map: the import map's path, or an empty string.
        static_patterns: globs by path.
        folder: the path of the function's folder, to put generated files into.
        on_disk: the paths of those files that lie on the disk.
    """

    files: Mapping[str, bytes]
    entrypoint: str
    import_map: str
    static_patterns: tuple[str, ...]
    folder: str
    on_disk: frozenset[str]

    @property
    def file_hashes(self) -> dict[str, str]:
        """By path, sixteen hexadecimal digits of the SHA-256 of each file on the disk."""
        return {p: hashlib.sha256(self.files[p]).hexdigest()[:16] for p in sorted(self.on_disk)}

    def inside(self, path: str) -> str:
        """Return the path of a file in the function's folder."""
        return f"{self.folder}/{path}"


def pack(source: Source) -> Package:
    """Collect a function's files.

    Raises:
        PropertyError: the folder, the entry point or an imported file is missing, or the package is too large.
    """
    # Not resolved: what a symbolic link is called is what imports beside it say.
    folder = Path(os.path.normpath(Path.cwd() / source.directory))
    if not folder.is_dir():
        raise PropertyError("directory", f"{source.directory} is not a folder{_seen_from(source.directory)}")
    return _Packing(source, folder).package()


def _seen_from(directory: Path) -> str:
    return (
        ""
        if directory.is_absolute()
        else f" (relative paths begin at the Pulumi program's folder, {Path.cwd()})"
    )


class _Packing:
    def __init__(self, source: Source, folder: Path) -> None:
        self._source = source
        self._folder = folder
        self._found: dict[Path, bytes] = {}
        self._generated = {self._in_folder(path): content for path, content in source.generated.items()}
        self._revision = self._in_folder(source.revision_file) if source.revision_file else None
        self._map_path = self._find_map()
        # A deno.json may name another file as its map; targets begin at that one.
        self._targets_from, self._map = (
            (self._folder, ImportMap()) if self._map_path is None else self._parse(self._map_path)
        )

    def package(self) -> Package:
        """Follow the imports from the entry point and return all."""
        entry = self._in_folder(self._source.entrypoint)
        if not self._exists(entry):
            raise PropertyError("entrypoint", f"{self._shown(entry)} does not exist")
        self._follow(entry)
        for path in (self._map_path, *self._generated, *self._static_files()):
            if path is not None:
                self._take(path)
        root = Path(os.path.commonpath([self._folder.parent, *(p.parent for p in self._found)]))
        name = {path: path.relative_to(root).as_posix() for path in self._found}
        files = {name[path]: self._found[path] for path in sorted(self._found, key=lambda p: name[p])}
        size = sum(map(len, files.values()))
        if size > _LARGEST:
            raise PropertyError("directory", f"its files have {size:,} bytes, Supabase accepts {_LARGEST:,}")
        inside = self._folder.relative_to(root).as_posix()
        return Package(
            files=files,
            entrypoint=name[entry],
            import_map=name[self._map_path] if self._map_path else "",
            static_patterns=tuple(f"{inside}/{pattern}" for pattern in self._source.static_patterns),
            folder=inside,
            on_disk=frozenset(name[p] for p in self._found if p not in self._generated),
        )

    def _follow(self, entry: Path) -> None:
        waiting = [entry]
        while waiting:
            path = waiting.pop()
            if path in self._found or path == self._revision:
                continue
            content = self._take(path)
            if path.suffix in _SCRIPTS:
                waiting += self._reached(path, content.decode(errors="replace"))
        for target in self._map.local_targets():
            path = self._beside(self._targets_from, target)
            if path not in self._found and path.is_file():
                self._follow(path)

    def _reached(self, importer: Path, text: str) -> Iterator[Path]:
        for found in imports_of(text):
            path = self._resolve(importer, found.specifier)
            if path is None:
                continue
            if not self._exists(path):
                if self._source.partial and path.is_relative_to(self._folder):
                    continue
                raise PropertyError(
                    "directory",
                    f"{self._shown(importer)} line {found.line} imports {found.specifier}, and "
                    f"{self._shown(path)} does not exist{_hint(path)}",
                )
            yield path

    def _resolve(self, importer: Path, specifier: str) -> Path | None:
        """Return the file to which a specifier refers, or None if it is not a file."""
        mapped = self._map.resolve(specifier)
        if mapped is not None:
            importer, specifier = self._targets_from, mapped
        if specifier.startswith(("./", "../")) or specifier in {".", ".."}:
            return self._beside(importer, specifier)
        if specifier.startswith(("/", "file:")):
            raise PropertyError(
                "directory",
                f"{self._shown(importer)} imports {specifier}, which exists only on this machine; import "
                "it by a relative path",
            )
        if not self._is_for_the_platform(specifier):
            raise PropertyError(
                "directory",
                f"{self._shown(importer)} imports {specifier}, which no import map names, so that the deploy "
                f"would fail; import it by a relative path (./{specifier}) or as npm:, jsr: or https://, or "
                "name it under imports in the function's deno.json",
            )
        return None

    def _is_for_the_platform(self, specifier: str) -> bool:
        """Return whether Supabase can resolve a specifier that is not one of our files.

        Deno resolves a bare specifier by the import map, by a package.json, and if it is a module of Node.
        """
        return (
            specifier.startswith(_REMOTE)
            or _NODE.match(specifier) is not None
            or self._map.scoped(specifier)
            or (self._folder / "package.json").is_file()
        )

    def _beside(self, importer: Path, specifier: str) -> Path:
        bare = specifier.partition("?")[0].partition("#")[0]
        return Path(os.path.normpath(importer.parent / bare))

    def _find_map(self) -> Path | None:
        given = self._source.import_map
        if given == "":
            return None
        if given is not None:
            path = self._in_folder(given)
            if not self._exists(path):
                raise PropertyError("importMap", f"{self._shown(path)} does not exist")
            return path
        candidates = [self._folder / name for name in _CONFIGURATIONS]
        return next((c for c in candidates if self._exists(c)), None)

    def _parse(self, path: Path) -> tuple[Path, ImportMap]:
        try:
            parsed = parse_import_map(self._take(path).decode(errors="replace"))
        except InvalidImportMap as error:
            raise PropertyError("importMap", f"{self._shown(path)} {error}") from None
        if parsed.import_map is None:
            return path, parsed
        real = self._beside(path, parsed.import_map)
        if not self._exists(real):
            reason = f"{self._shown(path)} names {parsed.import_map}, which does not exist"
            raise PropertyError("importMap", reason)
        return self._parse(real)

    def _static_files(self) -> Iterator[Path]:
        for pattern in self._source.static_patterns:
            try:
                matches = sorted(p for p in self._folder.glob(pattern) if p.is_file())
            except (ValueError, NotImplementedError) as error:
                raise PropertyError("staticPatterns", f"{pattern!r} is not a valid pattern: {error}") from None
            if not matches and not any(Path(g).match(pattern) for g in self._source.generated):
                raise PropertyError("staticPatterns", f"no file of the folder matches {pattern!r}")
            yield from (Path(os.path.normpath(p)) for p in matches)

    def _in_folder(self, path: str) -> Path:
        """Return the file at a path from the program."""
        if Path(path).is_absolute():
            raise PropertyError("directory", f"{path} must be a path in the function's folder")
        return Path(os.path.normpath(self._folder / path))

    def _exists(self, path: Path) -> bool:
        return path in self._generated or path == self._revision or path.is_file()

    def _take(self, path: Path) -> bytes:
        if path not in self._found and path != self._revision:
            if path in self._generated:
                self._found[path] = (self._generated[path] or "").encode()
            else:
                try:
                    self._found[path] = path.read_bytes()
                except OSError as error:
                    reason = f"{self._shown(path)} cannot be read: {error.strerror}"
                    raise PropertyError("directory", reason) from None
        return self._found.get(path, b"")

    def _shown(self, path: Path) -> str:
        return os.path.relpath(path, self._folder.parent).replace(os.sep, "/")


def _hint(path: Path) -> str:
    if path.is_dir():
        return "; it is a folder, name a file in it"
    for suffix in (".ts", ".js"):
        if path.with_name(path.name + suffix).is_file():
            return f"; did you mean {path.name}{suffix}?"
    return ""
