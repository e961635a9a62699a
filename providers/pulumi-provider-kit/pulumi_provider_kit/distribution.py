"""What a provider's installed distribution says of itself.

The version has its home in the distribution's ``pyproject.toml``. The address of the repository is written
there by a release, as ``Repository`` of ``[project.urls]``: a clone does not know where it is published.
"""

from __future__ import annotations

from importlib import metadata

__all__ = ["repository", "version"]


def version(distribution: str) -> str:
    """Return the distribution's version, for example ``0.1.0``."""
    return metadata.version(distribution)


def repository(distribution: str) -> str:
    """Return the address of the repository that released the distribution; empty without a release."""
    labelled = metadata.metadata(distribution).get_all("Project-URL") or []
    urls: dict[str, str] = dict(entry.split(", ", 1) for entry in labelled)
    return urls.get("Repository", "")
