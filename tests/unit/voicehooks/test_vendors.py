"""The ways to Twilio and to the database: what is sent, what is read, and what a failure says to do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import httpx
import pytest
from pulumi_provider_kit.cancellation import Cancellation
from pulumi_provider_kit.errors import ProviderError
from pulumi_provider_kit.vendor_answer import matches
from pulumi_supabase.client import ManagementApi
from pulumi_twilio.client import Credentials

from tests.support.prepared_twilio import prepared_twilio
from tests.unit.voicehooks.vendor_stub import ACCOUNT, CALL, NUMBER, NUMBER_OBJECT, TWILIO
from voicehooks.output.errors import CommandError
from voicehooks.stack.environment import TwilioAddress
from voicehooks.vendors.database import CHUNK, Database, secret_key
from voicehooks.vendors.errors import reported
from voicehooks.vendors.event_streams import about_numbers
from voicehooks.vendors.supabase import connect_supabase
from voicehooks.vendors.tables import rows_shape
from voicehooks.vendors.twilio import Twilio, connect_twilio

T = TypeVar("T")
BASE = f"/2010-04-01/Accounts/{ACCOUNT}"
URL = "https://shop.example"
Reply = Callable[[httpx.Request], httpx.Response]


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end."""
    return asyncio.run(coroutine)


class Server:
    """Answers, and keeps what it was asked."""

    def __init__(self, reply: Reply) -> None:
        self.requests: list[httpx.Request] = []
        self._reply = reply
        self.transport = httpx.MockTransport(self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._reply(request)


def database(server: Server, key: str = "sb_secret_x") -> Database:
    """Return the database of the environment dev."""
    return Database(URL, key, name="dev", transport=server.transport)


def twilio(server: Server) -> Twilio:
    """Return an account that this server has."""
    return Twilio(prepared_twilio(server.answer, ACCOUNT, attempts=1))


class TestDatabase:
    """The tables as PostgREST serves them."""

    @pytest.mark.parametrize(
        ("key", "headers"),
        [
            ("sb_secret_x", {"apikey": "sb_secret_x", "authorization": None}),
            ("eyJ.x", {"apikey": "eyJ.x", "authorization": "Bearer eyJ.x"}),
        ],
    )
    def test_how_it_signs_in(self, key: str, headers: dict[str, str | None]) -> None:
        """A secret key is not a JWT, and Supabase refuses it as one (Supabase docs: API keys)."""
        server = Server(lambda _: httpx.Response(200, json=[]))
        assert run(database(server, key).rows("t", select="a", limit=3)) == []
        request = server.requests[0]
        assert {name: request.headers.get(name) for name in headers} == headers
        assert str(request.url) == f"{URL}/rest/v1/t?select=a&limit=3"

    def test_rows_by_key_are_asked_for_in_chunks(self) -> None:
        """Each key once, however many; what is not there is not in the result."""
        keys = [f"CA{n}" for n in range(2 * CHUNK + 1)]

        def reply(request: httpx.Request) -> httpx.Response:
            wanted = request.url.params["call_sid"].removeprefix("in.(").removesuffix(")").split(",")
            return httpx.Response(200, json=[{"call_sid": key, "x": 1} for key in wanted if key != "CA7"])

        server = Server(reply)
        found = run(database(server).rows_by_key("t", "call_sid", keys, select="call_sid,x"))
        assert list(found) == [key for key in keys if key != "CA7"]
        assert found["CA0"] == {"call_sid": "CA0", "x": 1}
        assert [r.url.params["call_sid"].count(",") + 1 for r in server.requests] == [CHUNK, CHUNK, 1]
        assert {r.url.params["select"] for r in server.requests} == {"call_sid,x"}
        assert run(database(server).rows_by_key("t", "call_sid", [], select="x")) == {}
        assert len(server.requests) == 3

    def test_a_function_gets_its_document(self) -> None:
        """And its answer is read by the shape that is asked for."""
        server = Server(lambda _: httpx.Response(200, json={"result": 7}))
        assert run(database(server).rpc("f", {"a": 1})) == {"result": 7}
        assert server.requests[0].method == "POST"
        assert server.requests[0].url.path == "/rest/v1/rpc/f"
        assert json.loads(server.requests[0].content) == {"a": 1}
        with pytest.raises(CommandError, match="^f cannot be called"):
            run(database(server).rpc("f", {}, shape=dict[str, str]))

    @pytest.mark.parametrize(
        ("status", "body", "why", "do"),
        [
            (404, b"{}", "dev", "pulumi up --stack dev"),
            (401, b'{"message": "no key"}', "HTTP 401: no key", "voicehooks doctor --stack dev"),
            (403, b'{"message": ""}', "HTTP 403: Forbidden", "voicehooks doctor --stack dev"),
            (400, b"[]", "HTTP 400: Bad Request", URL),
            (400, b"<html>", "HTTP 400: Bad Request", URL),
            (400, b'{"message": 7}', "HTTP 400: Bad Request", URL),
        ],
    )
    def test_what_a_refusal_says_to_do(self, status: int, body: bytes, why: str, do: str) -> None:
        """A missing table is deployed, a refused key is looked into, anything else may pass."""
        server = Server(lambda _: httpx.Response(status, content=body))
        with pytest.raises(CommandError) as caught:
            run(database(server).rows("twilio_calls"))
        assert "twilio_calls" in caught.value.what
        assert why in caught.value.why
        assert do in caught.value.do
        assert caught.value.exit_code == 2

    @pytest.mark.parametrize(
        ("keys", "expected"),
        [
            (
                [
                    {"name": "service_role", "type": "legacy", "api_key": "eyJ.service"},
                    {"name": "anon", "type": "legacy", "api_key": "eyJ.anon"},
                    {"name": "crm", "type": "secret", "api_key": "sb_secret_crm"},
                    {"name": "default", "type": "publishable", "api_key": "sb_publishable"},
                    {"name": "default", "type": "secret", "api_key": "sb_secret_default"},
                ],
                "sb_secret_default",
            ),
            (
                [
                    {"name": "default", "type": "secret", "api_key": None},
                    {"name": "service_role", "api_key": "eyJ.service"},
                    {"name": "crm", "type": "secret", "api_key": "sb_secret_crm"},
                ],
                "sb_secret_crm",
            ),
            ([{"name": "service_role", "api_key": "eyJ.service"}], "eyJ.service"),
            ([{"name": "anon", "api_key": "eyJ.anon"}], None),
            ([], None),
        ],
    )
    def test_which_key_reads_everything(self, keys: list[dict[str, Any]], expected: str | None) -> None:
        """The default secret key, another secret one, or the legacy service role's."""
        server = Server(lambda _: httpx.Response(200, json=keys))
        api = ManagementApi("sbp_x", Cancellation(), transport=server.transport)
        if expected is None:
            with pytest.raises(CommandError, match="ref"):
                run(secret_key(api, "ref"))
        else:
            assert run(secret_key(api, "ref")) == expected
        assert str(server.requests[0].url) == "https://api.supabase.com/v1/projects/ref/api-keys?reveal=true"


class TestTwilio:
    """The account as Twilio's 2010 API serves it."""

    def test_lists_are_read_to_their_end(self) -> None:
        """Page by page in Twilio's order; a page's URI repeats the filters of the first request by itself."""
        pages = {
            "": {"calls": [{**CALL, "sid": "1"}], "next_page_uri": f"{BASE}/Calls.json?Page=1"},
            "1": {"calls": [{**CALL, "sid": "2"}], "next_page_uri": f"{BASE}/Calls.json?Page=2"},
            "2": {"calls": [], "next_page_uri": None},
        }
        server = Server(lambda request: httpx.Response(200, json=pages[request.url.params.get("Page", "")]))

        async def read() -> list[list[str]]:
            found = twilio(server).pages("x", "Calls.json", "calls", To="+1")
            return [[call["sid"] for call in page] async for page in found]

        assert run(read()) == [["1"], ["2"], []]
        assert [str(r.url) for r in server.requests] == [
            f"https://api.twilio.com{BASE}/Calls.json?To=%2B1&PageSize=1000",
            f"https://api.twilio.com{BASE}/Calls.json?Page=1",
            f"https://api.twilio.com{BASE}/Calls.json?Page=2",
        ]

    def test_a_reader_that_stops_asks_for_no_more(self) -> None:
        """The request for the next page is ended with it."""
        page = {"calls": [], "next_page_uri": f"{BASE}/Calls.json?Page=1"}
        server = Server(lambda _: httpx.Response(200, json=page))

        async def read() -> int:
            pages = twilio(server).pages("x", "Calls.json", "calls")
            await anext(pages)
            await pages.aclose()
            return len([task for task in asyncio.all_tasks() if not task.done() and not task.cancelling()])

        assert run(read()) == 1

    def test_a_number_is_found_by_all_of_its_digits(self) -> None:
        """Twilio's filter also finds numbers that contain them."""
        listed = [{**NUMBER_OBJECT, "phone_number": "+155512345678"}, NUMBER_OBJECT]
        server = Server(lambda _: httpx.Response(200, json={"incoming_phone_numbers": listed}))
        found = run(twilio(server).number("x", NUMBER))
        assert found == listed[1]
        assert server.requests[0].url.params["PhoneNumber"] == NUMBER
        assert run(twilio(server).number("x", "+1555123456")) is None

    def test_an_object_that_is_not_there(self) -> None:
        """It is None for `find`, and an error for `get`; every other refusal is an error for both."""
        server = Server(lambda _: httpx.Response(404, json={"message": "not found", "code": 20404}))
        assert run(twilio(server).find("x", "Calls/CA1.json", a="b")) is None
        assert str(server.requests[0].url) == f"https://api.twilio.com{BASE}/Calls/CA1.json?a=b"
        with pytest.raises(CommandError, match="^the call cannot be read"):
            run(twilio(server).get("the call cannot be read", "Calls/CA1.json"))
        with pytest.raises(CommandError, match="^x"):
            run(twilio(Server(lambda _: httpx.Response(403, json={}))).find("x", "Calls/CA1.json"))

    def test_the_account_itself(self) -> None:
        """It has no path below the account."""
        server = Server(lambda _: httpx.Response(200, json=TWILIO[f"GET {BASE}.json"]))
        assert run(twilio(server).get("x", ""))["sid"] == ACCOUNT
        assert server.requests[0].url.path == f"{BASE}.json"

    @pytest.mark.parametrize("repeatable", [True, False])
    def test_what_would_create_two_is_sent_once(self, repeatable: bool, quick_retries: None) -> None:
        """A lost answer is asked for again only where that does the same."""
        server = Server(lambda _: httpx.Response(500, json={}))
        account = twilio(server)
        account.client._rest._attempts = 2
        with pytest.raises(CommandError, match="^x"):
            run(account.post("x", "Calls.json", {"To": "+1"}, repeatable=repeatable))
        assert len(server.requests) == (2 if repeatable else 1)
        assert server.requests[0].content == b"To=%2B1"

    def test_the_address_is_the_environments(self) -> None:
        """Region, edge or a sandbox; the connections end with the block, and Supabase's do as well."""

        async def opened() -> list[Any]:
            credentials = Credentials(ACCOUNT, "SK1", "secret")
            async with connect_twilio(credentials, TwilioAddress("ie1", "dublin", "")) as found:
                host = found.client.host("api")
                assert found.account_sid == ACCOUNT
                assert found.client.signs_in_with("SK1")
            async with connect_twilio(credentials, TwilioAddress("", "", "http://127.0.0.1:1")) as local:
                place = local.client.host("api")
            async with connect_supabase("sbp_x", "") as api:
                where = api._rest.base_url
            async with connect_supabase("sbp_x", "http://127.0.0.1:2") as other:
                there = other._rest.base_url
            assert all(c._rest._http.is_closed for c in (found.client, local.client, api, other))
            return [host, place, where, there]

        assert run(opened()) == [
            "https://api.dublin.ie1.twilio.com",
            "http://127.0.0.1:1",
            "https://api.supabase.com",
            "http://127.0.0.1:2",
        ]


@pytest.mark.parametrize(
    ("table", "select", "good", "bad"),
    [
        ("twilio_calls", "call_sid,ended_at", {"call_sid": "CA1", "ended_at": None}, {"call_sid": "CA1"}),
        ("twilio_calls", "started_at", {"started_at": "2026-11-24T10:00:00+00:00"}, {"started_at": "today"}),
        ("twilio_calls", "duration_seconds", {"duration_seconds": 3}, {"duration_seconds": "x"}),
        ("twilio_call_summaries", "", {"call_sid": "CA1", "more": 1}, {"call_sid": None}),
        ("twilio_call_summaries", "*", {"call_sid": "CA1"}, {}),
        ("twilio_call_events", "event_key,params->x", {"event_key": "a", "x": 1}, {"x": 1}),
        ("another", "a", {"a": 7}, {"b": 7}),
    ],
)
def test_rows_are_read_by_their_columns(
    table: str, select: str, good: dict[str, Any], bad: dict[str, Any]
) -> None:
    """Each column that was asked for is there, with its type; an unknown column may hold anything."""
    assert matches([good], rows_shape(table, select)) == ""
    assert matches([good, bad], rows_shape(table, select)) != ""


@pytest.mark.parametrize(
    ("error", "do", "why", "shown"),
    [
        (ProviderError("refused"), "", "refused", ""),
        (ProviderError("refused"), "look", "refused", "look"),
        (httpx.ReadError("x"), "", "no answer (ReadError)", "check the network"),
        (httpx.InvalidURL("x"), "look", "no answer (InvalidURL)", "look"),
    ],
)
def test_what_a_vendor_refused_is_a_commands_error(error: Exception, do: str, why: str, shown: str) -> None:
    """Exit code 2: it could not be found out. A defect of this program stays one."""

    def refuse(with_error: Exception) -> None:
        with reported("it cannot be read", do):
            raise with_error

    with pytest.raises(CommandError) as caught:
        refuse(error)
    assert (caught.value.what, caught.value.why, caught.value.do) == ("it cannot be read", why, shown)
    assert caught.value.exit_code == 2
    with pytest.raises(KeyError):
        refuse(KeyError("x"))


def test_calls_of_these_numbers() -> None:
    """Event Streams reports the whole account: a number counts as caller and as called one."""
    rows = [
        {"from_number": "+1", "to_number": "+2"},
        {"from_number": "+3", "to_number": "+1"},
        {"from_number": None, "to_number": "+4"},
    ]
    assert about_numbers(rows, ["+1"]) == rows[:2]
