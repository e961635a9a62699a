"""The client of Twilio's API: what it sends, and what an error of Twilio's becomes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from pulumi_provider_kit.errors import ProviderError
from pulumi_twilio.client import NotFound, TwilioClient, TwilioError, _right

from tests.support.prepared_twilio import prepared_twilio

ACCOUNT = "AC" + "5a4db0c5" * 4
BELOW = "AC" + "b" * 32
KEY = "SK" + "1" * 32
LIST = f"/2010-04-01/Accounts/{ACCOUNT}/Applications.json"
OBJECT = "/v2/Things/1"
Answer = Callable[[httpx.Request], httpx.Response]


class Subaccounts:
    """A main account that knows one subaccount, whose token has been rotated."""

    def __init__(self) -> None:
        self.ensured: list[str] = []

    async def token(self, sid: str, refused: str = "") -> str:
        return "new" if refused == "old" else "old"

    async def ensure_usable(self, sid: str) -> None:
        self.ensured.append(sid)


class Recorded:
    """The requests, and what answers them."""

    def __init__(self, *answers: httpx.Response, user: str = ACCOUNT, below: Subaccounts | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self._answers = list(answers)
        self._user = user
        self._below = below

    def ask(self, act: Callable[[TwilioClient], Awaitable[Any]]) -> Any:
        """Return what a use of the client returns."""

        def answer(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

        async def go() -> Any:
            api = prepared_twilio(answer, ACCOUNT, user=self._user, attempts=2)
            try:
                return await act(api if self._below is None else api.below(BELOW, self._below))
            finally:
                await api.close()

        return asyncio.run(go())


def page(uri: str | None = None) -> httpx.Response:
    """Return a page of applications."""
    return httpx.Response(200, json={"applications": [], "next_page_uri": uri})


async def all_pages(api: TwilioClient) -> int:
    """Read a list to its end."""
    return len([page async for page in api.pages(LIST, "applications", FriendlyName="crm")])


def test_every_page_of_a_list_is_read() -> None:
    """The filter is sent once, because Twilio's paging URI contains it."""
    recorded = Recorded(page(f"{LIST}?Page=1"), page(f"{LIST}?Page=2"), page())
    assert recorded.ask(all_pages) == 3
    first, *later = [request.url for request in recorded.requests]
    assert dict(first.params) == {"PageSize": "1000", "FriendlyName": "crm"}
    assert [url.raw_path.decode() for url in later] == [f"{LIST}?Page=1", f"{LIST}?Page=2"]


def test_a_list_that_refers_to_itself_ends() -> None:
    """With an error, because its rest is not known."""
    with pytest.raises(ProviderError, match="applications has no end"):
        Recorded(page(f"{LIST}?Page=1")).ask(all_pages)


def test_credentials_are_sent_to_twilios_host_alone() -> None:
    """A paging URI that names another host is asked at Twilio's."""
    recorded = Recorded(page("https://evil.example.com/2010-04-01/x.json?Page=1"), page())
    recorded.ask(all_pages)
    assert str(recorded.requests[1].url) == "https://api.twilio.com/2010-04-01/x.json?Page=1"


@pytest.mark.parametrize("repeatable", [True, False])
@pytest.mark.usefixtures("quick_retries")
def test_a_change_is_repeated_after_a_fault_unless_it_creates(repeatable: bool) -> None:
    """By default a POST changes something that exists, and twice is the same as once."""
    recorded = Recorded(httpx.Response(500), httpx.Response(200, json={"changed": True}))

    async def change(api: TwilioClient) -> Any:
        if repeatable:
            return await api.post(OBJECT, {"A": "b"}, host="voice")
        return await api.post(OBJECT, {"A": "b"}, host="voice", repeatable=False)

    if repeatable:
        assert recorded.ask(change) == {"changed": True}
    else:
        with pytest.raises(TwilioError):
            recorded.ask(change)
    assert len(recorded.requests) == 1 + repeatable
    sent = recorded.requests[0]
    assert (str(sent.url), sent.content) == (f"https://voice.twilio.com{OBJECT}", b"A=b")


@pytest.mark.parametrize(
    ("method", "once", "attempts"), [("POST", "", 1), ("POST", "key", 2), ("PUT", "", 2), ("PATCH", "", 2)]
)
@pytest.mark.usefixtures("quick_retries")
def test_json_that_is_written(method: str, once: str, attempts: int) -> None:
    """A POST is repeated only with an idempotency key; a tag and a key are headers."""
    recorded = Recorded(httpx.Response(500))
    with pytest.raises(TwilioError):
        recorded.ask(lambda api: api.write_json(method, OBJECT, {"a": 1}, host="x", tag="t1", once=once))
    assert len(recorded.requests) == attempts
    sent = recorded.requests[0]
    assert (sent.method, sent.url.host, sent.content) == (method, "x.twilio.com", b'{"a":1}')
    assert sent.headers["If-Match"] == "t1"
    assert sent.headers.get("Idempotency-Key", "") == once


@pytest.mark.usefixtures("quick_retries")
def test_a_read_is_repeated_after_a_fault() -> None:
    """Reading twice changes nothing; neither does deleting twice."""
    uses: list[Callable[[TwilioClient], Awaitable[Any]]] = [
        lambda api: api.get(OBJECT),
        lambda api: api.get_tagged(OBJECT, host="x"),
        lambda api: api.delete(OBJECT),
        lambda api: api.delete_later(OBJECT, host="x"),
    ]
    for use in uses:
        recorded = Recorded(httpx.Response(503), httpx.Response(200, json={}))
        recorded.ask(use)
        assert len(recorded.requests) == 2


def test_json_is_written_without_a_tag() -> None:
    """Then it is written whatever is there."""
    recorded = Recorded(httpx.Response(200, json={"a": 1}))
    assert recorded.ask(lambda api: api.write_json("PUT", OBJECT, {}, host="x")) == {"a": 1}
    assert not {"if-match", "idempotency-key"} & recorded.requests[0].headers.keys()


@pytest.mark.parametrize("tag", ["t1", ""])
def test_an_object_comes_with_its_tag(tag: str) -> None:
    """Empty where Twilio sends none."""
    recorded = Recorded(httpx.Response(200, json={"a": 1}, headers={"ETag": tag} if tag else {}))
    assert recorded.ask(lambda api: api.get_tagged(OBJECT, host="voice")) == ({"a": 1}, tag)
    assert recorded.requests[0].method == "GET"


def test_what_is_deleted_later() -> None:
    """The answer is Twilio's, or empty."""
    delete: Callable[[TwilioClient], Awaitable[Any]] = lambda api: api.delete_later(OBJECT, host="x")  # noqa: E731
    assert Recorded(httpx.Response(202, json={"operation": "1"})).ask(delete) == {"operation": "1"}
    assert Recorded(httpx.Response(204)).ask(delete) == {}
    assert Recorded(httpx.Response(204)).ask(lambda api: api.delete(OBJECT)) is None


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "detail"),
    [
        (404, {"code": 20404, "message": "gone"}, NotFound, 20404, "gone"),
        (400, {"code": 21402, "message": ".Url is not valid."}, TwilioError, 21402, ".Url is not valid"),
        (400, {"code": "21402", "detail": "of the webhooks API"}, TwilioError, None, "of the webhooks API"),
        (409, {"message": ["odd"]}, TwilioError, None, "Conflict"),
        (409, ["odd"], TwilioError, None, "Conflict"),
        (409, None, TwilioError, None, "Conflict"),
        (599, None, TwilioError, None, "no explanation"),
    ],
)
@pytest.mark.usefixtures("quick_retries")
def test_what_twilio_refuses(status: int, body: Any, kind: type, code: int | None, detail: str) -> None:
    """Twilio's code and message, or what there is instead."""
    answer = httpx.Response(status, json=body) if body is not None else httpx.Response(status, text="<html>")
    with pytest.raises(TwilioError) as refused:
        Recorded(answer).ask(lambda api: api.get(OBJECT))
    error = refused.value
    assert (type(error), error.code, error.detail, error.status) == (kind, code, detail, status)
    assert str(error).startswith(f"Twilio{f' {code}' if code else ''}: {detail} (HTTP {status})")


@pytest.mark.parametrize(("status", "refused"), [(499, True), (500, False), (503, False)])
def test_only_an_answer_below_500_says_that_nothing_was_written(status: int, refused: bool) -> None:
    """After a fault of the server nobody knows."""
    error = TwilioError(None, "x", status)
    assert error.refused is refused
    assert str(error) == f"Twilio: x (HTTP {status})"


@pytest.mark.parametrize(
    ("status", "user", "below", "path", "does"),
    [
        (401, ACCOUNT, False, LIST, "pulumi config set --secret twilio:authToken. If"),
        (401, KEY, False, LIST, "pulumi config set --secret twilio:apiKeySecret. If"),
        (401, ACCOUNT, True, LIST, "run the command again"),
        (403, KEY, False, LIST, "the permission Applications: list;"),
        (401, KEY, False, "/2010-04-01/Accounts.json", f"instead of {KEY}: pulumi config set --secret"),
        (
            403,
            KEY,
            False,
            f"/2010-04-01/Accounts/{BELOW}.json",
            f"instead of {KEY}: pulumi config set --secret",
        ),
        (403, KEY, False, f"/2010-04-01/Accounts/{BELOW}/Keys.json", f"instead of {KEY}: pulumi config set"),
        (403, ACCOUNT, False, "/2010-04-01/Accounts.json", "the permission Accounts: read;"),
        (429, ACCOUNT, False, LIST, "run the command again later"),
        (302, ACCOUNT, False, LIST, "check twilio:baseUrl"),
    ],
)
@pytest.mark.usefixtures("quick_retries")
def test_what_to_do_about_it(status: int, user: str, below: bool, path: str, does: str) -> None:
    """Each refusal that the user can do something about says what."""
    recorded = Recorded(httpx.Response(status), user=user, below=Subaccounts() if below else None)
    with pytest.raises(TwilioError) as refused:
        recorded.ask(lambda api: api.get(path))
    assert does in str(refused.value)
    assert (f"in the subaccount {BELOW}" in str(refused.value)) is below


@pytest.mark.parametrize("status", [404, 409])
def test_other_refusals_have_no_advice(status: int) -> None:
    """Twilio's sentence is all there is."""
    with pytest.raises(TwilioError, match=r"\(HTTP \d+\)$"):
        Recorded(httpx.Response(status), user=KEY).ask(lambda api: api.get("/2010-04-01/Accounts.json"))


def test_a_subaccount_is_asked_with_its_own_token_except_for_the_2010_api() -> None:
    """A token that was rotated is read again once; the main account's credentials open the 2010 API."""
    below = Subaccounts()
    recorded = Recorded(httpx.Response(401), httpx.Response(200, json={}), below=below)
    recorded.ask(lambda api: api.get(OBJECT, host="voice"))
    recorded.ask(lambda api: api.get(OBJECT))
    sent = [httpx.BasicAuth(*login) for login in ((BELOW, "old"), (BELOW, "new"), (ACCOUNT, "secret"))]
    assert [r.headers["Authorization"] for r in recorded.requests] == [auth._auth_header for auth in sent]
    assert below.ensured == []


@pytest.mark.parametrize(("status", "ensured"), [(401, 1), (403, 1), (404, 1), (409, 0)])
def test_a_refusal_in_a_subaccount_may_mean_that_it_is_closed(status: int, ensured: int) -> None:
    """That is looked up before the refusal is believed: not found would read as gone."""
    below = Subaccounts()
    with pytest.raises(TwilioError):
        Recorded(httpx.Response(status), below=below).ask(lambda api: api.get(OBJECT))
    assert below.ensured == [BELOW] * ensured


@pytest.mark.parametrize(
    ("method", "path", "right"),
    [
        ("GET", "/2010-04-01/Accounts/AC1/Calls.json", "Calls: list"),
        ("GET", "/2010-04-01/Accounts/AC1/Calls/CA1.json", "Calls: read"),
        ("POST", "/2010-04-01/Accounts/AC1/Applications.json", "Applications: create"),
        ("POST", "/2010-04-01/Accounts/AC1/IncomingPhoneNumbers/PN1.json", "IncomingPhoneNumbers: update"),
        ("DELETE", "/2010-04-01/Accounts/AC1/Applications/AP1.json", "Applications: delete"),
        ("PATCH", "/2010-04-01/Accounts/AC1.json", "Accounts: PATCH"),
        ("GET", "/v1/DialingPermissions/Countries", "Voice dialing permissions: read"),
        ("POST", "/v1/DialingPermissions/BulkCountryUpdates", "Voice dialing permissions: update"),
        ("GET", "/v1/Settings", "Voice settings: read"),
        ("POST", "/v1/Voice/Settings", "Insights voice settings: update"),
        ("PUT", "/v2/AccountDefaultConfiguration/Recording", "Voice account default configuration: update"),
        ("GET", "/v1/Webhooks/Rules", "Webhooks Rules: read"),
        ("GET", "/v1/Webhooks", "Webhooks: read"),
        ("DELETE", "/v1/Sinks/DG1", "Sinks: update"),
    ],
)
def test_the_permission_that_a_request_needs(method: str, path: str, right: str) -> None:
    """By Twilio's names, as on the reference page."""
    assert _right(method, path) == right
