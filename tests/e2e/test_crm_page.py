"""The CRM example in a real Chromium, against a sandbox in real time: what `make crm` serves."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect
from voicehooks_sandbox.testing import running_sandbox

from tests.functions.project import MIGRATIONS, Project, apply_migration
from tests.support.chromium import accessibility_violations, browser
from tests.support.waiting import PATIENCE, wait_for
from tools.crm import PASSWORD, USERS, prepare, site

pytestmark = pytest.mark.slow

AGENT, COLLEAGUE = USERS
ADA, GRACE = "+15550001111", "+15550002222"
LONG = {"ringSeconds": 1, "talkSeconds": None}

expect.set_options(timeout=PATIENCE * 1000)


@dataclass(frozen=True)
class Crm:
    """The served page and the project behind it."""

    url: str
    project: Project

    def twilio(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request to Twilio's control plane."""
        url = f"{self.project.env['twilio_base_url']}/_sandbox{path}"
        answer = httpx.request(method, url, json=body or {}, timeout=PATIENCE)
        return answer.raise_for_status().json()

    def scenarios(self, **scripts: Any) -> None:
        """What the parties do in all further calls."""
        self.twilio("PUT", "/scenarios", {"*": LONG, **scripts})

    def end_calls(self) -> None:
        """Let everybody hang up, and wait until Twilio has said so."""
        for row in self.project.rows(
            "select call_sid from twilio_calls where parent_call_sid is null and ended_at is null"
        ):
            with contextlib.suppress(httpx.HTTPStatusError):  # it ended meanwhile
                self.twilio("POST", f"/calls/{row['call_sid']}/hang-up")
        wait_for(
            lambda: not self.project.rows("select from twilio_calls where ended_at is null"),
            "all calls are over",
        )


@contextlib.contextmanager
def served(listener: socket.socket, values: dict[str, str]) -> Iterator[None]:
    """Serve the page from a thread."""
    server = uvicorn.Server(uvicorn.Config(site(values), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crm]:
    """Schema, functions, number, leads and users, as `make up` and `make crm` leave them."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://localhost:{listener.getsockname()[1]}"
    with running_sandbox(tmp_path_factory.mktemp("crm") / "sandbox") as values, served(listener, values):
        project = Project(values)
        try:
            for migration in MIGRATIONS:
                apply_migration(project.database, migration)
            project.wait_for_schema()
            project.set_secrets(VOICEHOOKS_AUTH_TOKEN=project.auth_token)
            # The tests share one user, who may place more calls than the default allows in a minute.
            settings = project.settings(allowedOrigins=[url], callsPerMinute=600)
            for folder in ("twilio-webhook", "place-call", "control-call", "recording"):
                project.deploy(folder, settings)
            prepare(values)
            project.answer_number()
            wait_for(lambda: project.rest("GET", "/lead_calls", key="secret").status_code != 404, "the views")
            yield Crm(url, project)
        finally:
            project.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of this file; each page has a context of its own."""
    with browser("--autoplay-policy=no-user-gesture-required") as running:
        yield running


@pytest.fixture
def sign_in(crm: Crm, chromium: Browser) -> Iterator[Any]:
    """Sign in; returns the page, which is closed after the test. Its console must stay empty."""
    crm.scenarios()
    contexts, complaints = [], []

    def open_page(email: str = AGENT, **options: Any) -> Page:
        context = chromium.new_context(**options)
        context.set_default_timeout(PATIENCE * 1000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(crm.url)
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator(".live")).to_have_text("Live")
        return page

    yield open_page
    for context in contexts:
        context.close()
    crm.end_calls()
    assert complaints == []


def bar(page: Page) -> Any:
    """The bar of the current call."""
    return page.get_by_role("region", name="Current call")


def call_ada(page: Page) -> None:
    """Press Call at a lead."""
    page.get_by_role("button", name="Call: Ada Lovelace").click()


def test_a_wrong_password_is_a_sentence_at_the_button(crm: Crm, chromium: Browser) -> None:
    """The sandbox's user is filled in; what Auth answers is shown."""
    page = chromium.new_page()
    try:
        page.goto(crm.url)
        expect(page.get_by_label("Email")).to_have_value(AGENT)
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_have_text("Invalid login credentials.")
    finally:
        page.close()


def test_a_call_shows_each_step_in_order_with_a_timer(crm: Crm, sign_in: Any) -> None:
    """The four words, the seconds since talking_since within one, and at the end a recording that plays."""
    crm.scenarios(**{ADA: {"ringSeconds": 2, "talkSeconds": 4}})
    page = sign_in()
    page.evaluate("""() => {
      window.steps = [];
      const bar = document.querySelector(".call-bar");
      new MutationObserver(() => {
        const text = bar.querySelector(".status")?.textContent;
        if (text && steps.at(-1) !== text) steps.push(text);
      }).observe(bar, { subtree: true, childList: true, characterData: true });
    }""")

    call_ada(page)

    expect(bar(page)).to_have_attribute("data-status", "connected")
    expect(bar(page).locator(".timer")).to_have_text("00:02")
    shown = page.evaluate("""() => new Promise((done) => {
      const timer = document.querySelector(".timer");
      new MutationObserver(() => done([timer.textContent, Date.now()])).observe(timer, { childList: true });
    })""")
    (row,) = crm.project.rows(
        "select call_sid, talking_since from twilio_calls where reference is not null and ended_at is null"
    )
    minutes, seconds = map(int, shown[0].split(":"))
    assert abs(shown[1] / 1000 - row["talking_since"].timestamp() - (60 * minutes + seconds)) <= 1
    expect(bar(page).locator(".status")).to_have_text(re.compile(r"Call ended, 00:0[45]"))
    assert page.evaluate("steps.map((step) => step.split(',')[0])") == [
        "Connecting...",
        "Ringing...",
        "Connected",
        "Call ended",
    ]
    page.get_by_role("link", name="Ada Lovelace").first.click()
    recorded = "select from twilio_recordings where call_sid = %s and status = 'completed'"
    wait_for(lambda: crm.project.rows(recorded, row["call_sid"]), "the recording")
    page.get_by_role("button", name="Recording of the call with Ada Lovelace").first.click()
    decoded = page.locator("audio").evaluate("""async (audio) => {
      const bytes = await (await fetch(audio.src)).arrayBuffer();
      const sound = await new AudioContext().decodeAudioData(bytes);
      return { seconds: sound.duration, played: audio.duration };
    }""")
    assert 3 <= decoded["seconds"] <= 7
    assert abs(decoded["played"] - decoded["seconds"]) < 0.5


def test_hanging_up_ends_the_call_for_both(crm: Crm, sign_in: Any) -> None:
    """The button of the bar ends the agent's and the lead's leg."""
    page = sign_in()
    call_ada(page)
    expect(bar(page)).to_have_attribute("data-status", "connected")

    bar(page).get_by_role("button", name="Hang up").click()

    expect(bar(page).locator(".status")).to_have_text(re.compile("Call ended"))
    wait_for(
        lambda: not crm.project.rows("select from twilio_calls where ended_at is null"), "both legs are over"
    )


def test_a_call_is_shown_again_after_a_reload(crm: Crm, sign_in: Any) -> None:
    """The bar follows the call that goes on, and no second call is placed meanwhile."""
    page = sign_in()
    call_ada(page)
    expect(bar(page)).to_have_attribute("data-status", "connected")

    page.reload()

    expect(bar(page)).to_contain_text("Ada Lovelace")
    expect(bar(page)).to_have_attribute("data-status", "connected")
    page.get_by_role("button", name="Call: Grace Hopper").click()
    expect(page.locator("li", has_text="Grace Hopper").get_by_role("alert")).to_have_text(
        "End the current call first."
    )


def test_an_incoming_call_pops_up_with_its_lead(crm: Crm, sign_in: Any) -> None:
    """Name, company and the way to the lead; when the agent's phone answers, the call moves into the bar."""
    crm.scenarios(**{"+15557654321": {"ringSeconds": 6, "talkSeconds": None}})
    page = sign_in()

    crm.twilio("POST", "/calls", {"from": GRACE, "to": "+15551234567"})

    card = page.get_by_role("article")
    expect(card).to_contain_text("Grace Hopper")
    expect(card).to_contain_text("Harvard Mark I")
    assert accessibility_violations(page) == []
    card.get_by_role("link", name="Open lead").click()
    expect(page.get_by_role("heading", name="Grace Hopper")).to_be_visible()
    expect(bar(page)).to_contain_text("Grace Hopper")
    expect(bar(page)).to_have_attribute("data-status", "connected")
    expect(card).to_have_count(0)
    expect(page.locator(".presence li", has_text="Sam Reyes")).to_contain_text("on a call")


def test_a_transferred_call_goes_on_with_the_colleague(crm: Crm, sign_in: Any) -> None:
    """The lead is connected with the colleague's phone; the bar stays connected and can still hang up."""
    page = sign_in()
    call_ada(page)
    expect(bar(page)).to_have_attribute("data-status", "connected")
    bar(page).get_by_role("button", name="Transfer").click()
    expect(bar(page).get_by_role("alert").first).to_have_text("Choose who takes the call.")

    bar(page).get_by_label("Transfer to").select_option("Robin Chen")
    bar(page).get_by_role("button", name="Transfer").click()

    wait_for(
        lambda: crm.project.rows(
            "select from twilio_calls where to_number = '+15557650000' and status = 'in-progress'"
        ),
        "the colleague answers",
    )
    expect(bar(page)).to_have_attribute("data-status", "connected")
    bar(page).get_by_role("button", name="Hang up").click()
    expect(bar(page).locator(".status")).to_have_text(re.compile("Call ended"))


def test_two_users_do_not_see_each_others_calls(crm: Crm, sign_in: Any) -> None:
    """Neither in the list nor by Realtime; an incoming call is everybody's."""
    page, other = sign_in(), sign_in(COLLEAGUE)
    for each in (page, other):
        each.goto(f"{crm.url}/#/calls?direction=outgoing")
    before = other.locator(".calls li").count()
    page.goto(f"{crm.url}/#/leads")
    call_ada(page)
    expect(bar(page)).to_have_attribute("data-status", "connected")
    crm.twilio("POST", "/calls", {"from": GRACE, "to": "+15551234567"})

    # The later call has arrived there, so the earlier one would have.
    expect(other.get_by_role("article")).to_contain_text("Grace Hopper")
    other.reload()
    expect(other.get_by_role("heading", name="Calls")).to_be_visible()
    assert other.locator(".calls li", has_text="Ada Lovelace").count() == before == 0
    expect(bar(other)).to_be_hidden()
    page.goto(f"{crm.url}/#/calls?direction=outgoing")
    expect(page.locator(".calls li", has_text="Ada Lovelace").first).to_be_visible()


def test_missed_calls_are_listed_and_called_back(crm: Crm, sign_in: Any) -> None:
    """A call that nobody answered is in the list, and its button places a call."""
    crm.scenarios(**{"+15557654321": {"scenario": "busy"}})
    page = sign_in()
    page.get_by_role("link", name="Missed").click()
    crm.twilio("POST", "/calls", {"from": GRACE, "to": "+15551234567"})

    expect(page.locator(".calls li", has_text="Grace Hopper").first).to_contain_text("Missed")
    crm.scenarios()
    page.get_by_role("button", name="Call back: Grace Hopper").first.click()
    expect(bar(page)).to_have_attribute("data-status", "connected")


def test_a_refusal_is_shown_at_the_button(crm: Crm, sign_in: Any) -> None:
    """The sentence of place-call, next to the button that was pressed."""
    crm.project.database.execute("update leads set phone = '+442071838750' where name = 'Hedy Lamarr'")
    page = sign_in()

    page.get_by_role("button", name="Call: Hedy Lamarr").click()

    expect(page.locator("li", has_text="Hedy Lamarr").get_by_role("alert")).to_have_text(
        '"to": calls to the country of +442071838750 are not allowed here.'
    )
    expect(bar(page)).to_be_hidden()


def test_the_page_recovers_when_the_database_was_away(crm: Crm, sign_in: Any) -> None:
    """A call that goes on meanwhile is shown again, and what ended is over, without a reload."""
    page = sign_in()
    call_ada(page)
    expect(bar(page)).to_have_attribute("data-status", "connected")

    with crm.project.database_down():
        page.get_by_role("link", name="Calls").click()
        expect(page.locator("main > .problem")).to_be_visible()
    expect(page.locator(".calls li").first).to_contain_text("Ada Lovelace")
    expect(page.locator(".live")).to_have_text("Live")
    bar(page).get_by_role("button", name="Hang up").click()
    expect(bar(page).locator(".status")).to_have_text(re.compile("Call ended"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing(crm: Crm, sign_in: Any, scheme: str, width: int) -> None:
    """Every page, with a call in progress, in both color schemes, wide and narrow; nothing is cut off."""
    page = sign_in(color_scheme=scheme, viewport={"width": width, "height": 720})
    call_ada(page)
    expect(bar(page)).to_have_attribute("data-status", "connected")
    for place, heading in (("leads", "Leads"), ("calls", "Calls"), ("missed", "Missed calls")):
        page.goto(f"{crm.url}/#/{place}")
        expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
        assert accessibility_violations(page) == [], place
        assert page.evaluate("document.documentElement.scrollWidth") <= width, place
