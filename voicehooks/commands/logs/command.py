"""Put the pieces of `voicehooks logs` together."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from voicehooks.commands.logs.lines import parse_since
from voicehooks.commands.logs.sources import LIMIT, read
from voicehooks.output.counting import count
from voicehooks.output.json import print_json, to_json
from voicehooks.stack.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicehooks.commands.logs.lines import Line

__all__ = ["run"]

_SANDBOX_PAUSE, _HOSTED_PAUSE = 0.5, 10.0  # the API has a limit of requests a minute
_STYLES = {"error": "red", "warning": "yellow", "boot": "dim", "shutdown": "dim"}


def run(name: str, *, since: str, following: bool, stack: str, as_json: bool) -> int:
    """Print the lines and return the exit code.

    Raises:
        CommandError: they cannot be read.
    """
    start = datetime.now(UTC) - parse_since(since)
    environment = Environment(stack)
    lines = asyncio.run(read(environment, name, start))
    if not following:
        if as_json:
            print_json({"stack": stack, "lines": lines})
        else:
            _print(lines)
            _note(environment, lines, since)
        return 0
    _note(environment, lines, since)
    asyncio.run(_follow(environment, name, lines, start, as_json=as_json))
    return 0


async def _follow(
    environment: Environment, name: str, lines: list[Line], start: datetime, *, as_json: bool
) -> None:
    """Print what is there, then what comes, until Ctrl-C."""
    pause = _SANDBOX_PAUSE if environment.is_sandbox else _HOSTED_PAUSE
    shown: set[Line] = set()
    while True:
        new = [line for line in lines if line not in shown]
        shown.update(new)
        if as_json:
            for line in new:
                print(json.dumps(to_json(line)), flush=True)
        else:
            _print(new)
        # Lines arrive late and not in order: a minute is looked at again.
        start = max(start, max((line.moment for line in lines), default=start).replace(second=0))
        await asyncio.sleep(pause)
        lines = await read(environment, name, start)


def _print(lines: Iterable[Line]) -> None:
    console = Console(highlight=False)
    for line in lines:
        status = int((line.request or {}).get("status") or 0)
        style = "red" if status >= 500 else "yellow" if status >= 400 else _STYLES.get(line.level, "")
        console.print(Text(str(line), style=style), soft_wrap=True)
    sys.stdout.flush()


def _note(environment: Environment, lines: list[Line], since: str) -> None:
    """What the lines alone do not say, on standard error."""
    where = f"{environment.name}, the last {since}"
    if not lines:
        print(f"{where}: nothing was logged", file=sys.stderr)
    elif len(lines) >= LIMIT and not environment.is_sandbox:
        print(
            f"{where}: the newest {LIMIT} lines; older ones are left out, give a shorter --since",
            file=sys.stderr,
        )
    else:
        print(f"{where}: {count(len(lines), 'line')}", file=sys.stderr)
