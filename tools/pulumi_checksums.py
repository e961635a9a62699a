"""python -m tools.pulumi_checksums: pin what the vendor publishes as checksums of the Pulumi CLI's release.

The vendor publishes them at two places: with the release at GitHub, and with the archives at get.pulumi.com.
Both are fetched, and must agree: they did not always (pulumi/pulumi issue 9416). The result is a change of
tools/pulumi/checksums.txt for a person to read and commit. Needs the network; done once per release of the CLI.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tools.installer.download import CHECKSUMS, MACHINES, RELEASES, SYSTEMS, archive_name, read_checksums
from tools.installer.release import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ADDRESSES", "main", "pin"]

FILE = Path(__file__).resolve().parent / "pulumi" / CHECKSUMS
_NAME = f"pulumi-{VERSION}-checksums.txt"
ADDRESSES = (
    f"https://github.com/pulumi/pulumi/releases/download/v{VERSION}/{_NAME}",
    f"{RELEASES}/{_NAME}",
)


class ChecksumError(Exception):
    """Nothing is pinned; the text says why."""


def pin(file: Path, client: httpx.Client) -> None:
    """Fetch, compare, and replace all lines of `file` but its remarks.

    Raises:
        ChecksumError: a list could not be fetched, lacks an archive, or the two differ.
    """
    wanted = sorted({archive_name(system, machine) for system in SYSTEMS for machine in MACHINES})
    first, second = (_fetch(client, address, wanted) for address in ADDRESSES)
    if first != second:
        raise ChecksumError(f"{ADDRESSES[0]} and {ADDRESSES[1]} do not agree: do not use this release")
    remarks = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    lines = [f"{first[name]}  {name}" for name in wanted]
    file.write_text("\n".join([*remarks, *lines, ""]), encoding="utf-8")


def _fetch(client: httpx.Client, address: str, wanted: list[str]) -> Mapping[str, str]:
    try:
        answer = client.get(address).raise_for_status()
    except httpx.HTTPError as error:
        raise ChecksumError(f"{address} could not be read: {error}") from None
    found = read_checksums(answer.text)
    missing = [name for name in wanted if name not in found]
    if missing:
        raise ChecksumError(f"{address} has no checksum of {', '.join(missing)}")
    return {name: found[name] for name in wanted}


def main() -> int:
    """Pin this project's release; exit code 0 or 2."""
    try:
        with httpx.Client(follow_redirects=True, timeout=30) as client:
            pin(FILE, client)
    except ChecksumError as error:
        print(f"make pulumi-checksums: {error}; tools/pulumi/{CHECKSUMS} stays as it is", file=sys.stderr)
        return 2
    print(
        f"tools/pulumi/{CHECKSUMS}: the vendor's checksums of Pulumi {VERSION}; read the change and commit it"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
