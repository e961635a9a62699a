"""The repository at another commit, next to the working tree, for as long as a rollback takes."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from voicehooks.output.errors import CommandError
from voicehooks.stack.git import try_git

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["changed", "has_commit", "project_at"]


@contextmanager
def project_at(project: Path, commit: str) -> Iterator[Path]:
    """Check a commit out into a temporary folder and yield the project's folder in it.

    The virtual environment is linked in, and so is what lies in `.voicehooks`: a stack whose state is kept
    next to the project must find that state and not create another.

    Raises:
        CommandError: git cannot do it.
    """
    top = Path(git(project, "rev-parse", "--show-toplevel"))
    with tempfile.TemporaryDirectory(prefix="voicehooks-rollback-") as name:
        tree = Path(name) / "tree"
        git(project, "worktree", "add", "--quiet", "--detach", str(tree), commit)
        try:
            there = tree / project.resolve().relative_to(top.resolve())
            if not (there / "Pulumi.yaml").is_file():
                raise CommandError(
                    "the previous program cannot be run",
                    f"{commit[:7]} has no Pulumi.yaml in this folder",
                    "roll back with the current program: --config-only",
                )
            _link(project, there)
            yield there
        finally:
            git(project, "worktree", "remove", "--force", str(tree))


def _link(project: Path, there: Path) -> None:
    """Link what git ignores: `.venv`, and each thing in `.voicehooks`.

    That folder itself is made: git's pattern `.voicehooks/` does not match a link, and the engine would note
    the update as one from a changed tree.
    """
    (there / ".voicehooks").mkdir(exist_ok=True)
    inside = (project / ".voicehooks").iterdir() if (project / ".voicehooks").is_dir() else ()
    for path in (project / ".venv", *inside):
        place = there / path.relative_to(project)
        if path.exists() and not place.exists():
            place.symlink_to(path)


def has_commit(project: Path, commit: str) -> bool:
    """Tell whether the repository still has a commit."""
    return try_git(project, "cat-file", "-e", f"{commit}^{{commit}}").returncode == 0


def changed(project: Path, path: Path) -> bool:
    """Tell whether a file differs from what is committed; outside of a repository it counts as such."""
    done = try_git(project, "status", "--porcelain", "--", str(path))
    return done.returncode != 0 or bool(done.stdout.strip())


def git(folder: Path, *arguments: str) -> str:
    """Run git and return what it printed.

    Raises:
        CommandError: it failed.
    """
    done = try_git(folder, *arguments)
    if done.returncode != 0:
        why = (done.stderr.strip().splitlines() or ["it printed nothing"])[-1].removeprefix("fatal: ")
        raise CommandError("the previous program is not available", f"git: {why}", "or use --config-only")
    return done.stdout.strip()
