"""Fetch a file with curl, which is there before anything is installed and knows the machine's proxies."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tools.installer import process
from tools.installer.errors import InstallError

if TYPE_CHECKING:
    from pathlib import Path

# HTTPS also after a redirect. A machine without a connection learns so within 5 seconds, and a transfer that
# stands still ends after 15.
_OPTIONS = (
    *("-fsSL", "--proto", "=https"),
    *("--connect-timeout", "5"),
    *("--speed-limit", "1000", "--speed-time", "15"),
)


def fetch(address: str, target: Path, *, doing: str) -> None:
    """Write what is at `address` into the file `target`.

    Args:
        address: an https:// address.
        target: a file in a folder that may also hold curl's log.
        doing: what to say while it takes long.

    Raises:
        InstallError: there is no curl, or the file was not fetched; the message has curl's own last line.
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
