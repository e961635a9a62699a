"""The plugin archives of a release, which `pulumi plugin install` downloads and the engine runs.

An archive has the wheels of the provider and of the kit. The engine creates a virtual environment for it from
its requirements.txt, which has the hash of every file. Nothing in it is compiled, so all platforms get the same
archive under the names that the engine asks for.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import tarfile
from importlib import metadata
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.installer.environment import LOCK
from tools.release.wheels import wheel
from tools.scan.lock import entries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["build", "checksums", "requirements"]

_KIT = "provider-kit-for-pulumi"
_PLATFORMS = ("linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64")
"""As the engine names them; the lock has hashes for these. On Windows, the plugins run in WSL."""


def build(root: Path, output: Path, name: str, *, version: str) -> None:
    """Write the archives of a provider.

    Args:
        root: this repository.
        output: the folder with the wheels, which receives the archives.
        name: the provider, for example twilio.
        version: its version, for example 0.1.0.
    """
    folder = root / "providers" / f"pulumi-{name}"
    built = [wheel(output, _KIT), wheel(output, f"pulumi-{name}")]
    files = {f: (folder / f).read_bytes() for f in ("PulumiPlugin.yaml", "__main__.py", "README.md")}
    files["LICENSE"] = (root / "LICENSE").read_bytes()
    files["requirements.txt"] = requirements(root, f"pulumi-{name}", built).encode()
    files |= {f"wheels/{path.name}": path.read_bytes() for path in built}
    content = _archive(files)
    for platform in _PLATFORMS:
        (output / f"pulumi-resource-{name}-v{version}-{platform}.tar.gz").write_bytes(content)


def requirements(root: Path, distribution: str, built: list[Path]) -> str:
    """Return what the plugin's environment consists of: the lock's entries and the wheels, with hashes."""
    needed = set(_needed(distribution))
    text = (root / LOCK).read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    parts = ["# Exactly what the release was tested with.\n", "--only-binary :all:\n"]
    for entry in entries(text):
        if entry.pin[0] in needed:
            end = entry.line
            while lines[end - 1].rstrip().endswith("\\"):
                end += 1
            parts += lines[entry.line - 1 : end]
    parts += [f"./wheels/{p.name} --hash=sha256:{hashlib.sha256(p.read_bytes()).hexdigest()}\n" for p in built]
    return "".join(parts)


def checksums(output: Path) -> None:
    """Write SHA256SUMS, which `sha256sum --check` reads."""
    rows = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in sorted(output.iterdir())]
    (output / "SHA256SUMS").write_text("".join(rows), encoding="utf-8")


def _needed(distribution: str) -> Iterator[str]:
    """Yield the distributions that a distribution needs, directly or through others, on any platform."""
    seen: set[str] = set()
    waiting = [distribution]
    while waiting:
        for line in metadata.requires(waiting.pop()) or []:
            requirement = Requirement(line)
            name = canonicalize_name(requirement.name)
            if name not in seen and not re.search(r"\bextra\b", str(requirement.marker or "")):
                seen.add(name)
                yield name
                if _is_installed(name):
                    waiting.append(name)


def _is_installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:  # for another platform or Python version
        return False
    return True


def _archive(files: dict[str, bytes]) -> bytes:
    """Return a tar archive, the same for the same files."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as archive,
    ):
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
