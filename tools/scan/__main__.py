"""python -m tools.scan: prints its findings; exit code 1 if there are any."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.scan import lock, page, pins, secrets, words, workflows
from tools.scan.findings import files_of

ROOT = Path(__file__).resolve().parents[2]


def main(root: Path) -> int:
    """Scan a repository."""
    files = files_of(root)
    findings = [
        *secrets.scan(root, files),
        *pins.scan(root, files),
        *lock.scan(root),
        *page.scan(root),
        *words.scan(root, files),
    ]
    for finding in findings:
        print(finding)
    workflows_are_sound = workflows.lint(root)
    if findings or not workflows_are_sound:
        return 1
    print(f"{len(files)} files: no secrets, everything pinned, plain words, workflows sound")
    return 0


if __name__ == "__main__":
    sys.exit(main(ROOT))
