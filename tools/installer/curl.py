"""Downloads a file with curl, which every machine has and which knows its proxies."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tools.installer import process
from tools.installer.errors import InstallError

if TYPE_CHECKING:
    from pathlib import Path

# HTTPS also after a redirect. Without a connection this fails within 5 seconds; a stalled transfer ends after
# 15 seconds.
_OPTIONS = (
    *("-fsSL", "--proto", "=https"),
    *("--connect-timeout", "5"),
    *("--speed-limit", "1000", "--speed-time", "15"),
)


def fetch(address: str, target: Path, *, doing: str) -> None:
    """Download `address` into the file `target`.

    Args:
        address: an https:// address.
        target: a file in a folder that may also hold curl's log.
        doing: what to print during a long download.

    Raises:
        InstallError: there is no curl, or the download failed; the message has the last line of curl's output.
    """
    curl = shutil.which("curl")
    if curl is None:
        raise InstallError("it was not downloaded (there is no curl)")
    process.run(
        [curl, *_OPTIONS, "-o", str(target), address],
        doing=doing,
        failed=f"it was not downloaded: {address} could not be read",
        log=target.with_name(f"{target.name}.log"),
        cwd=target.parent,
    )
