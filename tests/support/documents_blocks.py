"""The code blocks, tables and links of a Markdown document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

_FENCE = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, the words after it, what it holds."""

    language: str
    mark: str
    text: str

    @property
    def file_name(self) -> str | None:
        """The name that a module gives itself in its first line."""
        found = re.match(r"// ([\w-]+\.(?:ts|js))\n", self.text)
        return found.group(1) if found else None


@dataclass(frozen=True)
class Request:
    """A block in the language `http`: method, path, headers, body."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


def document(name: str) -> str:
    """Read one of docs/."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def blocks(text: str, language: str | None = None) -> list[Block]:
    """List the fenced blocks in order, all or those of one language."""
    found = [Block(match[1], match[2].strip(), match[3]) for match in _FENCE.finditer(text)]
    return [block for block in found if language is None or block.language == language]


def requests(text: str) -> list[Request]:
    """Read the blocks in the language `http`."""
    found = []
    for block in blocks(text, "http"):
        head, _, body = block.text.partition("\n\n")
        first, *lines = head.strip().splitlines()
        method, path = first.split(" ", 1)
        headers = dict(line.split(": ", 1) for line in lines)
        found.append(Request(method, path, headers, body.strip()))
    return found


def table(text: str, *header: str) -> list[list[str]]:
    """Read the cells of the first table whose header has these first columns, without back quotes."""
    lines = iter(text.splitlines())
    for line in lines:
        if _cells(line)[: len(header)] == list(header):
            next(lines)
            rows = []
            for row in lines:
                if not row.startswith("|"):
                    return rows
                rows.append(_cells(row))
            return rows
    raise AssertionError(f"no table with the header {header}")


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("`", "") for cell in line.strip().strip("|").split("|")]


def links(text: str) -> list[str]:
    """List the targets of links, those of the web left out."""
    targets = re.findall(r"\]\(([^)\s]+)\)", _FENCE.sub("", text))
    return [target for target in targets if not re.match(r"[a-z]+:", target)]
