"""Lays out nested lists and objects of an example: on one line if they fit, else one line for each part."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Group", "Part", "write"]

_WIDTH = 100


@dataclass(frozen=True)
class Group:
    """A list or an object.

    Attributes:
        opening: what begins it, without spaces inside: ``pulumi.StringMap{``.
        parts: its items, each with what precedes its value: ``name: ``.
        closing: what ends it.
        space: what is inside the braces if it is on one line.
    """

    opening: str
    parts: tuple[tuple[str, Part], ...]
    closing: str
    space: str = ""


Part = str | Group


def write(part: Part, before: str, unit: str, level: int = 0, *, after: str = "") -> str:
    """Return the text of a part.

    Args:
        part: what to write.
        before: what is in front of it on its line, without the indentation.
        unit: the indentation of one level.
        level: the level of its line.
        after: what follows on the last line.
    """
    line = before + _flat(part) + after
    if isinstance(part, str) or len(unit.expandtabs(4)) * level + len(line) <= _WIDTH:
        return line
    rows = [unit * (level + 1) + write(p, label, unit, level + 1, after=",") for label, p in part.parts]
    return "\n".join([before + part.opening, *rows, unit * level + part.closing + after])


def _flat(part: Part) -> str:
    if isinstance(part, str):
        return part
    inner = ", ".join(label + _flat(p) for label, p in part.parts)
    return (
        f"{part.opening}{part.space}{inner}{part.space}{part.closing}" if inner else part.opening + part.closing
    )
