"""Words that CONTRIBUTING's word list replaces, because a native reader has to translate them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.scan.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["INSTEAD", "in_text", "scan"]

INSTEAD = {
    r"rightly": "correctly",
    r"anew": "again",
    r"whoever": "anyone who, or the person who",
    r"mend(?:s|ed|ing)?": "fix or fixed",
    r"makes? way": "is replaced",
    r"for want of": "because ... is missing",
    r"of (?:then|today|now)": "previous, from that update; current",
    r"of ours": "our",
    r"(?:goes|stands) before": "takes precedence over",
    r"gone on with": "resumed",
    r"(?:cannot|not to) be had": "is not available",
    r"in so many words": "explicitly",
    r"proves live": "still works",
    r"clicked together": "set up in the Twilio console",
    r"will not do": "is not valid",
    r"stay(?:s|ed)? out": "does not arrive",
    r"told apart": "distinguished",
    r"shall": "should, must or will",
    r"somebody else's": "not managed by this stack",
}
"""Patterns of whole words, each with its replacement."""

_PATTERN = re.compile(rf"\b(?:{'|'.join(INSTEAD)})\b", re.IGNORECASE)
_READ = {".md", ".py", ".ts", ".sql", ".yml", ".yaml", ".toml", ".sh", ".html", ".js", ""}
# The first migrations never change, because every environment has applied them. The other files name the words.
_LEFT_OUT = re.compile(
    r"migrations/20261124|tools/scan/words\.py|tests/unit/tools/test_scan\.py|CONTRIBUTING\.md|LICENSE|tests/fixtures/"
)


def scan(root: Path, files: list[Path]) -> Iterator[Finding]:
    """Check text and code, including comments and names."""
    for path in files:
        name = path.relative_to(root).as_posix()
        if path.suffix in _READ and not _LEFT_OUT.match(name):
            yield from in_text(name, path.read_text(encoding="utf-8"))


def in_text(name: str, text: str) -> Iterator[Finding]:
    """Yield each word of the list that a text uses."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in _PATTERN.finditer(line):
            word = found.group().lower()
            instead = next(
                better for pattern, better in INSTEAD.items() if re.fullmatch(pattern, word, re.IGNORECASE)
            )
            yield Finding(name, number, f"{word!r} is on the word list", f"write {instead}")
