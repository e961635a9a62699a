"""Post a stack's plan on a pull request: one comment per stack, edited in place, also if the preview failed.

python -m tools.github.comment --pull 12 --stack dev -- voicehooks plan --stack dev --markdown

It runs the command and posts its standard output. If the command printed nothing, the comment says what failed
and where to look. The exit code is the command's.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from tools.github.api import GitHub, run_as_script
from tools.github.command import Done, fenced, link_to_run, run, write_summary
from tools.github.marked import put_comment

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(github: GitHub, arguments: Sequence[str]) -> int:
    """Run the command, write the comment and the step summary."""
    parser = argparse.ArgumentParser(prog="python -m tools.github.comment", description=__doc__)
    parser.add_argument("--pull", type=int, required=True, help="the pull request's number")
    parser.add_argument("--stack", required=True)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    done = run(options.command)
    text = done.stdout.strip() or _failed(options.stack, done)
    write_summary(text)
    print(
        put_comment(github, options.pull, "plan", options.stack, f"{text}\n\n{link_to_run()}"), file=sys.stderr
    )
    return done.exit_code


def _failed(stack: str, done: Done) -> str:
    said = done.stderr.strip()[-4000:] or "it said nothing"
    return (
        f"### {stack}: the preview failed\n\n{fenced(said)}\n\n"
        f"Nothing was changed. To run it on your machine: `{done.shown}`"
    )


if __name__ == "__main__":
    sys.exit(run_as_script(lambda github: main(github, sys.argv[1:])))
