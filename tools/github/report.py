"""Run one of our commands in a job: the job's page begins with the verdict, and findings open one issue.

python -m tools.github.report --title Doctor --stack prod [--issue KIND --symptom TEXT --next TEXT] -- COMMAND

With --issue, a finding opens the only issue of that kind and stack or updates it, and the next run without a
finding closes it. A command that could not tell (exit code 2) is also a finding, because nobody is watching
then. The exit code is the command's.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tools.github.api import GitHub, GitHubError
from tools.github.command import Done, fenced, link_to_run, run, write_summary
from tools.github.marked import close_issue, put_issue

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str]) -> int:
    """Run the command and report."""
    parser = argparse.ArgumentParser(prog="python -m tools.github.report", description=__doc__)
    parser.add_argument("--title", required=True, help="what the command is for, a word or two")
    parser.add_argument("--stack", required=True)
    parser.add_argument("--issue", metavar="KIND", help="keep one issue of this kind per stack")
    parser.add_argument("--symptom", default="", help="what callers notice")
    parser.add_argument("--next", default="", help="the command that a person runs next")
    parser.add_argument("--finding", default="", help="for pulumi: the text that it prints for a finding")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    done = run(options.command)
    verdict = f"{options.title} {options.stack}: {done.verdict(options.finding)}"
    write_summary(f"## {verdict}\n\n{_details(done)}")
    if options.issue:
        try:
            print(_keep_issue(GitHub(os.environ), options, done, verdict), file=sys.stderr)
        except GitHubError as error:
            print(error, file=sys.stderr)
            return max(done.exit_code, 2)
    return done.exit_code


def _keep_issue(github: GitHub, options: argparse.Namespace, done: Done, verdict: str) -> str:
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    if done.exit_code == 0:
        address = close_issue(github, options.issue, options.stack, f"Fine again at {now}. {link_to_run()}")
        return f"closed {address}" if address else "no issue is open"
    lines = [
        f"**{options.symptom}**" if options.symptom else "",
        f"Open since this issue was created, last seen at {now}. {link_to_run()}",
        f"Next: `{options.next or done.shown}`",
        _details(done),
    ]
    text = "\n\n".join(line for line in lines if line)
    return put_issue(github, options.issue, options.stack, verdict, text)


def _details(done: Done) -> str:
    said = done.stdout.strip() or done.stderr.strip() or "it said nothing"
    return fenced(f"$ {done.shown}\n{said[-30_000:]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
