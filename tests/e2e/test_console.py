"""`voicehooks console`: the page's requests over a deployed stack, compared with the sandbox's."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from pydantic import TypeAdapter
from voicehooks_page.api import EVENTS, READING, Reading

from tests.support.chromium import accessibility_violations, browser
from tests.support.clone import NUMBER, Clone, variables
from tests.support.hand_deployed import BIN
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow

AGENT = "+15557654321"


@contextlib.contextmanager
def console(clone: Clone) -> Iterator[str]:
    """Run the console of a clone's stack; yields the address that it prints."""
    process = subprocess.Popen(
        [BIN / "voicehooks", "console", "--stack", "local"],
        cwd=clone.folder,
        env={**variables(), **clone.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = re.fullmatch(r"local: (http://127\.0\.0\.1:\d+/\?token=\S+)\n", line)
        assert address, (line, process.stderr.read() if process.stderr and not line else "")
        yield address[1]
    finally:
        process.send_signal(signal.SIGINT)
        output = process.communicate(timeout=PATIENCE)
    assert (process.returncode, output[1]) == (0, "")


@contextlib.contextmanager
def signed_in(address: str) -> Iterator[httpx.Client]:
    """A browser that has opened the address."""
    url = address.partition("?")[0]
    with httpx.Client(base_url=url, timeout=PATIENCE, follow_redirects=True) as client:
        assert client.get(address).raise_for_status().headers["content-type"].startswith("text/html")
        yield client


def of_call(reading: Reading, call: dict[str, Any], request: int) -> str:
    """The path of a request about a call."""
    values = {
        "table": "twilio_calls",
        "slug": "twilio-webhook",
        "id": str(request),
        "sid": call["recordings"][0]["sid"] if reading.path.startswith("recordings") else call["sid"],
    }
    return reading.path.format(**values)


def test_both_servers_answer_the_pages_requests(deployed: Clone) -> None:
    """Each request has the documented answer, and is a 404 where a server does not have it."""
    call = deployed.call(legs={AGENT: {"talkSeconds": 3}})
    with (
        console(deployed) as address,
        signed_in(address) as live,
        httpx.Client(base_url=deployed.values["page_url"], timeout=PATIENCE) as sandbox,
    ):
        for reading in READING:
            if reading.path == "events":
                continue
            for name, client in (("sandbox", sandbox), ("console", live)):
                requests = client.get("webhook-requests").json()["webhook_requests"]
                answer = client.get(of_call(reading, call, requests[0]["id"]))
                if name not in reading.servers:
                    assert answer.status_code == 404, (name, reading.path)
                elif reading.answer is None:
                    assert answer.headers["content-type"].startswith("audio/"), (name, reading.path)
                    assert len(answer.content) > 1000
                else:
                    assert answer.status_code == 200, (name, reading.path, answer.text)
                    TypeAdapter(reading.answer).validate_json(answer.content, strict=True)

        here, there = sandbox.get(f"calls/{call['sid']}").json(), live.get(f"calls/{call['sid']}").json()
        for key in ("sid", "from", "to", "status", "duration", "direction"):
            assert there["call"][key] == here["call"][key]
        assert [leg["sid"] for leg in there["legs"]] == [leg["sid"] for leg in here["legs"]]
        assert [recording["sid"] for recording in there["recordings"]] == [
            recording["sid"] for recording in here["recordings"]
        ]
        assert there["finished"] is True
        path = f"webhook-requests?call_sid={call['sid']}"
        sent = {
            json.dumps(request["params"], sort_keys=True)
            for request in sandbox.get(path).json()["webhook_requests"]
        }
        kept = {
            json.dumps(request["params"], sort_keys=True)
            for request in live.get(path).json()["webhook_requests"]
        }
        assert kept == sent
        (number,) = [item for item in live.get("numbers").json()["numbers"] if item["phone_number"] == NUMBER]
        assert re.match(r"twilio-webhook v\d+; if that fails twilio-fallback v\d+; recorded", number["route"])
        assert number["forward_to"] == [AGENT]


def test_both_servers_describe_the_pages_requests(deployed: Clone) -> None:
    """The OpenAPI document of each has the requests that it has, with the types of their answers."""
    with console(deployed) as address, signed_in(address) as live:
        there = live.get("openapi.json").json()["paths"]
    here = deployed.control("GET", "openapi.json")["paths"]
    for reading in READING:
        mine, theirs = here.get(f"/_sandbox/{reading.path}"), there.get(f"/{reading.path}")
        assert (mine is not None and "get" in mine, theirs is not None) == (
            "sandbox" in reading.servers,
            "console" in reading.servers,
        ), reading.path
        for described in (item["get"] for item in (mine, theirs) if item and reading.answer):
            schema = described["responses"]["200"]["content"]["application/json"]["schema"]
            assert schema["properties"].keys() == reading.answer.__annotations__.keys()


def test_the_console_follows_a_call(deployed: Clone) -> None:
    """Its stream has the events of a call that begins later, each as documented."""
    seen: dict[str, list[dict[str, Any]]] = {}
    with (
        console(deployed) as address,
        signed_in(address) as live,
        live.stream("GET", "events") as stream,
    ):
        sid, event = "", ""
        for line in stream.iter_lines():
            name, _, value = line.partition(": ")
            if (name, value) == ("", "connected"):
                sid = deployed.call(legs={AGENT: {"talkSeconds": 3}})["sid"]
            elif name == "event":
                event = value
            elif name == "data":
                data = json.loads(value)
                if event == "row":
                    data.pop("id")
                TypeAdapter(EVENTS[event]).validate_json(json.dumps(data), strict=True)
                seen.setdefault(event, []).append(data)
                if event == "call" and (data["sid"], data["status"]) == (sid, "completed"):
                    break
    assert seen.keys() == {"call", "step", "webhook-request", "row"}
    assert {item["root_call_sid"] for item in seen["webhook-request"]} == {sid}


def test_one_browser_reads_and_nobody_changes(deployed: Clone) -> None:
    """The address works once; nothing is answered without its cookie, nor for another host or method."""
    with console(deployed) as address:
        url = address.partition("?")[0]
        assert "printed" in httpx.get(f"{url}about").json()["message"]
        assert httpx.get(f"{url}?token=wrong").status_code == 403
        with signed_in(address) as live:
            assert live.get("about").json() == {
                "name": "Stack local",
                "read_only": True,
                "account_sid": deployed.values["twilio_account_sid"],
                "project_ref": deployed.values["supabase_project_ref"],
            }
            again = httpx.get(address)
            assert (again.status_code, "another browser" in again.json()["message"]) == (403, True)
            assert live.get("about", headers={"Host": "example.com"}).status_code == 403
            for method in ("POST", "PUT", "PATCH", "DELETE"):
                assert live.request(method, "calls").status_code == 405
            refused = live.get("calls?limit=x")
            assert (refused.status_code, refused.json()["message"]) == (
                400,
                "'limit' is a whole number, not 'x'.",
            )
            assert live.get("calls/CA1").status_code == 404
            deployed.supabase_control("POST", "database/stop", json={"only": "postgrest"})
            failed = live.get("calls")
            deployed.supabase_control("POST", "database/start")
            assert failed.status_code == 502
            assert failed.json()["message"].startswith("Table twilio_calls cannot be read: ")


def test_the_page_shows_a_live_call(deployed: Clone) -> None:
    """In a real browser: a call with its callbacks and its recording, the findings; nothing to change."""
    call = deployed.call(legs={AGENT: {"talkSeconds": 3}})
    with console(deployed) as address, browser() as chromium:
        page = chromium.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(PATIENCE * 1000)
        expect.set_options(timeout=PATIENCE * 1000)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: errors.append(request.method) if request.method != "GET" else None)
        page.goto(address)
        expect(page.get_by_text("Stack local")).to_be_visible()
        assert "token" not in page.url
        page.get_by_text("+1 555 010 0001").first.click()
        expect(page.get_by_text(call["sid"])).to_be_visible()
        expect(page.get_by_text(re.compile(r"Requests \d"))).to_be_visible()
        page.get_by_text("Recordings 1").click()
        audio = page.locator("audio")
        expect(audio).to_have_count(1)
        played = audio.evaluate("audio => fetch(audio.src).then(answer => answer.headers.get('content-type'))")
        assert played == "audio/mpeg"
        assert page.get_by_role("button", name="Resend").count() == 0
        page.get_by_text("Findings").click()
        expect(page.get_by_text(re.compile("^settings: ")).first).to_be_visible()
        assert accessibility_violations(page) == []
        assert errors == []


def test_a_port_that_is_taken_is_one_sentence(deployed: Clone) -> None:
    """The error says which port, why, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = deployed.voicehooks("console", "--port", str(port))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"voicehooks: the console cannot listen on port {port}: address already in use; "
        "leave --port out to take a free one\n"
    )
