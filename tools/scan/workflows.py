"""GitHub's workflows, read by two linters: zizmor for safety, actionlint for syntax, expressions and shell.

Both look at files only and ask nobody. actionlint is a Go program; where there is no Go it is left out, which
is said (on the CI machine there is one).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["lint"]


def lint(root: Path) -> bool:
    """Run both over .github/workflows, showing what they find; whether both were content."""
    folder = root / ".github" / "workflows"
    files = sorted(str(path) for path in folder.glob("*.y*ml"))
    if not files:
        return True
    zizmor = Path(sys.executable).parent / "zizmor"
    quiet = ["--offline", "--no-progress", "--quiet", "--persona", "regular"]
    # Without its log, which warns of each anchor.
    plain = {**os.environ, "RUST_LOG": "error"}
    content = subprocess.run([zizmor, *quiet, *files], cwd=root, check=False, env=plain).returncode == 0
    go = shutil.which("go")
    if go is None:
        print("workflows: Go is not installed, so actionlint was left out", file=sys.stderr)
        return content
    command = [go, "tool", "-C", str(root / "tools" / "actionlint"), "actionlint", *files]
    environment = {**os.environ, "GOWORK": "off", "GOFLAGS": "-mod=readonly"}
    return subprocess.run(command, check=False, env=environment).returncode == 0 and content
