"""Saving what an existing Edge Function is made of, before it is taken over."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_supabase.edge_function import live

from infra.settings import EVENTS_FUNCTION, PAGE_FUNCTIONS, SOFTPHONE_FUNCTION
from voicehooks.output.json import fields_of

if TYPE_CHECKING:
    from pathlib import Path

    from pulumi_supabase.client import ManagementApi

    from infra.settings import Settings

__all__ = ["FoundFunction", "find_functions"]


@dataclass(frozen=True)
class FoundFunction:
    """A deployed function with one of our names.

    Attributes:
        slug: its name.
        version: as Supabase counts its deploys.
        verify_jwt: whether Supabase asks for a JWT.
        files: its sources by path.
        folder: where they are saved.
    """

    slug: str
    version: int
    verify_jwt: bool
    files: dict[str, bytes]
    folder: Path

    def differing(self) -> list[str]:
        """Return the files that are on the disk already with another content."""
        return [
            path
            for path, content in self.files.items()
            if (self.folder / path).exists() and (self.folder / path).read_bytes() != content
        ]

    def missing(self) -> list[str]:
        """Return the files that are not on the disk."""
        return [path for path in self.files if not (self.folder / path).exists()]

    def diff(self, path: str) -> str:
        """Return the difference between a file on the disk and the deployed one, as text."""
        old = (self.folder / path).read_bytes().decode(errors="replace").splitlines()
        new = self.files[path].decode(errors="replace").splitlines()
        lines = difflib.unified_diff(old, new, f"{path} (saved)", f"{path} (deployed)", lineterm="")
        return "\n".join(lines)

    def save(self) -> None:
        """Write the sources."""
        for path, content in self.files.items():
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    def json_fields(self) -> dict[str, Any]:
        """The same for `--json`, without the sources."""
        return {
            **fields_of(self, without=("folder",)),
            "files": sorted(self.files),
            "saved_to": self.folder,
        }


async def find_functions(
    api: ManagementApi, settings: Settings, saved: Path, ours: set[str]
) -> list[FoundFunction]:
    """Return the functions of our names that the stack does not have, with their sources.

    Args:
        api: Supabase's Management API.
        settings: the environment's.
        saved: the folder that has one folder a function.
        ours: the functions' names that the stack has deployed.

    Raises:
        ProviderError: Supabase refused, or a function's sources are not available.
    """
    slugs = [settings.function_name, settings.fallback_function_name, *PAGE_FUNCTIONS, SOFTPHONE_FUNCTION]
    if settings.account.event_streams:
        slugs.append(EVENTS_FUNCTION)
    found = []
    for slug in slugs:
        if slug in ours:
            continue
        there = await live.find(api, settings.supabase_project, slug)
        if there is None:
            if slug == settings.function_name:
                await live.require_project(api, settings.supabase_project)
            continue
        deployment = await live.download(api, settings.supabase_project, there)
        found.append(FoundFunction(slug, there.version, there.verify_jwt, dict(deployment.files), saved / slug))
    return found
