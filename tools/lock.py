"""Write requirements.lock, which `make install` installs: every version, with hashes.

python -m tools.lock [--upgrade]

uv resolves requirements.txt, requirements-dev.txt and the dependencies of this repository's distributions for
all supported platforms together. A locked version stays, unless --upgrade is given or the inputs require
another one. Then each platform and Python version is checked for wheels: a source distribution would run its
own code, and download an unverified build backend, during installation. This needs the network. `make check`
compares the lock with its inputs without it (tools.scan.lock).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tools.installer.environment import LOCK, REQUIREMENTS
from tools.scan import lock as scan_lock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["main", "write"]

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28", "x86_64-apple-darwin", "aarch64-apple-darwin")
"""The platforms as uv names them: Linux with glibc 2.28 or newer, and macOS, both on Intel/AMD and ARM."""


class LockError(Exception):
    """The lock cannot be written; the text is for the user."""


def write(root: Path, *, upgrade: bool = False) -> None:
    """Resolve and write the lock.

    Args:
        root: the repository.
        upgrade: use the newest versions of everything that the inputs do not pin.

    Raises:
        LockError: the inputs contradict each other, an index does not answer, or a platform has no wheel.
    """
    own = [word for name in scan_lock.own_names(root) for word in ("--no-emit-package", name)]
    with tempfile.TemporaryDirectory(prefix=".lock-", dir=root) as scratch:
        fresh = Path(scratch) / LOCK
        if (root / LOCK).is_file():
            fresh.write_bytes((root / LOCK).read_bytes())  # the versions to keep
        options = ["--universal", "--generate-hashes", "--no-header", "--python-version", PYTHONS[0], *own]
        options += ["--upgrade"] if upgrade else []
        _uv(root, ["pip", "compile", *options, "--output-file", str(fresh), *REQUIREMENTS])
        missing = list(_without_wheels(root, fresh))
        if missing:
            raise LockError("\n".join(missing))
        text = scan_lock.header(root) + fresh.read_text(encoding="utf-8")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(root / LOCK)


def _without_wheels(root: Path, lock: Path) -> Iterator[str]:
    for platform in PLATFORMS:
        for python in PYTHONS:
            options = ["--dry-run", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
            options += ["--python-platform", platform, "--python-version", python]
            # A folder that stays empty, so that packages in this environment do not count.
            options += ["--target", str(lock.with_name("nothing"))]
            try:
                _uv(root, ["pip", "install", *options, "--requirement", str(lock)])
            except LockError as error:
                yield f"{platform}, Python {python}: {error}"


def _uv(root: Path, arguments: Sequence[str]) -> None:
    uv = Path(sys.executable).parent / "uv"
    done = subprocess.run(
        [uv, "--quiet", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        raise LockError(done.stderr.strip() or f"uv ended with {done.returncode}")


def main(arguments: Sequence[str]) -> int:
    """Write this repository's lock; exit code 0 or 1."""
    parser = argparse.ArgumentParser(prog="python -m tools.lock", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--upgrade",
        action="store_true",
        help="use the newest versions of everything that the inputs do not pin",
    )
    options = parser.parse_args(arguments)
    try:
        write(ROOT, upgrade=options.upgrade)
    except LockError as error:
        print(f"make lock: {LOCK} is unchanged:\n{error}", file=sys.stderr)
        return 1
    print(f"{LOCK}: {sum(1 for _ in scan_lock.entries((ROOT / LOCK).read_text(encoding='utf-8')))} versions")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
