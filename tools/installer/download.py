"""Download the vendor's release of the Pulumi CLI, and unpack it if it is the one whose checksum is pinned."""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import tarfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from tools.installer import process
from tools.installer.errors import InstallError
from tools.installer.release import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

RELEASES = "https://get.pulumi.com/releases/sdk"
CHECKSUMS = "checksums.txt"
SYSTEMS = {"Linux": "linux", "Darwin": "darwin"}
MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


def archive_name(system: str, machine: str) -> str:
    """The vendor's name of the archive for what `platform.system()` and `platform.machine()` say.

    Raises:
        InstallError: there is none for such a machine.
    """
    try:
        return f"pulumi-v{VERSION}-{SYSTEMS[system]}-{MACHINES[machine.lower()]}.tar.gz"
    except KeyError:
        raise InstallError(f"it was not downloaded (there is no release for {system} on {machine})") from None


def read_checksums(text: str) -> Mapping[str, str]:
    """SHA-256 in hex by file name, from lines as `sha256sum` writes them."""
    lines = re.findall(r"^([0-9a-f]{64})[ \t]+\*?(\S+)[ \t]*$", text, re.MULTILINE)
    return {name: checksum for checksum, name in lines}


def download(scratch: Path, modules: Path) -> Path:
    """Fetch, verify and unpack; nothing is unpacked before its checksum is right.

    Args:
        scratch: a folder to work in.
        modules: the folder with the file of checksums.

    Returns:
        The folder with the executables.

    Raises:
        InstallError: no checksum is pinned, there is no curl or no connection, or it is another file.
    """
    name = archive_name(platform.system(), platform.machine())
    pinned = read_checksums((modules / CHECKSUMS).read_text(encoding="utf-8")).get(name)
    if pinned is None:
        raise InstallError(
            f"it was not downloaded (tools/pulumi/{CHECKSUMS} has no checksum of {name}; "
            "`make pulumi-checksums` fetches it)"
        )
    curl = shutil.which("curl")
    if curl is None:
        raise InstallError("it was not downloaded (there is no curl)")
    archive = scratch / name
    print(f"Downloading Pulumi {VERSION}", flush=True)
    process.run(
        [
            curl,
            "-fsSL",
            "--proto",
            "=https",
            "--connect-timeout",
            "5",
            "-o",
            str(archive),
            f"{RELEASES}/{name}",
        ],
        doing="downloading Pulumi",
        failed="it was not downloaded",
        log=scratch / "curl.log",
        cwd=scratch,
    )
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != pinned:
        raise InstallError(f"it was not installed ({RELEASES}/{name} has SHA-256 {found}, pinned is {pinned})")
    target = scratch / "bin"
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
