"""What of `make check` can refuse a slip that no test noticed: types, and what is generated from the code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tools.mutants.workspace import Workspace

__all__ = ["Command", "checks_for", "first_refusal"]

Command: TypeAlias = tuple[str, ...]

_CHECKS: dict[str, tuple[Command, ...]] = {
    ".py": (("mypy", "voicehooks", "infra", "providers"), ("python", "-m", "tools.generate", "--check")),
    ".ts": (("deno", "check", "--config", "functions/deno.json", "functions"),),
}
_SECONDS = 600.0


def checks_for(file: str) -> Sequence[Command]:
    """Return the commands that could refuse a slip in a file."""
    return _CHECKS.get(Path(file).suffix, ())


def first_refusal(workspace: Workspace, commands: Iterable[Command]) -> Command | None:
    """Return the first command that refuses the copy as it is now."""
    return next((c for c in commands if workspace.run(c, seconds=_SECONDS).code != 0), None)
