"""Put the CRM example's code into docs/crm.md, so that the document and the page have the same."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["PAGE", "page"]

PAGE = Path("docs/crm.md")
EXAMPLE = Path("examples/crm")

_BLOCK = re.compile(r"^```(js|sql)\n(?:// |-- )([\w-]+\.(?:js|sql)).*?^```$", re.MULTILINE | re.DOTALL)


def page() -> str:
    """Return the document, with each block that names a file of the example as that file is now."""
    return _BLOCK.sub(_current, PAGE.read_text(encoding="utf-8"))


def _current(block: re.Match[str]) -> str:
    file = EXAMPLE / block[2]
    if not file.exists():
        return block[0]
    return f"```{block[1]}\n{file.read_text(encoding='utf-8')}```"
