"""What the documents say of the command line, and what the command line has."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from functools import cache

from typer.testing import CliRunner

from tests.support.hand_deployed import BIN
from voicehooks.cli import app

_PROGRAMS = {"voicehooks": ["voicehooks"], "voicehooks-sandbox": ["voicehooks", "sandbox"]}
_SPAN = re.compile(r"`([^`\n]+)`")
_FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^(?:\S*\.venv/bin/)?(voicehooks(?:-sandbox)?)(?= |$)(.*)$")


@dataclass(frozen=True)
class Help:
    """What `--help` of a command lists."""

    commands: frozenset[str]
    flags: frozenset[str]


@cache
def help_of(*command: str) -> Help:
    """Ask a command for its help.

    Args:
        command: its words; `voicehooks` is the first.
    """
    shown = _help_of_the_sandbox(command) if "sandbox" in command else _help_in_this_process(command)
    listed = re.split(r"^Commands:\n", shown, flags=re.MULTILINE)
    block = listed[1].split("\n\n")[0] if len(listed) > 1 else ""
    return Help(
        frozenset(re.findall(r"^ {2,4}([a-z][\w-]*) ", block, re.MULTILINE)),
        frozenset(re.findall(r"(?<![\w-])--[a-z][\w-]*", shown)),
    )


def _help_of_the_sandbox(command: tuple[str, ...]) -> str:
    """Start it: `voicehooks sandbox` becomes another program."""
    return subprocess.run(
        [BIN / command[0], *command[1:], "--help"], capture_output=True, text=True, check=True
    ).stdout


def _help_in_this_process(command: tuple[str, ...]) -> str:
    """Start nothing: the documents show dozens of commands."""
    done = CliRunner().invoke(app, [*command[1:], "--help"])
    assert done.exit_code == 0, done.output
    return done.stdout


def commands_in(text: str) -> list[str]:
    """List our commands that a document shows: spans, indented lines, lines of shell blocks."""
    lines = [
        line for language, block in _FENCE.findall(text) if language == "sh" for line in block.splitlines()
    ]
    prose = _FENCE.sub("", text)
    lines += [line.strip() for line in prose.splitlines() if line.startswith("    ")]
    lines += _SPAN.findall(prose)
    inner = [part for line in lines for part in re.findall(r"\$\(([^)]*)\)", line)]
    return [line for line in (*lines, *inner) if _COMMAND.match(line)]


def wrong_in(line: str) -> list[str]:
    """Say what of a shown command does not exist; the text after two spaces is a remark."""
    match = _COMMAND.match(line)
    assert match, line
    path = _PROGRAMS[match[1]]
    words = re.split(r" {2,}| #", match[2].strip())[0].split()
    found = help_of(*path)
    wrong = []
    for word in words:
        if word.startswith("--"):
            if word.partition("=")[0] not in found.flags:
                wrong.append(f"{' '.join(path)} has no {word}: {line}")
        elif found.commands and re.fullmatch("[a-z][a-z-]*", word):
            if word not in found.commands:
                wrong.append(f"{' '.join(path)} has no command {word}: {line}")
                break
            path = [*path, word]
            found = help_of(*path)
    return wrong
