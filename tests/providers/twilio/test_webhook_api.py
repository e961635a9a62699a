"""Twilio's webhooks API: pages, writes that act once, changes that take effect later, rules that apply."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pulumi_provider_kit.cancellation import Cancellation
from pulumi_provider_kit.engine import RecordedLog
from pulumi_provider_kit.errors import ProviderError
from pulumi_provider_kit.resource import Operation
from pulumi_twilio import webhook_api
from pulumi_twilio.account import TwilioAccount
from pulumi_twilio.client import TwilioError
from pulumi_twilio.event_sink import list_events_api

from tests.providers.twilio.conftest import ACCOUNT
from tests.support.prepared_twilio import prepared_twilio

Answer = tuple[int, dict[str, Any]]
ROOT, DEEP = "https://crm.example.com/", "https://crm.example.com/twilio/"
RULES: list[dict[str, Any]] = [
    {"id": "default", "matchType": "DEFAULT"},
    {"id": "root", "matchType": "PREFIX_MATCH", "prefix": ROOT},
    {"id": "deep", "matchType": "PREFIX_MATCH", "prefix": DEEP},
    {"id": "voice", "matchType": "EXACT_MATCH", "value": f"{DEEP}voice"},
    {"id": "empty", "matchType": "PREFIX_MATCH", "prefix": ""},
]


class Vendor:
    """Twilio with prepared answers; the last one is for every request that follows."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def ask(self, act: Callable[[Operation[TwilioAccount]], Any]) -> Any:
        """Run something with an operation, in which nothing waits."""

        def answer(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            return httpx.Response(status, json=body)

        async def asked() -> Any:
            api = prepared_twilio(answer, ACCOUNT)
            operation = Operation("", TwilioAccount(api), RecordedLog(), Cancellation())
            try:
                return await act(operation)
            finally:
                await api.close()

        return asyncio.run(asked())


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_api, "_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(webhook_api, "_ATTEMPTS", 3)


def page(*items: str, token: str | None = None) -> Answer:
    """Return a page of rules."""
    return 200, {"meta": {"key": "rules", "nextToken": token}, "rules": [{"id": item} for item in items]}


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        (f"{DEEP}voice", "voice"),
        (f"{DEEP}voice/2", "deep"),
        (ROOT, "root"),
        (f"{ROOT}x", "root"),
        ("https://other.example.com/", "default"),
    ],
)
def test_rule_for_a_url(url: str, rule: str) -> None:
    """An exact match, else the longest prefix, else the default; whatever the order of the list."""
    for rules in (RULES, RULES[::-1]):
        found = webhook_api.rule_for(url, rules)
        assert found is not None
        assert found["id"] == rule
    assert webhook_api.rule_for("https://other.example.com/", RULES[1:]) is None


def test_every_page() -> None:
    """By the token of the page before; a list without an end is an error."""
    vendor = Vendor(page("a", "b", token="t 1"), page("c", token="t2"), page())
    assert vendor.ask(lambda o: webhook_api.list_all(o.client.api, webhook_api.RULES)) == [
        {"id": name} for name in "abc"
    ]
    assert [request.url.params.get("pageToken") for request in vendor.requests] == [None, "t 1", "t2"]
    with pytest.raises(ProviderError, match="has no end"):
        Vendor(page("a", token="t")).ask(lambda o: webhook_api.list_all(o.client.api, webhook_api.RULES))


def test_every_page_of_event_streams() -> None:
    """By the URL of the next page, whose filters come along; a list without an end is an error."""
    following = "https://events.twilio.com/v1/Subscriptions?SinkSid=DG1&PageSize=100&Page=1&PageToken=PA1"

    def subscriptions(operation: Operation[TwilioAccount]) -> Any:
        return list_events_api(operation.client, "/v1/Subscriptions", "subscriptions", SinkSid="DG1")

    one, two = ({"sid": sid, "sink_sid": "DG1", "description": "x"} for sid in ("DF1", "DF2"))
    first = (200, {"subscriptions": [one], "meta": {"next_page_url": following}})
    vendor = Vendor(first, (200, {"subscriptions": [two], "meta": {"next_page_url": None}}))
    assert vendor.ask(subscriptions) == [one, two]
    assert [dict(request.url.params) for request in vendor.requests] == [
        {"PageSize": "100", "SinkSid": "DG1"},
        {"PageSize": "100", "SinkSid": "DG1", "Page": "1", "PageToken": "PA1"},
    ]
    with pytest.raises(ProviderError, match="has no end"):
        Vendor(first).ask(subscriptions)


def test_a_write_has_a_key_of_its_own() -> None:
    """A UUID of version 7: sent again after a lost answer, the request acts once; two writes act twice."""
    vendor = Vendor((503, {}), (201, {"id": "x"}))
    for write in (webhook_api.create, webhook_api.patch):
        vendor.ask(lambda o, write=write: write(o.client.api, webhook_api.KEYS, {"a": 1}))
    keys = [request.headers["Idempotency-Key"] for request in vendor.requests]
    assert keys[0] == keys[1] != keys[2]
    assert {(uuid.UUID(key).version, uuid.UUID(key).variant) for key in keys} == {(7, uuid.RFC_4122)}
    assert [request.method for request in vendor.requests] == ["POST", "POST", "PATCH"]
    assert {request.content for request in vendor.requests} == {b'{"a":1}'}


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (["IN_PROGRESS", "COMPLETED"], None),
        (["COMPLETED"], None),
        (["IN_PROGRESS", "FAILED"], r"\(failed: no region\); run pulumi up again"),
        (["CANCELLED"], r"\(cancelled: no region\)"),
        (["IN_PROGRESS"], "pulumi up --refresh"),
    ],
)
def test_a_change_takes_effect_later(states: list[str], said: str | None) -> None:
    """The end of the operation is awaited; one that failed, or lasts too long, is an error."""
    vendor = Vendor(*((200, {"id": "o1", "status": s, "error": {"detail": "no region"}}) for s in states))

    def wait(operation: Operation[TwilioAccount]) -> Any:
        return webhook_api.wait_for(operation, {"operation": {"id": "o1", "status": "ACCEPTED"}})

    if said is None:
        vendor.ask(wait)
    else:
        with pytest.raises(ProviderError, match=said):
            vendor.ask(wait)
    assert {request.url.path for request in vendor.requests} == {"/v1/Webhooks/Operations/o1"}


def test_a_change_without_an_operation_is_in_effect() -> None:
    """Nothing is asked."""
    vendor = Vendor((500, {}))
    vendor.ask(lambda o: webhook_api.wait_for(o, {"rule": {}}))
    vendor.ask(lambda o: webhook_api.wait_for(o, {"operation": {"id": "o", "status": "COMPLETED"}}))
    assert vendor.requests == []


class TestDelete:
    """Deleting a key, a setting or a rule."""

    @staticmethod
    def of(vendor: Vendor, path: str) -> None:
        """Delete an object."""
        vendor.ask(lambda o: webhook_api.delete(o, path, "x1"))

    def test_what_nothing_names_any_more_is_deleted_once_twilio_sees_it(self) -> None:
        """Twilio takes it as used for a while after the last one that named it is gone."""
        unused: Answer = (200, {"meta": {"key": "settings"}, "settings": [{"id": "other"}]})
        vendor = Vendor((409, {}), unused, (409, {}), unused, (204, {}))
        self.of(vendor, webhook_api.KEYS)
        assert [(r.method, r.url.path) for r in vendor.requests] == [
            ("DELETE", "/v1/Webhooks/SharedKeys/x1"),
            ("GET", "/v1/Webhooks/Settings"),
            ("DELETE", "/v1/Webhooks/SharedKeys/x1"),
            ("GET", "/v1/Webhooks/Settings"),
            ("DELETE", "/v1/Webhooks/SharedKeys/x1"),
        ]

    def test_twilio_never_sees_it(self) -> None:
        """An error, not a success."""
        unused: Answer = (200, {"meta": {"key": "rules"}, "rules": []})
        vendor = Vendor(*[(409, {}), unused] * 3)
        with pytest.raises(ProviderError, match="x1 is in use"):
            self.of(vendor, webhook_api.SETTINGS)

    @pytest.mark.parametrize(
        ("path", "key", "user"),
        [
            (webhook_api.KEYS, "settings", {"id": "s", "signature": {"sharedKeyId": "x1"}}),
            (webhook_api.SETTINGS, "rules", {"id": "r", "settings": [{"settingId": "y"}, {"settingId": "x1"}]}),
        ],
    )
    def test_what_uses_it_is_named(self, path: str, key: str, user: dict[str, Any]) -> None:
        """By its name and ID."""
        vendor = Vendor((409, {}), (200, {"meta": {"key": key}, key: [{"id": "z"}, user]}))
        with pytest.raises(ProviderError, match=rf"used by no name \({user['id']}\);"):
            self.of(vendor, path)

    @pytest.mark.parametrize(("path", "status"), [(webhook_api.RULES, 409), (webhook_api.KEYS, 403)])
    def test_another_refusal_is_twilios_own(self, path: str, status: int) -> None:
        """Nothing uses a rule, and a missing right is no use."""
        with pytest.raises(TwilioError) as refused:
            self.of(Vendor((status, {"code": 1, "detail": "no"})), path)
        assert refused.value.status == status

    def test_what_is_gone_is_gone(self) -> None:
        """No error, and nothing else is asked."""
        vendor = Vendor((404, {}))
        self.of(vendor, webhook_api.RULES)
        assert len(vendor.requests) == 1

    def test_a_deletion_that_takes_effect_later(self) -> None:
        """It is awaited as a change is."""
        later = {"operation": {"id": "o", "status": "IN_PROGRESS"}}
        vendor = Vendor((202, later), (200, {"id": "o", "status": "FAILED", "error": {"code": "E7"}}))
        with pytest.raises(ProviderError, match=r"\(failed: E7\)"):
            self.of(vendor, webhook_api.RULES)


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({"response": {"statusCode": 200}}, None),
        ({"response": {"statusCode": 204}}, None),
        ({"response": {"statusCode": 299}}, None),
        ({"response": {"statusCode": 300}}, "HTTP status 300"),
        ({"response": {"statusCode": 199}}, "HTTP status 199"),
        ({"error": {"message": "time-out"}}, "no answer: time-out"),
        ({}, "no answer"),
    ],
)
def test_a_receiver_that_is_tried_out(result: dict[str, Any], said: str | None) -> None:
    """Only 2xx is acceptance; the error does not show the query."""
    vendor = Vendor((200, {"result": result}))

    def try_out(operation: Operation[TwilioAccount]) -> Any:
        return webhook_api.try_out(operation, "s1", "https://crm.example.com/v?token=s3cret")

    if said is None:
        vendor.ask(try_out)
    else:
        with pytest.raises(ProviderError, match=said) as refused:
            vendor.ask(try_out)
        assert "https://crm.example.com/v was not accepted" in str(refused.value)
        assert "s3cret" not in str(refused.value)
    (request,) = vendor.requests
    body = {"url": "https://crm.example.com/v?token=s3cret", "settingId": "s1", "method": "GET"}
    assert (request.method, request.url.path, json.loads(request.content)) == (
        "POST",
        "/v1/Webhooks/Tests",
        body,
    )


def test_a_setting_that_cannot_be_tried_out() -> None:
    """422 is asked again, for a while; another refusal is not."""
    waiting = Vendor((422, {}))
    with pytest.raises(ProviderError, match="s1 cannot be used"):
        waiting.ask(lambda o: webhook_api.try_out(o, "s1", ROOT))
    assert len(waiting.requests) == 3
    refusing = Vendor((400, {}))
    with pytest.raises(TwilioError):
        refusing.ask(lambda o: webhook_api.try_out(o, "s1", ROOT))
    assert len(refusing.requests) == 1
