"""Commit a settings file that a job has changed, so that the next person and job see it.

python -m tools.github.keep --file Pulumi.prod.yaml --message "Divert +15551234567"

This is for commands that record what they did in the settings (divert, rollback), because a job's checkout is
discarded. An unchanged file is not committed. If the file has changed in the repository in the meantime, or the
branch takes no direct commits, nothing is overwritten: the job's page shows the change, for a person to commit.
Exit codes: 0 committed or nothing to commit, 1 shown instead, 2 a request to GitHub failed.
"""

from __future__ import annotations

import argparse
import base64
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tools.github.api import GitHub, GitHubError, run_as_script
from tools.github.command import fenced, write_summary

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(github: GitHub, arguments: Sequence[str]) -> int:
    """Commit the file if it differs from the commit that was checked out."""
    parser = argparse.ArgumentParser(prog="python -m tools.github.keep", description=__doc__)
    parser.add_argument("--file", required=True)
    parser.add_argument("--message", required=True, help="the commit's message")
    options = parser.parse_args(arguments)
    change = _git("diff", "HEAD", "--", options.file)
    if not change:
        print(f"{options.file} is unchanged", file=sys.stderr)
        return 0
    content = {
        "message": options.message,
        "content": base64.b64encode(Path(options.file).read_bytes()).decode(),
        # The version that was changed: GitHub refuses if the file is another one by now.
        "sha": _git("rev-parse", f"HEAD:./{options.file}").strip(),
    }
    try:
        commit = github.replace(f"contents/{options.file}", content)["commit"]
    except GitHubError as error:
        write_summary(f"## Commit {options.file} yourself\n\n{error}\n\n{fenced(change.strip(), 'diff')}")
        print(f"{error}; commit this yourself:\n{change}", file=sys.stderr)
        return 1
    print(f"{options.file} committed: {commit['html_url']}", file=sys.stderr)
    return 0


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments],  # noqa: S607 - the user's git
        capture_output=True,
        text=True,
        check=True,
    ).stdout


if __name__ == "__main__":
    sys.exit(run_as_script(lambda github: main(github, sys.argv[1:])))
