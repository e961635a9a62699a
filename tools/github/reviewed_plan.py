"""Fetch the plan that was reviewed with a commit's pull request, to compare today's with before it is deployed.

python -m tools.github.reviewed_plan --commit SHA --stack prod --out reviewed.json

The pull request's workflow keeps each stack's plan as the artifact `plan-STACK`. Exit codes: 0 written; 1 there
is none (pushed without a pull request, or the artifact has expired); 2 GitHub could not be asked.
"""

from __future__ import annotations

import argparse
import io
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from tools.github.api import GitHub, run_as_script

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["main"]

WORKFLOW = "pull-request.yml"


def main(github: GitHub, arguments: Sequence[str]) -> int:
    """Find the newest such artifact and write its one file."""
    parser = argparse.ArgumentParser(prog="python -m tools.github.reviewed_plan", description=__doc__)
    parser.add_argument("--commit", required=True, help="the merged commit")
    parser.add_argument("--stack", required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    for artifact in _artifacts(github, options.commit, f"plan-{options.stack}"):
        with zipfile.ZipFile(io.BytesIO(github.download(f"actions/artifacts/{artifact}/zip"))) as content:
            options.out.write_bytes(content.read(content.namelist()[0]))
        print(f"reviewed plan of {options.stack}: artifact {artifact}", file=sys.stderr)
        return 0
    print(
        f"no reviewed plan of {options.stack} belongs to {options.commit[:7]}; open a pull request, or start "
        "the workflow Deploy by hand and say that the plan was looked at",
        file=sys.stderr,
    )
    return 1


def _artifacts(github: GitHub, commit: str, name: str) -> Iterator[int]:
    """The artifacts of that name of the pull requests merged as this commit, newest first."""
    for pull in github.every(f"commits/{commit}/pulls"):
        head = pull["head"]["sha"]
        runs = github.get(f"actions/workflows/{WORKFLOW}/runs", head_sha=head)["workflow_runs"]
        for run in sorted(runs, key=lambda run: run["id"], reverse=True):
            for artifact in github.get(f"actions/runs/{run['id']}/artifacts")["artifacts"]:
                if artifact["name"] == name and not artifact["expired"]:
                    yield artifact["id"]


if __name__ == "__main__":
    sys.exit(run_as_script(lambda github: main(github, sys.argv[1:])))
