"""python -m tools.pulumi_checksums: pin the vendor's published checksums of the Pulumi CLI's release.

It changes tools/pulumi/checksums.txt; review and commit that file. It needs the network, and has to run once
per release of the CLI.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tools.installer import checksums
from tools.installer.download import MACHINES, SYSTEMS, archive_name
from tools.installer.errors import InstallError
from tools.installer.release import VERSION

__all__ = ["main", "pin"]

FILE = Path(__file__).resolve().parent / "pulumi" / checksums.FILE


def pin(file: Path) -> None:
    """Download both lists, compare them, and replace all lines of `file` except its comments.

    Raises:
        InstallError: a list could not be downloaded or lacks an archive, or the two differ; `file` is
        unchanged.
    """
    names = sorted({archive_name(system, machine) for system in SYSTEMS for machine in MACHINES})
    with tempfile.TemporaryDirectory() as scratch:
        published = checksums.published(names, Path(scratch))
    remarks = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    lines = [f"{published[name]}  {name}" for name in names]
    file.write_text("\n".join([*remarks, *lines, ""]), encoding="utf-8")


def main() -> int:
    """Pin this project's release; exit code 0 or 2."""
    try:
        pin(FILE)
    except InstallError as error:
        print(f"make pulumi-checksums: {error}. tools/pulumi/{checksums.FILE} is unchanged", file=sys.stderr)
        return 2
    print(
        f"tools/pulumi/{checksums.FILE} has the vendor's checksums of Pulumi {VERSION}: "
        "review the change and commit it"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
