"""GitHub's workflows, read by two linters: zizmor for safety, actionlint for syntax, expressions and shell.

Both read files only and use no network. actionlint is a Go program; without Go it is skipped with a message.
The CI machine has Go.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["lint"]


def lint(root: Path) -> bool:
    """Run both on .github/workflows and show their findings; return whether there are none."""
    folder = root / ".github" / "workflows"
    files = sorted(str(path) for path in folder.glob("*.y*ml"))
    if not files:
        return True
    zizmor = Path(sys.executable).parent / "zizmor"
    quiet = ["--offline", "--no-progress", "--quiet", "--persona", "regular"]
    # Without its log, which warns about each anchor.
    plain = {**os.environ, "RUST_LOG": "error"}
    content = subprocess.run([zizmor, *quiet, *files], cwd=root, check=False, env=plain).returncode == 0
    go = shutil.which("go")
    if go is None:
        print("workflows: Go is not installed, so actionlint was skipped", file=sys.stderr)
        return content
    command = [go, "tool", "-C", str(root / "tools" / "actionlint"), "actionlint", *files]
    environment = {**os.environ, "GOWORK": "off", "GOFLAGS": "-mod=readonly"}
    return subprocess.run(command, check=False, env=environment).returncode == 0 and content
