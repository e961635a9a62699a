"""Record `make up` for the README: the real command in a real terminal, in a fresh copy of the repository.

python -m tools.recording

The picture, an SVG, shows the final screen. A slow test makes the same recording and compares everything except
numbers and SIDs, so that the picture cannot become outdated unnoticed.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, unescape

import pyte
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tools.scan.findings import files_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "FILE",
    "copy_repository",
    "main",
    "plain",
    "record",
    "shape",
    "shown_in",
    "to_svg",
]

ROOT = Path(__file__).resolve().parents[1]
FILE = Path("docs") / "make-up.svg"
_COLUMNS = 118
# Wide enough that no line wraps, and high enough that nothing scrolls away; the picture truncates lines.
_TERMINAL = (400, 200)
_SILENCE_SECONDS = 300.0
# What make up says of a port that another process has, with that process's paths.
_TAKEN = "taken by process"
# Colors with different names in pyte and rich.
_COLORS = {"brown": "yellow"}


class RecordingError(Exception):
    """The recording failed; the text says why."""


def copy_repository(folder: Path, root: Path = ROOT) -> None:
    """Copy tracked and new files of a repository into `folder`, with a link to this environment's `.venv`."""
    for source in files_of(root):
        target = folder / source.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
        target.chmod(source.stat().st_mode)
    (folder / ".venv").symlink_to(Path(sys.prefix))


def record(folder: Path, command: Sequence[str] = ("make", "up")) -> list[Text]:
    """Run a command in a pseudo-terminal; return the final screen's lines, the command first.

    Raises:
        RecordingError: the command failed, or printed nothing for five minutes.
    """
    ours, theirs = pty.openpty()
    columns, rows = _TERMINAL
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    foreign = {"CI", "NO_COLOR", "COLUMNS", "LINES", "MAKEFLAGS", "MAKELEVEL"}
    variables = {name: value for name, value in os.environ.items() if name not in foreign}
    screen = pyte.Screen(columns, rows)
    stream = pyte.ByteStream(screen)
    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**variables, "TERM": "xterm-256color"},
    ) as process:
        os.close(theirs)
        while part := _read(ours):
            stream.feed(part)
        if process.poll() is None:
            process.terminate()
    os.close(ours)
    lines = [_styled(screen, row) for row in range(rows)]
    while lines and not lines[-1].plain:
        lines.pop()
    if process.returncode != 0:
        last = "\n".join(line.plain for line in lines[-5:])
        raise RecordingError(f"{' '.join(command)} ended with {process.returncode}:\n{last}")
    return [Text(f"$ {' '.join(command)}", style="bold"), *lines]


def _read(terminal: int) -> bytes:
    if not select.select([terminal], [], [], _SILENCE_SECONDS)[0]:
        return b""
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux raises this if the other end is closed
        return b""


def _styled(screen: pyte.Screen, row: int) -> Text:
    text = Text()
    cells = [screen.buffer[row][column] for column in range(screen.columns)]
    for style, alike in itertools.groupby(cells, key=_style):
        text.append("".join(cell.data for cell in alike), style)
    text.rstrip()
    return text


def _style(cell: pyte.screens.Char) -> Style:
    bright = "bright_" if cell.fg.startswith("bright") else ""
    name = cell.fg.removeprefix("bright")
    color = f"#{name}" if re.fullmatch("[0-9a-f]{6}", name) else bright + _COLORS.get(name, name)
    return Style(color=color, bold=cell.bold, italic=cell.italics, underline=cell.underscore)


def plain(lines: Sequence[Text]) -> str:
    """Return the lines without their styles."""
    return "\n".join(line.plain for line in lines)


def shape(text: str) -> list[str]:
    """Return the distinct lines in alphabetical order, without the parts that differ from run to run.

    Their order also differs, because functions are deployed, and callbacks arrive, at the same time.
    """
    text = re.sub("[├└│─]", " ", text)  # a different branch of the tree is last in each run
    text = re.sub(r"host=\S+", "host=#", text)
    text = re.sub(r"\b([A-Z]{2})[0-9a-f]{32}\b", r"\1#", text)
    text = re.sub(r"\b([A-Z]{2})[0-9a-f]{2}\.\.[0-9a-f]{4}\b", r"\1#", text)
    text = re.sub(r"\.\.[0-9a-f]{4}\b", "..#", text)
    text = re.sub(r"\d+(?:\.\d+)?", "#", text)
    # The delay until the row was stored.
    text = re.sub(r"stored \+# s", "stored", text)
    text = text.replace("duration # s, talked", "talked")
    text = re.sub(r"(?:#m)?#s\b", "#s", text)
    return sorted({" ".join(line.split()) for line in text.splitlines()})


def to_svg(lines: Sequence[Text]) -> str:
    """Return the picture. It loads no font, and its description is the whole text."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(
            record=True, width=_COLUMNS, file=nowhere, force_terminal=True, color_system="truecolor"
        )
        for line in lines:
            cut = line.copy()
            cut.truncate(_COLUMNS, overflow="ellipsis")
            console.print(cut, no_wrap=True, crop=True)
        svg = console.export_svg(title="make up", theme=MONOKAI, unique_id="make-up")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace")
    opening, rest = svg.split(">", 1)
    description = f"<title>make up</title>\n<desc>{escape(plain(lines))}</desc>"
    return (
        "\n".join(line.rstrip() for line in f'{opening} role="img">\n{description}{rest}'.splitlines()) + "\n"
    )


def shown_in(svg: str) -> str:
    """Return the text from which a picture was made."""
    found = re.search(r"<desc>(.*?)</desc>", svg, re.DOTALL)
    return unescape(found[1]) if found else ""


def _record_make_up(folder: Path) -> list[Text]:
    lines = record(folder)
    if _TAKEN in plain(lines):
        raise RecordingError("another process has the sandbox's usual ports; end it and repeat this")
    return lines


def main() -> int:
    """Record into this repository; exit code 0 or 1."""
    with tempfile.TemporaryDirectory(prefix="voicehooks-recording-") as scratch:
        folder = Path(scratch) / "voicehooks"
        copy_repository(folder)
        try:
            lines = _record_make_up(folder)
        except RecordingError as error:
            print(f"make recording: {error}", file=sys.stderr)
            return 1
        finally:
            subprocess.run(["make", "down"], cwd=folder, check=False, capture_output=True)  # noqa: S607
    (ROOT / FILE).write_text(to_svg(lines), encoding="utf-8")
    print(f"{FILE}: {len(lines)} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
