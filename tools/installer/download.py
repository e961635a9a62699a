"""Downloads the vendor's release of the Pulumi CLI, and unpacks it if its checksum is the expected one.

The expected checksum is the one that this repository pins. If it pins none, a person's download is compared
with the checksums that the vendor publishes in two places. A continuous integration job does not accept
those, because it has an environment's credentials.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import tarfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tools.installer import checksums, curl
from tools.installer.errors import InstallError
from tools.installer.release import RELEASES, VERSION

if TYPE_CHECKING:
    from pathlib import Path

SYSTEMS = {"Linux": "linux", "Darwin": "darwin"}
MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}

PINNED = f"the SHA-256 that is pinned in tools/pulumi/{checksums.FILE}"
PUBLISHED = (
    "the checksums that Pulumi publishes at GitHub and get.pulumi.com, which agree; "
    "not pinned in this repository"
)


def archive_name(system: str, machine: str) -> str:
    """Return the vendor's archive name for the values of `platform.system()` and `platform.machine()`.

    Raises:
        InstallError: there is no archive for such a machine.
    """
    try:
        return f"pulumi-v{VERSION}-{SYSTEMS[system]}-{MACHINES[machine.lower()]}.tar.gz"
    except KeyError:
        raise InstallError(f"it was not downloaded (there is no release for {system} on {machine})") from None


def download(scratch: Path, modules: Path, *, pinned_only: bool) -> tuple[Path, str]:
    """Download, verify and unpack; nothing is unpacked before its checksum is verified.

    Args:
        scratch: a temporary folder.
        modules: the folder with the file of checksums.
        pinned_only: whether to ignore the vendor's published checksums.

    Returns:
        The folder with the executables, and what verified them: `PINNED` or `PUBLISHED`.

    Raises:
        InstallError: no checksum is known, there is no curl or no connection, or the checksum differs.
    """
    name = archive_name(platform.system(), platform.machine())
    expected = checksums.parse((modules / checksums.FILE).read_text(encoding="utf-8")).get(name)
    proof = PINNED
    if expected is None:
        if pinned_only:
            raise InstallError(
                f"it was not downloaded (tools/pulumi/{checksums.FILE} has no checksum of {name}; "
                "`make pulumi-checksums` fetches it)"
            )
        expected, proof = checksums.published([name], scratch)[name], PUBLISHED
    print(f"Downloading Pulumi {VERSION}", flush=True)
    archive = scratch / name
    curl.fetch(f"{RELEASES}/{name}", archive, doing="downloading Pulumi")
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        raise InstallError(
            f"it was not installed ({RELEASES}/{name} has SHA-256 {found}, "
            f"{'pinned' if proof == PINNED else 'published'} is {expected})"
        )
    return _unpack(archive, scratch / "bin"), proof


def _unpack(archive: Path, target: Path) -> Path:
    """Extract the archive's files into `target`, without subfolders; return that folder."""
    target.mkdir()
    with tarfile.open(archive) as content:
        for member in content:
            unpacked = content.extractfile(member) if member.isfile() else None
            if unpacked is not None:
                executable = target / PurePosixPath(member.name).name
                with unpacked, executable.open("wb") as out:
                    shutil.copyfileobj(unpacked, out)
                executable.chmod(0o755)
    return target
