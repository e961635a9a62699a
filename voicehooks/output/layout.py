"""Lines that fit a terminal, and in which no value and no command is cut.

A width of None is an output that nobody watches (a pipe, a file, a CI job): there a line is never broken.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

from voicehooks.output.consent import is_watched

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["command_lines", "screen_width", "table", "wrapped"]

_GAP = "  "


def screen_width() -> int | None:
    """Return how many characters a line of standard output may have; None where nobody watches it."""
    return shutil.get_terminal_size().columns if is_watched(sys.stdout) else None


def wrapped(text: str, width: int | None, *, first: str = "", rest: str = "") -> list[str]:
    """Break a text at its spaces; a word that is longer than a line stays whole.

    Args:
        text: one paragraph.
        width: characters per line.
        first: what the first line begins with.
        rest: what each other line begins with.
    """
    if width is None:
        return [(first + text).rstrip()]
    lines = textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines or [first.rstrip()]


def command_lines(command: str, width: int | None, *, indent: str = "    ") -> list[str]:
    """Return a shell command that can be copied: each line but the last ends with a backslash.

    Args:
        command: one line.
        width: characters per line.
        indent: what each line begins with.
    """
    if width is None:
        return [indent + command]
    lines = wrapped(command, width - len(" \\"), first=indent, rest=indent + "  ")
    return [*(f"{line} \\" for line in lines[:-1]), lines[-1]]


def table(
    titles: Sequence[str], rows: Sequence[Sequence[str]], width: int | None, *, indent: str = ""
) -> Iterator[str]:
    """Yield aligned lines under their titles; columns that do not fit continue on a second line of each row.

    Args:
        titles: one for each column.
        rows: the cells; each row has as many as there are titles.
        width: characters per line.
        indent: what each line begins with.
    """
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    groups = _groups(widths, None if width is None else width - len(indent))
    for row in (titles, *rows):
        for number, group in enumerate(groups):
            cells = [row[column].ljust(widths[column]) for column in group]
            yield (indent + (_GAP * 2 if number else "") + _GAP.join(cells)).rstrip()


def _groups(widths: Sequence[int], width: int | None) -> list[list[int]]:
    groups: list[list[int]] = [[]]
    used = 0
    for column, size in enumerate(widths):
        needed = size + (len(_GAP) if groups[-1] else 0)
        if width is not None and groups[-1] and used + needed > width:
            groups.append([])
            used, needed = len(_GAP) * 2, size
        groups[-1].append(column)
        used += needed
    return groups
