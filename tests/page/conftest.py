"""A sandbox whose first number forwards calls, and the page in a real browser."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from twilio.request_validator import RequestValidator
from voicehooks_sandbox import credentials
from voicehooks_sandbox.testing import running_sandbox

from tests.support.waiting import PATIENCE

expect.set_options(timeout=PATIENCE * 1000)

CALLER, AGENT = "+15550100001", "+15557654321"
NUMBER = credentials.TWILIO_PHONE_NUMBERS[0]
_FORWARD = (
    "<Response><Say>Welcome</Say>"
    f'<Dial><Number statusCallback="/status" statusCallbackEvent="initiated ringing answered completed">{AGENT}'
    "</Number></Dial></Response>"
)
_MENU = '<Response><Gather numDigits="1" action="/chosen"><Say>Press 1</Say></Gather></Response>'


class _Handler(http.server.BaseHTTPRequestHandler):
    """Forwards calls, and accepts signed requests only, as a handler should."""

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        params = dict(httpx.QueryParams(text))
        server = cast("http.server.HTTPServer", self.server)
        url = f"http://127.0.0.1:{server.server_port}{self.path}"
        validator = RequestValidator(credentials.TWILIO_AUTH_TOKEN)
        valid = validator.validate(url, params, self.headers.get("X-Twilio-Signature", ""))
        twiml = {"/voice": _FORWARD, "/menu": _MENU, "/chosen": "<Response><Say>Thank you</Say></Response>"}
        body = twiml.get(self.path, "").encode()
        self.send_response(403 if not valid else 200 if body else 204)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body) if valid else 0))
        self.end_headers()
        if valid:
            self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def handler() -> Iterator[str]:
    """The base URL of a handler that forwards calls to an agent."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A sandbox in real time."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as values:
        yield values


@pytest.fixture
def control(sandbox: dict[str, str], handler: str) -> Iterator[Callable[..., Any]]:
    """Sends a request to the control plane; the first number forwards calls, and there are none yet."""
    account = (sandbox["twilio_account_sid"], sandbox["twilio_auth_token"])
    api = f"{sandbox['twilio_base_url']}/2010-04-01/Accounts/{account[0]}/IncomingPhoneNumbers"
    with httpx.Client(base_url=sandbox["page_url"], timeout=PATIENCE) as client:

        def send(method: str, path: str, body: Any = None) -> Any:
            answer = client.request(method, path, json=body)
            assert answer.is_success, answer.text
            return answer.json()

        send("POST", "reset", {})
        send("DELETE", "faults")
        found = httpx.get(f"{api}.json", params={"PhoneNumber": NUMBER}, auth=account, timeout=PATIENCE).json()
        sid = found["incoming_phone_numbers"][0]["sid"]
        httpx.post(
            f"{api}/{sid}.json",
            data={"VoiceUrl": f"{handler}/voice", "StatusCallback": f"{handler}/status"},
            auth=account,
            timeout=PATIENCE,
        ).raise_for_status()
        yield send


@pytest.fixture
def page(chromium: Browser, sandbox: dict[str, str], control: Callable[..., Any]) -> Iterator[Page]:
    """The page, live; an error in its console fails the test."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 800}, permissions=["clipboard-read", "clipboard-write"]
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(sandbox["page_url"])
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    yield page
    context.close()
    assert [error for error in errors if "Failed to load resource" not in error] == []
