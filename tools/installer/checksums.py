"""The SHA-256 of the vendor's archives: pinned in this repository, and published by the vendor.

The vendor publishes them in two places: with the release on GitHub, and with the archives at get.pulumi.com.
Both must agree, because in the past they did not always (pulumi/pulumi issue 9416).
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
"""The file of pinned checksums in tools/pulumi."""
_NAME = f"pulumi-{VERSION}-checksums.txt"
ADDRESSES = (
    f"https://github.com/pulumi/pulumi/releases/download/v{VERSION}/{_NAME}",
    f"{RELEASES}/{_NAME}",
)


def parse(text: str) -> Mapping[str, str]:
    """Return the SHA-256 in hex by file name, from lines in the format of `sha256sum`."""
    lines = re.findall(r"^([0-9a-f]{64})[ \t]+\*?(\S+)[ \t]*$", text, re.MULTILINE)
    return {name: checksum for checksum, name in lines}


def published(names: Collection[str], scratch: Path) -> Mapping[str, str]:
    """Return the vendor's published checksums of these archives, which are the same in both places.

    Args:
        names: the archives' file names.
        scratch: a temporary folder.

    Raises:
        InstallError: a list could not be downloaded or lacks one of the archives, or the two lists differ.
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
