"""Take the pictures of the sandbox's page for the README: docs/page-light.png and docs/page-dark.png.

python -m tools.page_screenshot

In a sandbox of its own with the stack deployed: a few calls, one of which is answered in the browser. The
pictures show times and SIDs of that run, so no test compares them.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tests.support.chromium import browser
from tests.support.clone import running_clone

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.clone import Clone

__all__ = ["main"]

DOCS = Path(__file__).resolve().parents[1] / "docs"
NUMBER = "+15551234567"
_SIZE = (1280, 800)
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_EARLIER = (
    {"from": "+15550100007", "scenario": "answered", "talkSeconds": 42},
    {"from": "+15550100004", "scenario": "busy"},
    {"from": "+15550100002", "scenario": "answered", "talkSeconds": 7},
)


def main() -> int:
    """Write both pictures."""
    with tempfile.TemporaryDirectory(prefix="vh-page-") as folder, running_clone(Path(folder)) as clone:
        clone.up()
        for call in _EARLIER:
            sid = clone.control("POST", "calls", json={"to": NUMBER, **call})["sid"]
            clone.control("GET", f"calls/{sid}?wait=60")
        clone.control("POST", "clock", json={"factor": 1})
        with browser() as chromium:
            page = chromium.new_page(viewport={"width": _SIZE[0], "height": _SIZE[1]})
            _answer_a_call(page, clone)
            for scheme in _SCHEMES:
                page.emulate_media(color_scheme=scheme)
                page.screenshot(path=DOCS / f"page-{scheme}.png")
    return 0


def _answer_a_call(page: Page, clone: Clone) -> None:
    """Ring the agent's phone, answer it, and show the signature of what Twilio sent then."""
    page.goto(clone.values["page_url"])
    page.get_by_role("button", name="Call", exact=True).first.click()
    page.get_by_role("button", name=re.compile("status Ringing")).wait_for()
    page.get_by_role("button", name="Answer").click()
    page.get_by_role("button", name=re.compile("status In progress")).click()
    page.get_by_role("tab", name="Signature").click()
    page.get_by_text(re.compile("Connected 0:03")).first.wait_for()
    page.locator(".request-head").hover()


if __name__ == "__main__":
    sys.exit(main())
