"""`voicehooks console`: who may read, and what is read; over a table that answers by its filters."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from voicehooks.commands.console import reader
from voicehooks.commands.console.app import create_app
from voicehooks.commands.doctor.model import Check, Finding, Outcome, Report
from voicehooks.output.errors import CommandError

BASE = "http://127.0.0.1:1234"
CALL, RECORDING = "CA" + "1" * 32, "RE" + "2" * 32


class Database:
    """The tables; notes what is asked of them.

    Attributes:
        answers: rows by table.
        asked: the filters, with the table.
    """

    def __init__(self) -> None:
        self.answers: dict[str, list[dict[str, Any]]] = {}
        self.asked: list[dict[str, Any]] = []

    async def rows(self, table: str, **filters: Any) -> list[dict[str, Any]]:
        self.asked.append({"table": table, **filters})
        return [] if filters.get("limit") == 0 else self.answers.get(table, [])


@pytest.fixture
def database() -> Database:
    """Empty tables."""
    return Database()


class Browser:
    """A browser, which keeps its cookies and follows no redirects."""

    def __init__(self, app: Any, runner: asyncio.Runner) -> None:
        self._runner = runner
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE)
        self.cookies = self._client.cookies

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send a request."""
        return self._runner.run(self._client.request(method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Read."""
        return self.request("GET", path, **more)


@pytest.fixture
def ended() -> asyncio.Event:
    """Set when the console ends."""
    return asyncio.Event()


@pytest.fixture
def stranger(database: Database, ended: asyncio.Event) -> Iterator[Browser]:
    """A browser that has not opened the printed address."""
    settings = SimpleNamespace(supabase_project="ref", webhook_url="https://ref.test/twilio-webhook")
    environment: Any = SimpleNamespace(name="prod", account_sid="AC1", settings=settings, is_sandbox=False)
    tables: Any = database
    with asyncio.Runner() as runner:
        yield Browser(create_app(environment, tables, ended, token="t0ken", port=1234), runner)


@pytest.fixture
def client(stranger: Browser) -> Browser:
    """The browser that has."""
    stranger.get("/?token=t0ken")
    return stranger


def test_the_address_lets_one_browser_in_once(stranger: Browser) -> None:
    """Its token becomes a cookie that no script reads and no other site sends; the token is in no address."""
    for path in ("/", "/about", "/about?token=t0ken", "/?token=wrong", "/?token="):
        assert stranger.get(path).status_code == 403
    answer = stranger.get("/?token=t0ken")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("voicehooks_console_1234=")
    assert "httponly" in cookie.lower()
    assert "samesite=strict" in cookie.lower()
    assert stranger.get("/about").json() == {
        "name": "Stack prod",
        "read_only": True,
        "account_sid": "AC1",
        "project_ref": "ref",
    }
    stranger.cookies.clear()
    again = stranger.get("/?token=t0ken")
    assert (again.status_code, "another browser" in again.json()["message"]) == (403, True)
    for value in ("wrong", ""):
        stranger.cookies.set("voicehooks_console_1234", value)
        assert stranger.get("/about").status_code == 403
    assert stranger.get("/about", headers={"Cookie": "a[=b; ="}).status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_nothing_can_be_changed(client: Browser, method: str) -> None:
    """Not even by the browser that may read; nor does another host's name lead here."""
    assert client.request(method, "/calls").status_code == 405
    assert client.get("/about", headers={"Host": "example.com"}).status_code == 403


@pytest.mark.parametrize(("query", "limit"), [("", 200), ("?limit=5", 5), ("?limit=99999", reader._MOST)])
def test_calls_are_limited(client: Browser, database: Database, query: str, limit: int) -> None:
    """First legs, newest first."""
    assert client.get(f"/calls{query}").json() == {"calls": []}
    [asked] = [row for row in database.asked if row["table"] == "twilio_calls" and "limit" in row]
    assert (asked["limit"], asked["order"], asked["parent_call_sid"]) == (limit, "created_at.desc", "is.null")
    assert "created_at" not in asked


def test_older_calls(client: Browser, database: Database) -> None:
    """Those before a call that is there."""
    assert client.get(f"/calls?before={CALL}").status_code == 404
    assert client.get("/calls?before=CA1,x").status_code == 404
    database.answers["twilio_calls"] = [{"created_at": "2026-11-24"}]
    client.get(f"/calls?before={CALL}&limit=0")
    assert {"created_at": "lt.2026-11-24"}.items() <= next(
        row.items() for row in database.asked if row.get("limit") == 0
    )


@pytest.mark.parametrize(
    "path",
    [
        "/calls/CA1",
        f"/calls/{CALL}0",
        "/calls/CA1),or(a.eq.b",
        "/webhook-requests?call_sid=x",
        "/tables/auth.users",
        "/tables/vault",
        "/functions/a.b/logs",
        "/recordings/RE1",
        f"/recordings/{RECORDING}",
        "/none",
    ],
)
def test_what_is_not_there(client: Browser, database: Database, path: str) -> None:
    """404 with a sentence; only our tables are shown, and what is no SID reaches no filter."""
    answer = client.get(path)
    assert (answer.status_code, bool(answer.json()["message"])) == (404, True)
    assert RECORDING in path or database.asked == []


@pytest.mark.parametrize("limit", ["x", "-1", "1.5", "9" * 19, "²"])
def test_a_number_that_is_none(client: Browser, limit: str) -> None:
    """Refused with its name."""
    answer = client.get("/calls", params={"limit": limit})
    assert (answer.status_code, "'limit'" in answer.json()["message"]) == (400, True)


def test_requests_after_one(client: Browser, database: Database) -> None:
    """Of the legs of a call as well; those of one millisecond differ by their numbers."""
    leg = "CA" + "3" * 32
    common: dict[str, Any] = {
        "call_sid": CALL,
        "params": {},
        "path": "/status",
        "occurred_at": None,
        "error": None,
    }
    database.answers["twilio_calls"] = [{"call_sid": leg}]
    database.answers["twilio_call_events"] = [
        {**common, "event_key": key, "kind": "status", "received_at": "2026-11-24T12:00:00.123456+00:00"}
        for key in ("a", "b")
    ]
    first, second = client.get(f"/webhook-requests?call_sid={CALL}").json()["webhook_requests"]
    assert first["id"] < second["id"]
    assert database.asked[-1]["call_sid"] == f"in.({CALL},{leg})"
    assert "received_at" not in database.asked[-1]
    answer = client.get(f"/webhook-requests?after={first['id']}&limit=7").json()
    assert answer == {"webhook_requests": [second]}
    assert "call_sid" not in database.asked[-1]
    assert database.asked[-1]["limit"] == 7
    assert database.asked[-1]["kind"] == "not.in.(placed,refused,reconciled,transfer)"
    assert database.asked[-1]["received_at"] == "gte.2026-11-24T12:00:00.123000+00:00"
    assert client.get(f"/webhook-requests?after={'9' * 18}").json() == {"webhook_requests": []}


def test_a_stream_does_not_begin_without_a_database(
    client: Browser, database: Database, ended: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an error of its request, which the page repeats; only one that continues has begun before."""

    async def fail(table: str, **_: Any) -> list[Any]:
        raise CommandError(f"table {table} cannot be read", "it is away", "wait")

    monkeypatch.setattr(database, "rows", fail)
    ended.set()
    for last in ("", "x", "²", "9" * 19):
        answer = client.get("/events", headers={"Last-Event-ID": last.encode()})
        assert (answer.status_code, "it is away" in answer.json()["message"]) == (502, True)
    for request in ({"headers": {"Last-Event-ID": "1"}}, {"params": {"after": "1"}}):
        answer = client.get("/events", **request)
        assert (answer.status_code, answer.text) == (200, ": connected\n\n")
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"


def test_rows_of_a_table(client: Browser, database: Database) -> None:
    """Newest first, with the columns' names; those of an empty one are not known."""
    for table in client.get("/tables").json()["tables"]:
        assert client.get(f"/tables/{table}").json() == {"columns": [], "rows": []}
        assert database.asked[-1]["order"].endswith(".desc")
    assert len({row["table"] for row in database.asked}) > 3
    database.answers["twilio_calls"] = [{"a": 1, "b": None}]
    answer = client.get("/tables/twilio_calls?limit=3").json()
    assert (answer["columns"], database.asked[-1]["limit"]) == (["a", "b"], 3)


def test_the_newest_steps(client: Browser, database: Database) -> None:
    """The view sorts all that it is asked for: what was received since the last one that is to be shown."""
    client.get("/tables/twilio_call_timeline?limit=3")
    assert "received_at" not in database.asked[-1]
    database.answers["twilio_call_events"] = [{"received_at": "2026-11-24"}]
    for limit, offset in ((3, 2), (0, 0), (5000, 999)):
        client.get(f"/tables/twilio_call_timeline?limit={limit}")
        first, second = database.asked[-2:]
        assert (first["offset"], first["limit"], first["order"]) == (offset, 1, "received_at.desc")
        assert (second["received_at"], second["limit"]) == ("gte.2026-11-24", min(limit, 1000))


@pytest.mark.parametrize(("status", "account"), [("completed", "AC9"), ("absent", None), ("deleted", None)])
def test_only_a_recording_that_is_there_is_played(database: Database, status: str, account: str | None) -> None:
    """From the account that made it, which may be a subaccount."""
    database.answers["twilio_recordings"] = [{"status": status, "account_sid": "AC9"}]
    none: Any = None
    given: Any = database
    reading = reader.Reader(none, given).recording_account(RECORDING)
    if account is None:
        with pytest.raises(reader.Unknown):
            asyncio.run(reading)
    else:
        assert asyncio.run(reading) == account


def test_findings_are_those_of_the_doctor(client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong first, each with its level and its command; what was not run says nothing."""
    examined: list[str] = []

    def outcome(code: str, status: Any, *findings: Finding, do: str = "") -> Outcome:
        check = Check(code, "", None)  # type: ignore[arg-type] # never run
        return Outcome(check, status, f"{code} seen", findings, do=do)

    async def examine(environment: Any) -> Report:
        examined.append(environment.name)
        outcomes = (
            outcome("fine", "ok"),
            outcome("skipped", "not-run"),
            outcome("dark", "unknown", do="look"),
            outcome("bad", "problem", Finding("it is bad", "fix it", do="think"), Finding("so is this")),
            outcome("odd", "warning", Finding("it is odd", severity="warning")),
        )
        return Report("prod", "", outcomes)

    monkeypatch.setattr(reader, "examine", examine)
    findings = client.get("/findings").json()["findings"]
    assert [tuple(row.values()) for row in findings] == [
        ("error", "it is bad; think", "fix it"),
        ("error", "so is this", ""),
        ("warning", "dark could not tell: dark seen; look", ""),
        ("warning", "it is odd", ""),
        ("ok", "fine: fine seen", ""),
    ]
    client.get("/findings")
    assert examined == ["prod"]
