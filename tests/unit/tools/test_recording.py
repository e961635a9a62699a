"""The picture of `make up`: the whole screen of a real terminal, by the current script."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tools.recording import FILE, RecordingError, plain, record, shape, shown_in, to_svg

ROOT = Path(__file__).resolve().parents[3]


def printing(text: str, exit_code: int = 0) -> list[str]:
    """A command that writes this to its terminal."""
    return [sys.executable, "-c", f"import sys; sys.stdout.write({text!r}); sys.exit({exit_code})"]


def test_the_picture_has_every_heading_and_hint_of_the_script() -> None:
    """What tools/up says by itself stands in the picture: after a change of it, `make recording`."""
    script = (ROOT / "tools" / "up").read_text(encoding="utf-8")
    said = re.findall(r"^say ['\"](.*)['\"]$", script, re.MULTILINE)
    hints = re.findall(r"^  (\S.*)$", script.partition("<<'END'")[2], re.MULTILINE)
    shown = shown_in((ROOT / FILE).read_text(encoding="utf-8"))

    assert len(said) >= 3
    assert len(hints) >= 5
    assert [line for line in (*said, *hints) if line.replace("$number", "+15551234567") not in shown] == []


def test_the_screen_is_what_a_person_sees_at_the_end(tmp_path: Path) -> None:
    """Lines that were drawn again are there once, in their colors; what is too wide is cut."""
    program = printing("waiting\r\x1b[2K\x1b[1;32mdone\x1b[0m <&>\n" + "x" * 300 + "\n")
    lines = record(tmp_path, program)
    svg = to_svg(lines[1:])

    assert plain(lines).splitlines()[1:] == ["done <&>", "x" * 300]
    assert shown_in(svg) == plain(lines[1:])
    assert "waiting" not in svg.partition("</desc>")[2]
    assert "x" * 119 not in svg.partition("</desc>")[2]
    green = re.search(r"\.(\S+) \{ fill: #98e024;font-weight: bold \}", svg)
    assert green is not None
    assert f'class="{green[1]}"' in svg


def test_the_picture_fetches_nothing() -> None:
    """Neither a font nor anything else comes from another address."""
    picture = (ROOT / FILE).read_text(encoding="utf-8").partition("</desc>")[2]

    assert "@font-face" not in picture
    assert re.findall(r"(?:href|src)=|url\((?!#)", picture) == []


def test_the_picture_names_no_process_of_the_machine_that_made_it() -> None:
    """A port that another process has is said with that process's paths: such a recording is refused."""
    assert "taken by process" not in shown_in((ROOT / FILE).read_text(encoding="utf-8"))


def test_a_failure_is_not_recorded(tmp_path: Path) -> None:
    """A command that fails leaves no picture: its last lines are the message."""
    with pytest.raises(RecordingError, match=r"ended with 3:\nno sandbox"):
        record(tmp_path, printing("no sandbox\n", 3))


def test_a_shape_has_what_does_not_differ_from_run_to_run() -> None:
    """Numbers, SIDs, ports, sockets and the order of lines are left out; words are not."""
    first = (
        "one  CA907c206f71f75fd3d6d4186e6a62706d  0.4 s stored +0.3 s\n CA90..706d leg ..04fc created (1m2s)\n"
    )
    second = "CAb4..1608 leg ..b522 created (3s)\none CAd2d5887b9329612d97edaa0fa3bbc17d 10.1 s stored\n"

    assert shape(first) == shape(second)
    assert shape(first) != shape(first.replace("stored", "lost"))
