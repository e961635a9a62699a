"""Running `voicehooks plan`: preview, read, render, compare."""

from __future__ import annotations

import json
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

from voicehooks.commands.plan.comparison import Comparison, compare, load
from voicehooks.commands.plan.markdown import render_markdown
from voicehooks.commands.plan.model import Failure, Plan
from voicehooks.commands.plan.reading import read
from voicehooks.commands.plan.terminal import render_terminal
from voicehooks.output.consent import is_watched
from voicehooks.output.errors import CommandError
from voicehooks.output.json import print_json, to_json
from voicehooks.stack import project
from voicehooks.stack.engine import Engine, last_error
from voicehooks.stack.git import try_git

__all__ = ["commit_of", "make", "run"]


def run(
    *,
    stack: str,
    as_json: bool,
    markdown: bool,
    out: Path | None,
    compare_with: Path | None,
    preview: str | None,
) -> int:
    """Print the plan; returns the exit code.

    0: it was made; 1: it breaks a rule of the team, or is not the plan that was reviewed; 2: it failed.

    Raises:
        CommandError: it could not be made or compared.
    """
    if as_json and markdown:
        raise CommandError("nothing was done", "--json and --markdown exclude each other", "give one")
    reviewed = load(compare_with) if compare_with else None
    plan = _given(preview, stack) if preview else make(Engine(project.root(), stack))
    comparison = compare(plan, reviewed) if reviewed and not plan.failed else None
    if as_json:
        extra = {"comparison": to_json(comparison)} if comparison else {}
        print_json({**to_json(plan), **extra})
    elif markdown:
        print(render_markdown(plan), end="")
    else:
        # Whether it is the reviewed plan is the verdict if that was asked, and comes first.
        first = [*comparison.lines(), ""] if comparison else []
        print("\n".join([*first, _for_people(plan)]))
    if comparison and markdown:
        print("\n".join(comparison.lines()), file=sys.stderr)
    if out and not plan.failed:
        _save(plan, out)
    return _exit_code(plan, comparison)


def make(engine: Engine) -> Plan:
    """Preview a stack and return the plan, a failed one as well.

    Raises:
        CommandError: Pulumi is not installed.
    """
    print(f"{engine.stack}: previewing ...", file=sys.stderr)
    done = engine.try_run("preview", "--json")
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    commit = commit_of(engine.folder)
    if not done.stdout.strip().startswith("{"):
        why = last_error(done.stderr or done.stdout)
        do = engine.remedy(done.stderr) or f"fix that; then voicehooks plan --stack {engine.stack}"
        return Plan(engine.stack, commit, at, failures=[Failure("", why, do)])
    errors = last_error(done.stderr) if done.returncode != 0 else ""
    return read(
        done.stdout,
        stack=engine.stack,
        errors=errors,
        commit=commit,
        at=at,
        migration=lambda name: _migration(engine.folder, name),
    )


def commit_of(folder: Path) -> str:
    """The commit of a working tree, 7 digits, with "+" where it has uncommitted changes; empty without git."""
    head = _git(folder, "rev-parse", "--short=7", "HEAD")
    return head + ("+" if head and _git(folder, "status", "--porcelain", "--untracked-files=no") else "")


def _git(folder: Path, *arguments: str) -> str:
    done = try_git(folder, *arguments)
    return done.stdout.strip() if done.returncode == 0 else ""


def _migration(folder: Path, name: str) -> str | None:
    path = folder / "migrations" / Path(name).name
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _given(preview: str, stack: str) -> Plan:
    """The plan in a file that `pulumi preview --json` filled; "-" is standard input."""
    try:
        text = sys.stdin.read() if preview == "-" else Path(preview).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise CommandError(
            f"{preview} cannot be read", why, "make it with: pulumi preview --json > preview.json"
        ) from None
    try:
        folder: Path | None = project.root()
    except CommandError:
        folder = None
    return read(text, stack=stack, migration=lambda name: _migration(folder, name) if folder else None)


def _for_people(plan: Plan) -> str:
    watched = is_watched(sys.stdout)
    colour = watched and not os.environ.get("NO_COLOR")
    width = shutil.get_terminal_size().columns if watched else None
    return render_terminal(plan, colour=colour, width=width)


def _save(plan: Plan, out: Path) -> None:
    try:
        out.write_text(json.dumps(to_json(plan), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(
            f"{out} cannot be written", error.strerror or str(error), "give another file"
        ) from None
    print(f"saved in {out}; compare with it later: voicehooks plan --compare {out}", file=sys.stderr)


def _exit_code(plan: Plan, comparison: Comparison | None) -> int:
    if plan.failed:
        return 2
    return 1 if plan.broken or (comparison and not comparison.equal) else 0
