"""Import maps: the targets of bare specifiers (https://html.spec.whatwg.org/#import-maps; Deno's deno.json).

Only targets in local files matter; the platform downloads everything else itself.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ImportMap", "InvalidImportMap", "parse_import_map"]

_JSONC = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(\s*[}\]])', re.DOTALL)


class InvalidImportMap(ValueError):
    """The file is not JSON or has the wrong structure; the text says where."""


@dataclass(frozen=True)
class ImportMap:
    """An import map.

    Attributes:
        imports: specifier, or prefix with a trailing slash, to its target.
        scopes: the same for importers below a path.
        import_map: the path of the actual map, if a deno.json only names it.
    """

    imports: Mapping[str, str] = field(default_factory=dict)
    scopes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    import_map: str | None = None

    def resolve(self, specifier: str) -> str | None:
        """Return a specifier's target, or None if the map does not contain it."""
        return _look_up(self.imports, specifier)

    def scoped(self, specifier: str) -> bool:
        """Tell whether one of the scopes names a specifier; which scope holds is the platform's to say."""
        return any(_look_up(scope, specifier) is not None for scope in self.scopes.values())

    def local_targets(self) -> list[str]:
        """Return every target of the scopes that is a file; the platform decides which scope applies."""
        return [t for scope in self.scopes.values() for t in scope.values() if t.startswith(("./", "../"))]


def parse_import_map(text: str) -> ImportMap:
    """Read an import map or a deno.json, with comments and trailing commas.

    Raises:
        InvalidImportMap: the text is not an import map.
    """
    without_comments = _JSONC.sub(lambda m: m.group(1) or " ", text)
    strict = _TRAILING_COMMA.sub(lambda m: m.group(1) or m.group(2), without_comments)
    try:
        content = json.loads(strict)
    except ValueError as error:
        raise InvalidImportMap(f"is not valid JSON: {error}") from None
    if not isinstance(content, dict):
        raise InvalidImportMap("must be an object")
    scopes = content.get("scopes") or {}
    if not isinstance(scopes, dict):
        raise InvalidImportMap("scopes must be an object")
    real = content.get("importMap")
    return ImportMap(
        _addresses(content.get("imports"), "imports"),
        {prefix: _addresses(scope, f"scopes of {prefix}") for prefix, scope in scopes.items()},
        real if isinstance(real, str) else None,
    )


def _addresses(value: Any, where: str) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidImportMap(f"{where} must be an object")
    return {key: target for key, target in value.items() if isinstance(target, str)}


def _look_up(addresses: Mapping[str, str], specifier: str) -> str | None:
    if specifier in addresses:
        return addresses[specifier]
    prefixes = [p for p in addresses if p.endswith("/") and specifier.startswith(p)]
    if not prefixes:
        return None
    prefix = max(prefixes, key=len)
    return addresses[prefix] + specifier[len(prefix) :]
