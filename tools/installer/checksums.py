"""The SHA-256 of the vendor's archives: those pinned in this repository, and those that the vendor publishes.

The vendor publishes them at two places: with the release at GitHub, and with the archives at get.pulumi.com.
Both must agree: they did not always (pulumi/pulumi issue 9416).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.installer import curl
from tools.installer.errors import InstallError
from tools.installer.release import RELEASES, VERSION

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

FILE = "checksums.txt"
"""In tools/pulumi: what is pinned."""
_NAME = f"pulumi-{VERSION}-checksums.txt"
ADDRESSES = (
    f"https://github.com/pulumi/pulumi/releases/download/v{VERSION}/{_NAME}",
    f"{RELEASES}/{_NAME}",
)


def parse(text: str) -> Mapping[str, str]:
    """SHA-256 in hex by file name, from lines as `sha256sum` writes them."""
    lines = re.findall(r"^([0-9a-f]{64})[ \t]+\*?(\S+)[ \t]*$", text, re.MULTILINE)
    return {name: checksum for checksum, name in lines}


def published(names: Collection[str], scratch: Path) -> Mapping[str, str]:
    """What the vendor publishes for these archives, the same at both places.

    Args:
        names: the archives' file names.
        scratch: a folder to work in.

    Raises:
        InstallError: a list could not be fetched, lacks one of the archives, or the two lists differ.
    """
    first, second = (_list(address, names, scratch) for address in ADDRESSES)
    if first != second:
        raise InstallError(f"it was not downloaded: {ADDRESSES[0]} and {ADDRESSES[1]} do not agree")
    return first


def _list(address: str, names: Collection[str], scratch: Path) -> Mapping[str, str]:
    file = scratch / _NAME
    curl.fetch(address, file, doing="fetching the checksums that Pulumi publishes")
    found = parse(file.read_text(encoding="utf-8", errors="replace"))
    missing = [name for name in names if name not in found]
    if missing:
        raise InstallError(f"it was not downloaded: {address} has no checksum of {', '.join(missing)}")
    return {name: found[name] for name in names}
