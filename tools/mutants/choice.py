"""Which slips to try: those of a module or a change, and a sample of them that a seed decides."""

from __future__ import annotations

import random
import re
import subprocess
from collections import defaultdict
from typing import TYPE_CHECKING

from tools.mutants.model import AREAS, MutantsError, Slip, area_of
from tools.mutants.written_slips import written_slips

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

__all__ = ["chosen_slips", "draw"]

_PYTHON = (
    "infra/**/*.py",
    "providers/*/pulumi_*/**/*.py",
    *(
        f"voicehooks/commands/{command}/**/*.py"
        for command in ("adopt", "divert", "doctor", "init", "plan", "reconcile", "rollback")
    ),
)
# Generated, or run by tools.generate only.
_NOT_CORE = re.compile(
    r"/_generated\.py$|/(codegen|reference|schema)\.py$|/settings_(reference|typescript)\.py$|/__init__\.py$"
)


def chosen_slips(
    root: Path, *, module: str | None = None, changed: str | None = None, sample: int = 0, seed: int = 0
) -> list[Slip]:
    """Return the slips to try.

    Args:
        root: the repository.
        module: only this file or folder.
        changed: only lines that differ from this revision.
        sample: how many to draw; 0 for all.
        seed: decides which are drawn.

    Raises:
        MutantsError: there is none, a written slip is out of date, or git does not know the revision.
    """
    lines = _changed_lines(root, changed) if changed else None
    python_slips = _python_slips()
    files = sorted({path.relative_to(root).as_posix() for pattern in _PYTHON for path in root.glob(pattern)})
    slips = list(written_slips(root))
    for file in files:
        if _NOT_CORE.search(file) is None and _below(file, module) and (lines is None or file in lines):
            slips += python_slips(file, (root / file).read_text(encoding="utf-8"))
    slips = [s for s in slips if _below(s.file, module) and (lines is None or s.line in lines.get(s.file, ()))]
    if not slips:
        raise MutantsError(f"no slip applies to {module or f'what differs from {changed}'}")
    return draw(slips, sample, seed) if sample else slips


def _python_slips() -> Callable[[str, str], list[Slip]]:
    try:
        from tools.mutants.python_slips import python_slips  # noqa: PLC0415 - may be missing
    except ImportError as error:
        raise MutantsError(
            f"{error}. mutmut is not installed on macOS on Intel, because libcst has no wheel for it. "
            "Run make mutants on another machine, or the workflow Mutants."
        ) from error
    return python_slips


def draw(slips: Sequence[Slip], sample: int, seed: int) -> list[Slip]:
    """Draw a sample: at most one slip for each line, in the proportions of AREAS.

    Args:
        slips: what to draw from.
        sample: how many to draw; fewer if there are not as many lines.
        seed: the same number draws the same slips from the same code.
    """
    dice = random.Random(seed)  # noqa: S311 - a sample must be repeatable, not secret
    areas: dict[str, dict[tuple[str, int, int], list[Slip]]] = defaultdict(lambda: defaultdict(list))
    for slip in slips:
        # Each written slip counts as a line of its own.
        place = (slip.file, slip.line, slip.number if slip.reason else -1)
        areas[area_of(slip.file)][place].append(slip)
    drawn: dict[str, list[Slip]] = {}
    for area, places in sorted(areas.items()):
        order = sorted(places)
        dice.shuffle(order)
        drawn[area] = [_one_of(places[place], dice) for place in order]
    total = sum(AREAS[area] for area in drawn)
    chosen = [slip for area, found in drawn.items() for slip in found[: round(sample * AREAS[area] / total)]]
    # What an area lacks, the others give.
    left = [slip for area, found in drawn.items() for slip in found[round(sample * AREAS[area] / total) :]]
    dice.shuffle(left)
    chosen = [*chosen, *left][:sample]
    dice.shuffle(chosen)
    return chosen


def _one_of(slips: Sequence[Slip], dice: random.Random) -> Slip:
    """Draw the kind first: some kinds have many slips on one line."""
    kind = dice.choice(sorted({slip.kind for slip in slips}))
    return dice.choice([slip for slip in slips if slip.kind == kind])


def _below(file: str, module: str | None) -> bool:
    return module is None or file == module or file.startswith(module.rstrip("/") + "/")


def _changed_lines(root: Path, revision: str) -> dict[str, set[int]]:
    options = ["--unified=0", "--no-color", "--no-ext-diff", "--merge-base"]
    shown = subprocess.run(
        ["git", "diff", *options, revision, "--"],  # noqa: S607 - the user's git
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if shown.returncode != 0:
        raise MutantsError(f"git shows no difference from {revision}: {shown.stderr.strip()}")
    return _lines_of(shown.stdout.splitlines())


def _lines_of(diff: Iterable[str]) -> dict[str, set[int]]:
    lines: dict[str, set[int]] = defaultdict(set)
    file = ""
    for line in diff:
        if line.startswith("+++ "):
            file = line.removeprefix("+++ ").removeprefix("b/")
        elif match := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line):
            first, count = int(match[1]), int(match[2] or 1)
            lines[file].update(range(first, first + count))
    return lines
