"""What an account says to each assumption: the verdict, and what was seen, without a value of the account."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from tests.unit.voicehooks.doctor.scene import ELSEWHERE, FORBIDDEN, OTHER, config, defaults, state
from tests.unit.voicehooks.doctor.world import BASE, HANDLER, NUMBER, PROJECT, TOKEN, World, resource
from tests.unit.voicehooks.vendor_stub import CALL, NUMBER_SID
from voicehooks.commands.doctor import command
from voicehooks.commands.doctor.assumptions import report
from voicehooks.commands.doctor.assumptions.model import Answer, Assumption, Outcome
from voicehooks.commands.doctor.assumptions.table import ASSUMPTIONS
from voicehooks.output.errors import CommandError

WEBHOOKS = "webhooks.twilio.com/v1/Webhooks"
NOT_ALLOWED = ("not seen", "HTTP 403, Twilio error 20003")
MISSING = (404, {"code": 20404, "message": "no"})
SETTING = resource("twilio:index:WebhookSetting", "setting", "whs1")
Change = Callable[[World], Any]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A healthy environment, in the place of all vendors."""
    found = World(tmp_path)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", found.answer)
    monkeypatch.setattr(report, "Environment", lambda _: found.environment)
    return found


def looked(code: str, number: str = "", *, yes: bool = True) -> tuple[str, str]:
    """The verdict on one assumption, and what was seen."""
    (outcome,) = (each for each in report.report("dev", number=number, yes=yes) if each.assumption.code == code)
    return outcome.answer.verdict, outcome.answer.seen


def answer(path: str, body: Any) -> Change:
    """Let a vendor answer this to a GET."""
    return lambda world: world.answers.update({f"GET {path}": body})


def settings_of(*found: dict[str, Any]) -> Change:
    """Let the account have these webhook settings."""
    return answer(f"{WEBHOOKS}/Settings", {"settings": list(found), "meta": {"key": "settings"}})


def stored(**counted: Any) -> Change:
    """Let the database have counted requests."""
    return lambda world: world.rows.update({"twilio_call_events": [counted]})


def trial(status: int | None, outcome: str = "DELIVERED") -> Change:
    """Let Twilio's test request have this result."""
    result = {"outcome": outcome, "response": {"statusCode": status} if status else None}
    return lambda world: [
        state(world, SETTING),
        world.answers.update({f"POST {WEBHOOKS}/Tests": {"result": result}}),
    ]


def trial_refused(status: int) -> Change:
    """Let Twilio refuse the test request."""
    body = (status, {"code": 59000, "message": "no"})
    return lambda world: [state(world, SETTING), world.answers.update({f"POST {WEBHOOKS}/Tests": body})]


def region(body: Any) -> Change:
    """Let the number's route be this."""
    return answer(f"routes.twilio.com/v2/PhoneNumbers/{NUMBER}", body)


def types(*names: str) -> Change:
    """Let Event Streams have these types."""
    return answer("events.twilio.com/v1/Types", {"types": [{"type": name} for name in names]})


def events_of_a_call(event: dict[str, Any] | None) -> Change:
    """Let Twilio have two calls, of which the older one has such a request."""
    calls = [{**CALL, "sid": "CA1"}, {**CALL, "sid": "CA2"}]
    return lambda world: world.answers.update(
        {
            f"GET {BASE}/Calls.json": {"calls": calls},
            f"GET {BASE}/Calls/CA1/Events.json": {"events": []},
            f"GET {BASE}/Calls/CA2/Events.json": {"events": [event] if event else []},
        }
    )


def alert_text(text: str) -> Change:
    """Let the newest alert have this text."""
    alert = {"error_code": "11200", "date_created": "2026-11-28T10:00:00Z", "alert_text": text}
    return answer("monitor.twilio.com/v1/Alerts", {"alerts": [alert]})


def account(**fields: str) -> Change:
    """Change the account."""
    return lambda world: world.answers[f"GET {BASE}.json"].update(fields)


RULE = {"id": "whr1", "matchType": "DEFAULT", "settings": []}
TOKEN_SIGNS = {"id": "1", "signature": {"type": "ACCOUNT_AUTH_TOKEN", "algorithm": "HMAC_SHA1"}}
KEY_SIGNS = {"id": "2", "signature": {"type": "X", "algorithm": "HMAC_SHA256", "sharedKeyId": "k"}}
CASES: list[tuple[str, Change, tuple[str, str]]] = [
    ("webhook-rules-list", lambda _: None, ("confirmed", "meta.key rules; no rule to look at")),
    (
        "webhook-rules-list",
        answer(f"{WEBHOOKS}/Rules", {"items": [RULE], "meta": {"key": "items"}}),
        ("confirmed", "meta.key items; id, matchType, settings"),
    ),
    (
        "webhook-rules-list",
        answer(f"{WEBHOOKS}/Rules", {"rules": [RULE], "meta": {"key": "items"}}),
        ("different", "meta.key is items, and the page has meta, rules"),
    ),
    ("webhook-rules-list", answer(f"{WEBHOOKS}/Rules", FORBIDDEN), NOT_ALLOWED),
    ("webhook-rules-list", answer(f"{WEBHOOKS}/Rules", MISSING), ("not seen", "HTTP 404, Twilio error 20404")),
    (
        "webhook-rules-list",
        answer(f"{WEBHOOKS}/Rules", (400, {"code": 1})),
        ("failed", "TwilioError, HTTP 400"),
    ),
    ("webhook-signature-words", lambda _: None, ("not seen", "no setting with a signature")),
    ("webhook-signature-words", answer(f"{WEBHOOKS}/Settings", FORBIDDEN), NOT_ALLOWED),
    (
        "webhook-signature-words",
        settings_of(TOKEN_SIGNS, KEY_SIGNS, {"id": "3"}),
        ("confirmed", "ACCOUNT_AUTH_TOKEN HMAC_SHA1; X HMAC_SHA256 with sharedKeyId"),
    ),
    (
        "webhook-signature-words",
        settings_of(TOKEN_SIGNS, {"id": "3", "signature": {"type": "TOKEN", "algorithm": "HMAC_SHA1"}}),
        ("different", "ACCOUNT_AUTH_TOKEN HMAC_SHA1; TOKEN HMAC_SHA1"),
    ),
    ("webhook-auth-words", lambda _: None, ("not seen", "no setting")),
    ("webhook-auth-words", answer(f"{WEBHOOKS}/Settings", FORBIDDEN), NOT_ALLOWED),
    (
        "webhook-auth-words",
        settings_of(
            {"id": "1", "auth": {"source": "INLINE", "value": {"scheme": "NONE"}}},
            {"id": "2", "auth": {"source": "REFERENCE"}},
            {"id": "3"},
        ),
        ("confirmed", "INLINE NONE; REFERENCE"),
    ),
    ("webhook-test", lambda _: None, ("not seen", "the settings do not have account.webhookRules")),
    ("webhook-test", trial(200), ("confirmed", "outcome DELIVERED, status 200")),
    ("webhook-test", trial(403), ("different", "outcome DELIVERED, status 403")),
    ("webhook-test", trial(None, "FAILED"), ("different", "outcome FAILED, no status")),
    ("webhook-test", trial_refused(403), ("not seen", "HTTP 403, Twilio error 59000")),
    ("webhook-test", trial_refused(422), ("different", "HTTP 422, Twilio error 59000")),
    ("recording-default", lambda _: None, ("not seen", "HTTP 404, Twilio error 20404")),
    (
        "recording-default",
        answer(
            "voice.twilio.com/v2/AccountDefaultConfiguration/Recording",
            {"configuration": {"b": 1, "a": "x"}, "description": "secret"},
        ),
        ("confirmed", "configuration, description; configuration: a, b"),
    ),
    ("region", lambda _: None, ("confirmed", "voice_region us1")),
    ("region", region({"voice_region": ""}), ("different", "voice_region is empty")),
    ("region", region(FORBIDDEN), NOT_ALLOWED),
    ("region", lambda world: config(world, numbers={"*": {}}), ("not seen", "the settings name no number")),
    ("event-types", lambda _: None, ("not seen", "HTTP 404, Twilio error 20404")),
    (
        "event-types",
        types(
            "com.twilio.voice.insights.call-summary.complete",
            "com.twilio.a",
            "com.twilio.voice.insights.call-event.x",
        ),
        (
            "confirmed",
            "com.twilio.voice.insights.call-event.x, com.twilio.voice.insights.call-summary.complete",
        ),
    ),
    ("event-types", types("com.twilio.a"), ("different", "1 type, none of com.twilio.voice.insights.call-*")),
    ("primary-token", lambda _: None, ("confirmed", "auth_token is the configured token")),
    ("primary-token", account(auth_token=OTHER), ("not seen", "auth_token is another token")),
    ("primary-token", account(auth_token=""), ("different", "the account's answer has no auth_token")),
    (
        "unset-fields",
        lambda _: None,
        ("confirmed", 'trunk_sid null, voice_application_sid ""'),
    ),
    (
        "unset-fields",
        lambda world: world.number.update(voice_application_sid="AP1", trunk_sid="TK1"),
        ("not seen", "every field of every number is set"),
    ),
    ("url-fragment", lambda _: None, ("confirmed", "1 of 1 URLs have their connection overrides")),
    (
        "url-fragment",
        lambda world: world.number.update(voice_url=HANDLER),
        ("different", "0 of 1 URLs have their connection overrides"),
    ),
    (
        "url-fragment",
        lambda world: world.number.update(voice_url=ELSEWHERE),
        ("not seen", "no number has the handler's URL"),
    ),
    (
        "url-fragment",
        lambda world: defaults(world, delivery=None),
        ("not seen", "the settings have no delivery"),
    ),
    (
        "url-fragment",
        lambda world: world.answers.update(
            {f"GET {BASE}/Applications.json": {"applications": [{**world.number, "voice_url": HANDLER}]}}
        ),
        ("confirmed", "1 of 2 URLs have their connection overrides"),
    ),
    ("incoming-status", lambda _: None, ("not seen", "no such request in the last 30 days")),
    (
        "incoming-status",
        stored(kind="status", rows=1, with_names=1),
        ("confirmed", "1 of 1 request have CallbackSource, SequenceNumber, Timestamp"),
    ),
    (
        "fallback-request",
        stored(kind="fallback", rows=3, with_names=2),
        ("different", "2 of 3 requests have ErrorCode, ErrorUrl"),
    ),
    (
        "recording-callback",
        stored(kind="recording", rows=3, with_names=3),
        ("confirmed", "3 of 3 requests have RecordingSid, RecordingStatus, RecordingUrl, AccountSid"),
    ),
    (
        "call-events",
        events_of_a_call(None),
        ("not seen", "Twilio made no request about the latest 2 calls"),
    ),
    (
        "call-events",
        events_of_a_call({"request": {"url": "x", "method": "POST"}, "response": {"response_code": 200}}),
        ("confirmed", "request: method, url; response: response_code"),
    ),
    (
        "call-events",
        events_of_a_call({"request": {"url": "x"}, "response": None}),
        ("different", "request; response"),
    ),
    ("alert-text", lambda _: None, ("not seen", "the account has no alerts")),
    ("alert-text", alert_text("ErrorCode=11200&Msg=x"), ("confirmed", "alert_text has ErrorCode, Msg")),
    ("alert-text", alert_text("something"), ("different", "alert_text has another form")),
]


@pytest.mark.parametrize(
    ("code", "change", "expected"), CASES, ids=[f"{number}-{case[0]}" for number, case in enumerate(CASES)]
)
def test_what_is_seen_decides(world: World, code: str, change: Change, expected: tuple[str, str]) -> None:
    """Whether an assumption holds here, does not, or cannot be seen."""
    change(world)
    assert looked(code) == expected


def test_every_probe_has_a_case() -> None:
    """Those that write are below."""
    probed = {each.code for each in ASSUMPTIONS if each.probe is not None and not each.writes}
    assert {case[0] for case in CASES} == probed


def test_the_named_number_is_asked_for_its_region(world: World) -> None:
    """In place of the first one of the settings."""
    path = "GET routes.twilio.com/v2/PhoneNumbers/+15550000009"
    world.answers[path] = {"voice_region": "ie1"}
    assert looked("region", "+15550000009") == ("confirmed", "voice_region ie1")


def test_twilios_test_request_names_the_setting_and_a_url_that_stores_nothing(world: World) -> None:
    """The handler takes a request with this parameter as a check."""
    posts: list[Any] = []
    trial(200)(world)
    result = world.answers[f"POST {WEBHOOKS}/Tests"]
    world.answers[f"POST {WEBHOOKS}/Tests"] = lambda request: (
        posts.append(json.loads(request.content)) or result
    )
    looked("webhook-test")
    assert posts == [{"url": f"{HANDLER}?VoicehooksCheck=assumptions", "settingId": "whs1", "method": "GET"}]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ("confirmed", "no other field changed")),
        ({"date_updated": "later"}, ("confirmed", "no other field changed")),
        ({"voice_url": "", "status_callback": None}, ("different", "changed: status_callback, voice_url")),
    ],
)
def test_the_probe_that_writes_writes_what_is_there(
    world: World, changed: dict[str, Any], expected: tuple[str, str]
) -> None:
    """The number's own name, and it compares every field."""
    world.number["date_updated"] = "now"
    forms: list[dict[str, list[str]]] = []

    def post(request: httpx.Request) -> dict[str, Any]:
        forms.append(parse_qs(request.content.decode()))
        return {**world.number, **changed}

    world.answers[f"POST {BASE}/IncomingPhoneNumbers/{NUMBER_SID}.json"] = post
    assert looked("partial-update", NUMBER) == expected
    assert forms == [{"FriendlyName": ["a name"]}]


def test_nothing_is_written_without_a_number_and_consent(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A number that the account does not own is not written either."""
    assert looked("partial-update", "+15550000009") == ("failed", "CommandError")
    assert "partial-update" not in {each.assumption.code for each in report.report("dev", number="", yes=True)}
    with pytest.raises(CommandError) as refused:
        report.report("dev", number=NUMBER, yes=False)
    assert "--yes" in refused.value.do
    questions: list[str] = []
    monkeypatch.setattr(report, "confirm", lambda question, **_: questions.append(question) or False)
    outcomes = report.report("dev", number=NUMBER, yes=False)
    assert "partial-update" not in {each.assumption.code for each in outcomes}
    assert all(NUMBER in question and "partial-update" in question for question in questions)
    assert not any(request.startswith(f"POST {BASE}") for request in world.asked)


def test_no_value_of_the_account_is_in_the_report(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The document and the table have each assumption with its verdict; the exit code is the worst one."""
    monkeypatch.setattr(command, "Environment", lambda _: world.environment)
    world.answers[f"GET {PROJECT}"] = MISSING
    assert command.show_assumptions("dev", number="", as_json=True, yes=False) == 0
    document = json.loads(capsys.readouterr().out)
    assert [each["assumption"] for each in document] == [each.code for each in ASSUMPTIONS if not each.writes]
    assert {each["verdict"] for each in document} == {"confirmed", "not seen", "by hand"}
    assert document[0] == {
        "assumption": "unset-fields",
        "verdict": "confirmed",
        "seen": 'trunk_sid null, voice_application_sid ""',
    }
    assert command.show_assumptions("dev", number="", as_json=False, yes=False) == 0
    text = capsys.readouterr().out
    assert "a real account" in text.splitlines()[0]
    assert not any(value in text for value in (TOKEN, NUMBER, NUMBER_SID, HANDLER))
    with pytest.raises(CommandError):
        command.show_assumptions("dev", number="5551234567", as_json=True, yes=False)


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        (["confirmed", "not seen", "by hand"], 0),
        (["confirmed", "failed"], 2),
        (["failed", "different"], 1),
        ([], 0),
    ],
)
def test_the_worst_verdict_is_the_exit_code(verdicts: list[Any], code: int) -> None:
    """What is different outranks what failed; the table counts each."""
    assumption = Assumption("a", "b", "c", "d")
    outcomes = [Outcome(assumption, Answer(verdict, "x|y")) for verdict in verdicts]
    assert report.exit_code(outcomes) == code
    lines = report.lines(outcomes, sandbox=True)
    assert "sandbox" in lines[0]
    assert lines[1] == ", ".join(f"1 {verdict}" for verdict in sorted(verdicts, key=_ORDER.index))
    assert lines[5:] == [f"| a | {verdict} | x/y |" for verdict in verdicts]


_ORDER = ["confirmed", "different", "not seen", "by hand", "failed"]


def test_a_probe_that_gets_no_answer_failed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not hold up the others."""

    async def hang(_: Any) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(report, "_LONGEST_SECONDS", 0)
    monkeypatch.setattr(report, "ASSUMPTIONS", (Assumption("slow", "b", "c", "d", hang),))
    assert looked("slow")[0] == "failed"
