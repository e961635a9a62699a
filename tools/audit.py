"""python -m tools.audit: lists known vulnerabilities in pinned versions, using pip-audit.

It needs the network, so `make check` does not run it. Exit code: 0 none known, 1 some known, 2 could not tell.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from tools.installer.environment import LOCK
from tools.scan.findings import Finding
from tools.scan.lock import entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Audit", "Unanswered", "audit"]

ROOT = Path(__file__).resolve().parents[1]


class Unanswered(Exception):
    """The advisory service did not answer, or not for all packages; the text says why."""


@dataclass(frozen=True)
class Audit:
    """The answer of the advisory service.

    Attributes:
        asked: the number of distributions in the request.
        findings: the known vulnerabilities.
    """

    asked: int
    findings: tuple[Finding, ...]


def audit(root: Path, file: str = LOCK) -> Audit:
    """Ask about every pinned version. PIP_AUDIT_VULNERABILITY_SERVICE chooses the service (pip-audit docs).

    Args:
        root: the repository.
        file: the file with the pinned versions.

    Raises:
        Unanswered: the service did not answer for every version.
    """
    # Everything is pinned, so pip does not have to resolve anything.
    options = [
        "--no-deps",
        "--disable-pip",
        "--skip-editable",
        "--format",
        "json",
        "--progress-spinner",
        "off",
        "--requirement",
        str(root / file),
    ]
    done = subprocess.run(
        [Path(sys.executable).parent / "pip-audit", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise Unanswered(f"the advisory service does not answer ({last[:200]})") from None
    # pip-audit skips packages that the service does not know. That must not look like a clean result.
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    if unknown:
        raise Unanswered(
            f"the advisory service does not know {len(unknown)} of {len(packages)}, {unknown[0]} for one"
        )
    lines = {entry.pin: entry.line for entry in entries((root / file).read_text(encoding="utf-8"))}
    return Audit(len(packages), tuple(_findings(packages, file, lines)))


def _findings(
    packages: Sequence[dict[str, Any]], file: str, lines: Mapping[tuple[str, str], int]
) -> Iterator[Finding]:
    for package in packages:
        for hole in package["vulns"]:
            line = lines.get((canonicalize_name(package["name"]), package["version"]), 0)
            names = ", ".join([hole["id"], *hole.get("aliases", [])])
            fixed = " or ".join(hole.get("fix_versions") or [])
            do = (
                f"upgrade to {fixed}"
                if fixed
                else "no release fixes it yet; check whether this project is affected"
            )
            yield Finding(file, line, f"{package['name']} {package['version']}: {names}", do)


def main() -> int:
    """Audit this repository's requirements."""
    try:
        result = audit(ROOT)
    except Unanswered as error:
        print(f"audit: could not tell: {error}; run make audit again with a network", file=sys.stderr)
        return 2
    for finding in result.findings:
        print(finding)
    if not result.findings:
        print(f"{result.asked} pinned distributions: no known vulnerabilities")
    return 1 if result.findings else 0


if __name__ == "__main__":
    sys.exit(main())
