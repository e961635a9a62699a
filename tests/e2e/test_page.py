"""The page of a sandbox in which the stack is deployed: rows, functions, recordings, and a CRM's words."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.clone import Clone
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow
WORDS = ["Ringing...", "Connected", "Call ended", "Recording"]
expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture
def page(chromium: Browser, deployed: Clone) -> Iterator[Page]:
    """The page, live."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    page.goto(deployed.values["page_url"])
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    yield page
    context.close()


@pytest.fixture
def completed(deployed: Clone, page: Page) -> str:
    """A completed call with a recording, selected on the page; its SID."""
    sid = deployed.control("POST", "calls", json={"to": "+15551234567"})["sid"]
    deployed.control("GET", f"calls/{sid}?wait=60")
    page.get_by_role("table", name="Calls").get_by_text("+1 555 123 4567").click()
    expect(page.locator(".lane").last).to_contain_text("Recording")
    return str(sid)


def test_the_lanes_show_what_a_crm_shows(page: Page, completed: str) -> None:
    """The words of `display_status`, in order, from the rows that each request changed."""
    expect(page.locator(".lane").last.locator(".span")).to_have_text(WORDS)


def test_the_lanes_are_right_while_rows_are_still_read(deployed: Clone, page: Page) -> None:
    """Of a request whose rows are not read yet, they show the status that Twilio reported."""
    answered: list[str] = []

    def answer_once(route: Route) -> None:
        """Let only the first request's rows arrive; the others stay unanswered."""
        answered.append(route.request.url)
        if len(answered) == 1:
            route.continue_()

    sid = deployed.control("POST", "calls", json={"to": "+15551234567"})["sid"]
    deployed.control("GET", f"calls/{sid}?wait=60")
    page.route(re.compile(r"/webhook-requests/\d+/rows"), answer_once)
    page.get_by_role("table", name="Calls").get_by_text("+1 555 123 4567").click()

    expect(page.locator(".write-changed")).to_have_count(1)
    expect(page.locator(".lane").last.locator(".span")).to_have_text(WORDS)
    assert len(answered) > 1


def test_a_request_shows_its_rows_before_and_after(page: Page, completed: str) -> None:
    """Only the columns that changed, first of all those of the call."""
    page.get_by_role("button", name=re.compile("status In progress")).click()
    page.get_by_role("tab", name="Rows").click()
    change = page.get_by_role("table", name=re.compile("twilio_calls")).first

    row = change.get_by_role("row", name=re.compile("^status ")).first
    expect(row).to_contain_text("ringing")
    expect(row).to_contain_text("in-progress")
    expect(change.get_by_role("rowheader", name="account_sid")).to_have_count(0)


def test_requests_are_sent_again_in_a_chosen_order(deployed: Clone, page: Page, completed: str) -> None:
    """Two that are chosen and reversed arrive in that order, and change no row a second time."""
    before = deployed.control("GET", f"webhook-requests?call_sid={completed}")["webhook_requests"]
    rows = deployed.query("select * from public.twilio_calls order by call_sid")
    for number in (2, 3):
        page.get_by_role("checkbox", name=f"Send request {number} again").check()
    page.get_by_role("button", name="Reverse").click()
    page.get_by_role("button", name="Send 2 requests").click()
    expect(page.get_by_text("Sent 2 requests.")).to_be_visible()

    sent = deployed.control("GET", f"webhook-requests?call_sid={completed}")["webhook_requests"][len(before) :]
    assert [request["params"] for request in sent] == [before[2]["params"], before[1]["params"]]
    assert deployed.query("select * from public.twilio_calls order by call_sid") == rows
    expect(page.get_by_text("repeated")).to_have_count(2)


def test_a_table_changes_while_it_is_shown(deployed: Clone, page: Page) -> None:
    """A row appears, and changes, without a reload."""
    page.get_by_role("link", name="Tables").click()
    page.get_by_label("Table").select_option("twilio_calls")
    table = page.get_by_role("region", name="twilio_calls")
    expect(table.get_by_role("columnheader", name="display_status")).to_be_visible()
    expect(table.locator("tbody tr")).to_have_count(0)
    sid = deployed.control("POST", "calls", json={"to": "+15551234567"})["sid"]

    expect(table.get_by_role("row", name=re.compile(f"{sid} null.* completed "))).to_be_visible()


def test_functions_numbers_and_mail(deployed: Clone, page: Page) -> None:
    """Secrets by name only, the log as it is written, each number's route, and what Auth would have sent."""
    page.get_by_role("link", name="Functions").click()
    expect(page.get_by_text("VOICEHOOKS_AUTH_TOKEN")).to_be_visible()
    sid = deployed.control("POST", "calls", json={"to": "+15551234567"})["sid"]
    expect(page.get_by_role("list", name="Log of twilio-webhook")).to_contain_text(sid)
    assert deployed.values["twilio_auth_token"] not in page.locator("body").inner_text()

    page.get_by_role("link", name="Numbers").click()
    expect(page.get_by_role("row", name=re.compile("4567"))).to_contain_text("/functions/v1/twilio-webhook")

    page.get_by_role("link", name="Mail").click()
    expect(page.get_by_text("Auth has sent no mail.")).to_be_visible()


def test_a_request_that_was_repeated_says_why(deployed: Clone, page: Page) -> None:
    """The platform answers the function's first request with 546, and Twilio sends it again."""
    page.get_by_role("link", name="Controls").click()
    page.get_by_role("button", name="The next request ends with 546").click()
    sid = deployed.control("POST", "calls", json={"to": "+15551234567"})["sid"]
    deployed.control("GET", f"calls/{sid}?wait=60")
    page.get_by_role("link", name="Calls").click()
    page.get_by_role("table", name="Calls").get_by_text("+1 555 123 4567").click()
    page.get_by_role("button", name=re.compile("attempt 2")).click()

    expect(page.get_by_text("Sent again, because attempt 1 was answered with 546.")).to_be_visible()
    expect(page.locator(".mark-failed")).to_have_count(1)


def test_a_recording_plays(page: Page, completed: str) -> None:
    """The audio of a recording is loaded by the page's own player."""
    page.get_by_role("tab", name="Recordings").click()
    player = page.get_by_label("Recording").locator("visible=true").last
    duration = player.evaluate(
        "audio => new Promise((done, failed) => {"
        " audio.onloadedmetadata = () => done(audio.duration); audio.onerror = () => failed(audio.error);"
        " audio.preload = 'metadata'; audio.load(); })"
    )

    assert duration == pytest.approx(5, abs=0.5)
