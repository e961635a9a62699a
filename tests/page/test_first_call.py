"""What a new user does with the page: ring a phone, answer it, understand the signature of a request."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import AGENT, NUMBER
from tests.support.chromium import accessibility_violations

AGENT_PHONE = "Phone +1 555 765 4321"
CALLER_PHONE = "Phone +1 555 010 0001"


def test_a_phone_rings_is_answered_and_the_signature_explained(page: Page) -> None:
    """The empty page offers a call; its requests are drawn as they are sent; the digests are the same."""
    page.get_by_role("button", name="Call +1 555 123 4567").click()
    agent = page.get_by_role("region", name=AGENT_PHONE)
    expect(agent).to_contain_text("Ringing...")
    ringing = page.get_by_role("button", name=re.compile("status Ringing..."))
    expect(ringing).to_be_visible()
    agent.get_by_role("button", name="Answer").click()
    expect(page.get_by_role("region", name=CALLER_PHONE)).to_contain_text("Connected 0:0")
    agent.get_by_role("button", name="Hang up").click()
    expect(page.get_by_role("table", name="Calls")).to_contain_text("Completed")

    ringing.click()
    page.get_by_role("tab", name="Signature").click()

    expect(page.get_by_text("Valid: signed with the auth token.")).to_be_visible()
    digests = page.locator(".signature .code").all_inner_texts()
    assert digests[3] == digests[4]
    assert f"To{AGENT}" in digests[1]


def test_a_call_is_declined_by_keyboard(page: Page) -> None:
    """A phone that rings takes the keyboard, and Escape declines; the call list says how it ended."""
    page.keyboard.press("c")
    expect(page.get_by_role("region", name=AGENT_PHONE)).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.get_by_role("button", name=re.compile("status Busy"))).to_be_visible()
    expect(page.get_by_role("region", name=AGENT_PHONE)).to_have_count(0)


def test_a_request_is_sent_again_with_a_wrong_signature(page: Page, control: Callable[..., Any]) -> None:
    """The page shows the new request, that the handler refused it, and why; the line below has the request."""
    sid = control("POST", "calls", {"to": NUMBER, "scenario": "busy"})["sid"]
    control("GET", f"calls/{sid}?wait=60")
    page.get_by_role("table", name="Calls").get_by_text("+1 555 123 4567").click()
    page.get_by_role("button", name="Request 1", exact=True).click()
    page.get_by_role("button", name="Wrong signature").click()
    expect(page.get_by_role("region", name="Request", exact=True)).to_contain_text("403")
    page.get_by_role("tab", name="Signature").click()

    expect(page.get_by_text("Not valid: it was made with another key")).to_be_visible()
    expect(page.locator(".request-line")).to_contain_text('/resend {"signature":"wrong"}')


def test_what_is_sent_while_editing_has_the_shown_signature(page: Page, control: Callable[..., Any]) -> None:
    """The digest follows the text, and the request that is sent carries it."""
    sid = control("POST", "calls", {"to": NUMBER, "scenario": "busy"})["sid"]
    control("GET", f"calls/{sid}?wait=60")
    page.get_by_role("table", name="Calls").get_by_text("+1 555 123 4567").click()
    page.get_by_role("button", name="Request 1", exact=True).click()
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_test_id("digest")).not_to_be_empty()
    before = page.get_by_test_id("digest").inner_text()
    page.get_by_role("textbox", name="FromCountry").fill("Österreich & Söhne")
    expect(page.get_by_test_id("digest")).not_to_have_text(before)
    shown = page.get_by_test_id("digest").inner_text()
    page.get_by_role("button", name="Send", exact=True).click()

    expect(page.get_by_test_id("digest")).to_have_count(0)
    sent = control("GET", f"webhook-requests?call_sid={sid}")["webhook_requests"][-1]
    assert sent["params"]["FromCountry"] == "Österreich & Söhne"
    assert sent["headers"]["x-twilio-signature"] == shown
    assert sent["status"] == 200


@pytest.mark.slow
def test_the_page_is_accessible_while_a_phone_rings(page: Page, control: Callable[..., Any]) -> None:
    """Axe finds nothing, in both color schemes and at the widths of a desktop, a tablet and a phone."""
    sid = control("POST", "calls", {"to": NUMBER, "ringSeconds": None, "talkSeconds": None})["sid"]
    page.get_by_role("table", name="Calls").get_by_text("+1 555 123 4567").click()
    page.get_by_role("button", name=re.compile("status Ringing...")).click()
    found = []
    for scheme in ("light", "dark"):
        for width in (1280, 800, 360):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 760})
            found += accessibility_violations(page)
            assert page.evaluate("document.documentElement.scrollWidth") == width
    control("POST", f"calls/{sid}/hang-up")

    assert found == []
