"""`voicehooks logs` against a running sandbox, and against a Management API that has the logs endpoint."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.clone import Clone

ID = "9f1c0f0e-0000-4000-8000-000000000001"
FUNCTIONS = [{"id": ID, "slug": "twilio-webhook"}]
ROWS = [
    {
        "id": "b",
        "timestamp": "2099-11-24 10:00:01.123456789",
        "event_message": "second\n",
        "function_id": ID,
        "level": "error",
    },
    {"id": "a", "timestamp": 4099194000000000, "event_message": "first", "function_id": ID, "level": None},
]


@pytest.fixture
def clone(deployed: Clone) -> Clone:
    """A deployed environment whose sandbox lies where the project looks for it."""
    return deployed


class HostedApi(ThreadingHTTPServer):
    """The two requests of the Management API that the logs need; `answers` by path."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, Any]] = {
            "functions": (200, FUNCTIONS),
            "logs": (200, {"result": ROWS}),
        }
        self.asked: list[dict[str, list[str]]] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: HostedApi

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.server.asked.append(parse_qs(url.query))
        status, body = self.server.answers[url.path.rpartition("/")[2]]
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hosted(clone: Clone) -> Iterator[HostedApi]:
    """The clone's stack looks like one on real accounts, whose Management API is here."""
    api = HostedApi()
    threading.Thread(target=api.serve_forever, daemon=True).start()
    path = clone.folder / "Pulumi.local.yaml"
    text = path.read_text()
    path.write_text(
        text.replace(clone.values["supabase_api_url"], f"http://127.0.0.1:{api.server_port}").replace(
            clone.values["twilio_base_url"], "https://api.twilio.com"
        )
    )
    yield api
    path.write_text(text)
    api.shutdown()
    api.server_close()


def test_sandbox_functions_are_read_with_their_names(clone: Clone) -> None:
    """Every function's lines, oldest first, each with moment and function; the count is no part of them."""
    clone.call()
    done = clone.voicehooks("logs")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines == sorted(lines, key=lambda line: line[:12])
    assert any("twilio-webhook" in line and "boot" in line for line in lines)
    assert done.stderr == f"local, the last 1h: {len(lines)} lines\n"


def test_one_function_and_json(clone: Clone) -> None:
    """A name leaves the others out; --json is one document of the same lines."""
    document = json.loads(clone.voicehooks("logs", "twilio-fallback", "--json").stdout)
    assert document["stack"] == "local"
    assert {line["function"] for line in document["lines"]} == {"twilio-fallback"}
    assert set(document["lines"][0]) == {"time", "function", "level", "message"}


def test_unknown_function_names_the_known_ones(clone: Clone) -> None:
    """One sentence, exit code 2."""
    done = clone.voicehooks("logs", "nobody")
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no log nobody" in done.stderr
    assert "twilio-webhook" in done.stderr


@pytest.mark.parametrize(
    ("since", "why"), [("soon", "not a number with s, m, h or d"), ("25h", "at most 24 hours")]
)
def test_wrong_span_is_refused(clone: Clone, since: str, why: str) -> None:
    """One sentence that says what would be right."""
    done = clone.voicehooks("logs", "--since", since)
    assert done.returncode == 2
    assert why in done.stderr


def test_hosted_logs_are_asked_of_supabase(clone: Clone, hosted: HostedApi) -> None:
    """The unified logs, by the functions' ids, for the time asked for; both forms of a moment are read."""
    done = clone.voicehooks("logs", "--since", "15m")
    assert done.returncode == 0, done.stderr
    assert [line.split()[2:] for line in done.stdout.splitlines()] == [
        ["twilio-webhook", "log", "first"],
        ["twilio-webhook", "error", "second"],
    ]
    asked = hosted.asked[-1]
    assert f"log_attributes['function_id'] in ('{ID}')" in asked["sql"][0]
    assert set(asked) == {"sql", "iso_timestamp_start", "iso_timestamp_end"}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((403, {"message": "Forbidden"}), "lacks the permission analytics_logs_read"),
        ((404, {"message": "Not Found"}), "Not Found"),
        ((200, {"result": None, "error": {"message": "no such column"}}), "no such column"),
    ],
)
def test_refusal_gives_the_link(
    clone: Clone, hosted: HostedApi, answer: tuple[int, dict[str, Any]], why: str
) -> None:
    """Where the API does not give them: why, and the dashboard's page of this project."""
    hosted.answers["logs"] = answer
    done = clone.voicehooks("logs")
    assert (done.returncode, done.stdout) == (2, "")
    assert why in done.stderr
    assert "https://supabase.com/dashboard/project/sandboxsandboxsandbo/logs/edge-functions" in done.stderr


def test_hosted_function_that_is_not_there(clone: Clone, hosted: HostedApi) -> None:
    """The project's functions are named, and no log is asked for."""
    done = clone.voicehooks("logs", "nobody")
    assert done.returncode == 2
    assert "those are: twilio-webhook" in done.stderr
    assert len(hosted.asked) == 1
