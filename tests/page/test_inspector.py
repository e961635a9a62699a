"""The page as an inspector: filters, copies, faults, time, snapshots, restarts, long lists."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from voicehooks_sandbox import launcher
from voicehooks_sandbox.state import StateFolder

from tests.page.conftest import NUMBER
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow
Control = Callable[..., Any]


def call(control: Control, **scenario: Any) -> str:
    """A call that is over; its SID."""
    sid = control("POST", "calls", {"to": NUMBER, **scenario})["sid"]
    assert control("GET", f"calls/{sid}?wait=60")["finished"]
    return str(sid)


def test_a_filter_and_a_selection_are_in_the_address(page: Page, control: Control) -> None:
    """Another tab with the same address shows the same; the list of requests is searched in what was sent."""
    call(control, scenario="busy", **{"from": "+15550100002"})
    sid = call(control, scenario="busy", **{"from": "+15550100003"})
    page.get_by_role("searchbox").fill("010 0003")
    calls = page.get_by_role("table", name="Calls")
    expect(calls.get_by_role("row")).to_have_count(2)
    calls.get_by_text("+1 555 010 0003").click()
    page.get_by_role("button", name="Request 2", exact=True).click()

    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_role("table", name="Calls").get_by_role("row")).to_have_count(2)
    expect(other.get_by_role("region", name="Selected call")).to_contain_text(sid)
    expect(other.get_by_role("region", name="Request", exact=True)).to_contain_text("status")

    other.get_by_role("link", name="Requests").click()
    other.get_by_role("searchbox").fill(f'"CallSid":"{sid}"')
    sent = control("GET", f"webhook-requests?call_sid={sid}")["webhook_requests"]
    own = [request for request in sent if request["call_sid"] == sid]
    expect(other.get_by_role("table", name="Webhook requests").get_by_role("row")).to_have_count(len(own) + 1)


def test_a_copied_test_passes(page: Page, control: Control, sandbox: dict[str, str], tmp_path: Path) -> None:
    """Copy as pytest gives a test that sends the same request, correctly signed; curl a command that works."""
    call(control, scenario="busy")
    page.get_by_role("table", name="Calls").get_by_text("+1 555 123 4567").click()
    page.get_by_role("button", name="Request 1", exact=True).click()
    page.get_by_role("button", name="Copy as pytest").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    (tmp_path / "test_copied.py").write_text(page.evaluate("navigator.clipboard.readText()"), encoding="utf-8")
    page.get_by_role("button", name="Copy as curl").first.click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.startsWith('curl'))")
    curl = page.evaluate("navigator.clipboard.readText()")

    environment = {**os.environ, "TWILIO_AUTH_TOKEN": sandbox["twilio_auth_token"]}
    program = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:randomly",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    ran = subprocess.run(
        program, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert "1 passed" in ran.stdout, ran.stdout
    answer = subprocess.run(["sh", "-c", curl], capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert " 200 " in answer.stdout
    assert "<Dial>" in answer.stdout


def test_faults_are_drawn(page: Page, control: Control) -> None:
    """A fault that is ordered on the page duplicates a request: both are there, one is called repeated."""
    page.get_by_role("link", name="Controls").click()
    page.get_by_label("Requests of kind").select_option("status")
    page.get_by_role("button", name="Requests arrive twice").click()
    expect(page.get_by_text("Requests arrive twice: kind status, once")).to_be_visible()
    expect(page.get_by_role("link", name="Controls: 1 fault")).to_be_visible()
    sid = call(control, scenario="busy")
    page.goto(f"{page.url.partition('?')[0]}?call={sid}")

    expect(page.get_by_role("table").get_by_text("repeated")).to_have_count(1)
    expect(page.locator(".mark-repeated")).to_have_count(1)


def test_time_snapshots_and_reset(page: Page, control: Control) -> None:
    """The clock's pace is in the heading; a snapshot brings back a call that was deleted."""
    call(control, scenario="busy")
    page.get_by_role("link", name="Controls").click()
    page.get_by_role("button", name="x20").click()
    expect(page.get_by_role("banner")).to_contain_text("x20")
    assert control("GET", "clock")["factor"] == 20
    page.get_by_role("button", name="x1", exact=True).click()
    page.get_by_label("Name").fill("with-a-call")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Load")).to_be_visible()

    page.get_by_role("button", name="Delete all calls").click()
    page.get_by_role("link", name="Calls").click()
    expect(page.get_by_text("There are no calls yet.")).to_be_visible()
    page.get_by_role("link", name="Controls").click()
    page.get_by_role("button", name="Load").click()
    page.get_by_role("link", name="Calls").click()
    expect(page.get_by_role("table", name="Calls")).to_contain_text("+1 555 123 4567")


def test_a_menu_is_heard_and_answered_with_the_keypad(
    page: Page, control: Control, sandbox: dict[str, str], handler: str
) -> None:
    """What `<Say>` says is shown at the phone; the keypad lights up for a `<Gather>`, and its key arrives."""
    auth = (sandbox["twilio_account_sid"], sandbox["twilio_auth_token"])
    api = f"{sandbox['twilio_base_url']}/2010-04-01/Accounts/{auth[0]}/IncomingPhoneNumbers"
    number = httpx.get(f"{api}.json", params={"PhoneNumber": NUMBER}, auth=auth, timeout=PATIENCE).json()
    sid = number["incoming_phone_numbers"][0]["sid"]
    httpx.post(f"{api}/{sid}.json", data={"VoiceUrl": f"{handler}/menu"}, auth=auth, timeout=PATIENCE)
    page.keyboard.press("c")
    phone = page.get_by_role("region", name="Phone +1 555 010 0001")
    expect(phone).to_contain_text("Press 1")
    phone.locator(".keypad-lit").get_by_role("button", name="1", exact=True).click()

    expect(page.get_by_role("region", name="Selected call")).to_contain_text("Completed")
    requests = control("GET", "webhook-requests")["webhook_requests"]
    assert [request["params"].get("Digits") for request in requests if request["kind"] == "action"] == ["1"]


def test_the_page_returns_after_a_restart(chromium: Browser, tmp_path: Path) -> None:
    """It says that the sandbox is gone, connects again by itself, and shows what it has then."""
    state = StateFolder(tmp_path / "s")
    names = ("twilio", "supabase-api", "supabase", "proxy", "database")
    first = launcher.up(state, [f"--{name}-port=0" for name in names], lambda _: None)
    ports = [f"--{name}-port={first.ports[name.replace('-', '_')]}" for name in names]
    url = first.environment["page_url"]
    try:
        page = chromium.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(url)
        expect(page.get_by_text("Live", exact=True)).to_be_visible()
        launcher.down(state, purge=False)
        expect(page.get_by_text("Not connected, trying again")).to_be_visible()
        launcher.up(state, ports, lambda _: None)
        httpx.post(f"{url}calls", json={"to": NUMBER}, timeout=PATIENCE).raise_for_status()

        expect(page.get_by_text("Live", exact=True)).to_be_visible()
        expect(page.get_by_role("table", name="Calls")).to_contain_text("+1 555 123 4567")
        page.close()
    finally:
        launcher.down(state, purge=True)


def test_a_long_list_has_few_rows_in_the_document(page: Page, control: Control) -> None:
    """Of 1,200 calls only the visible ones are drawn; scrolling and arrow keys reach the others."""
    control("POST", "clock", {"factor": "max"})
    control("POST", "account", {"concurrencyLimit": None})
    sids = [control("POST", "calls", {"to": "+15551234568"})["sid"] for _ in range(1200)]
    control("GET", f"calls/{sids[-1]}?wait=60")
    page.reload()
    calls = page.get_by_role("table", name="Calls")
    expect(calls.get_by_role("row").nth(1)).to_be_visible()
    assert calls.get_by_role("row").count() < 60
    body = calls.locator(".list-body")
    loaded = calls.get_attribute("aria-rowcount")
    body.evaluate("list => list.scrollTo(0, list.scrollHeight)")
    expect(calls).not_to_have_attribute("aria-rowcount", str(loaded))
    body.evaluate("list => list.scrollTo(0, 0)")
    body.press("ArrowDown")
    body.press("ArrowDown")

    expect(page.get_by_role("region", name="Selected call")).to_contain_text(sids[-2])
    control("POST", "clock", {"factor": 1})
