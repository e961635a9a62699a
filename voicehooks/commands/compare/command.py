"""Running `voicehooks compare`."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from voicehooks.commands.compare.sides import Side, read_side
from voicehooks.output.counting import count
from voicehooks.output.errors import CommandError
from voicehooks.output.json import print_json
from voicehooks.output.layout import screen_width, table
from voicehooks.stack.environment import Environment
from voicehooks.stack.settings_file import in_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

__all__ = ["Row", "lines_of", "rows_of", "run"]

Row = tuple[str, "Any", "Any"]
"""What, and its value at both sides; None where it is not set."""


def run(first: str, second: str, *, all_rows: bool, as_json: bool) -> int:
    """Print the comparison; returns the exit code, 0.

    Raises:
        CommandError: the settings of a stack cannot be read, or both are the same one.
    """
    if first == second:
        raise CommandError(
            "nothing to compare", f"both are {first}", "name two stacks: voicehooks compare dev prod"
        )
    environments = [Environment(name) for name in (first, second)]
    sides = asyncio.run(_read(environments))
    rows = rows_of(*sides, all_rows=all_rows)
    for side in sides:
        for reason in side.unread:
            print(f"{side.stack}: {reason}", file=sys.stderr)
    if as_json:
        print_json(
            {
                "stacks": [first, second],
                "rows": [
                    {"name": name, "values": [one, other], "equal": one == other} for name, one, other in rows
                ],
                "unread": {side.stack: side.unread for side in sides if side.unread},
            }
        )
        return 0
    for line in lines_of(sides[0].stack, sides[1].stack, rows, screen_width(), all_rows=all_rows):
        print(line)
    return 0


async def _read(environments: Sequence[Environment]) -> list[Side]:
    return list(await asyncio.gather(*(read_side(environment) for environment in environments)))


def rows_of(one: Side, other: Side, *, all_rows: bool) -> list[Row]:
    """Return what differs, in the order of the settings, then what is live."""
    names = list(dict.fromkeys([*one.values, *other.values]))
    rows = [(name, one.values.get(name), other.values.get(name)) for name in names]
    return [row for row in rows if all_rows or row[1] != row[2]]


def lines_of(
    first: str, second: str, rows: Sequence[Row], width: int | None, *, all_rows: bool
) -> Iterator[str]:
    """The table, with a mark where the values differ if equal ones are shown too."""
    if not rows:
        yield f"{first} and {second} do not differ"
        return
    cells = [
        (f"{'' if one == other or not all_rows else '* '}{name}", _shown(one), _shown(other))
        for name, one, other in rows
    ]
    yield from table(("", first, second), cells, width)
    different = sum(one != other for _, one, other in rows)
    yield f"{first} and {second}: {count(different, 'difference')}"


def _shown(value: Any) -> str:
    return "(not set)" if value is None else in_line(value)
