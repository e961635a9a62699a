"""Fetch the plan that was reviewed with a commit's pull request, to compare it with the current plan.

python -m tools.github.reviewed_plan --commit SHA --stack prod --out reviewed.json

The pull request's workflow stores each stack's plan as the artifact `plan-STACK`. A plan counts only if its
pull request is merged, and if a successful run for a branch of this repository stored it: a fork can change
the workflow and store any file under that name. Exit codes: 0 written; 1 there is none (pushed without a pull
request, the run failed, or the artifact has expired); 2 a request to GitHub failed.
"""

from __future__ import annotations

import argparse
import io
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.github.api import GitHub, run_as_script

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["main"]

WORKFLOW = "pull-request.yml"


def main(github: GitHub, arguments: Sequence[str]) -> int:
    """Find the newest such artifact and write its only file."""
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
        f"no reviewed plan of {options.stack} belongs to {options.commit[:7]}: no successful run for a "
        "merged pull request from a branch of this repository stored one; open a pull request, or start the "
        "workflow Deploy yourself and choose to deploy although the plan differs",
        file=sys.stderr,
    )
    return 1


def _artifacts(github: GitHub, commit: str, name: str) -> Iterator[int]:
    """Return the artifacts of that name from the pull requests merged as this commit, newest first."""
    for pull in github.every(f"commits/{commit}/pulls"):
        head = pull["head"]["sha"]
        if not pull["merged_at"]:
            continue
        asked = {"head_sha": head, "event": "pull_request", "status": "success"}
        listed = github.every(f"actions/workflows/{WORKFLOW}/runs", "workflow_runs", **asked)
        runs = [run for run in listed if _counts(github, run, head)]
        for run in sorted(runs, key=lambda run: run["id"], reverse=True):
            for artifact in github.every(f"actions/runs/{run['id']}/artifacts", "artifacts"):
                if artifact["name"] == name and not artifact["expired"]:
                    yield artifact["id"]


def _counts(github: GitHub, run: dict[str, Any], head: str) -> bool:
    """Whether the run matches the filters and belongs to this repository; GitHub may ignore filters."""
    found = (run["event"], run["conclusion"], run["head_sha"])
    # A fork that was deleted since then has none.
    repository = (run["head_repository"] or {}).get("full_name")
    return found == ("pull_request", "success", head) and repository == github.repository


if __name__ == "__main__":
    sys.exit(run_as_script(lambda github: main(github, sys.argv[1:])))
