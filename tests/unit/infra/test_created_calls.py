"""The options of calls that the CRM's own code creates, and the checks of the functions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from twilio.request_validator import RequestValidator, get_signature_algorithm

from infra.deploy_checks import key_checks, page_checks, webhook_checks
from infra.handler_settings import call_options, delivery_fragment
from infra.settings_parser import parse
from infra.stream_checks import events_checks, signed_check
from tests.unit.infra.test_settings import MINIMAL

HOOK = "https://abcdefghijklmnopqrst.supabase.co/functions/v1/twilio-webhook"


def options(**defaults: Any) -> dict[str, Any]:
    """Return the options of created calls with these defaults."""
    return call_options(parse({**MINIMAL, "voicehooks:defaults": defaults}, {}, stack="dev"))


EVENTS = ["initiated", "ringing", "answered", "completed"]
FOLLOWED = {"StatusCallback": HOOK, "StatusCallbackMethod": "POST", "StatusCallbackEvent": EVENTS}


def test_without_settings_a_created_call_is_followed_and_nothing_else() -> None:
    """Whatever the numbers have: a created call reports every event, and is neither recorded nor bounded."""
    assert options() == FOLLOWED
    assert options(record="do-not-record") == FOLLOWED


def test_no_events_means_the_end_alone() -> None:
    """Twilio reports the end of a call that has a status callback and no events."""
    assert options(statusEvents=[]) == {"StatusCallback": HOOK, "StatusCallbackMethod": "POST"}


def test_a_created_call_reports_like_an_incoming_one() -> None:
    """The same events, to the handler's URL with the connection overrides."""
    reported = options(statusEvents=["ringing", "completed"], ringSeconds=20, delivery={"retries": 2})
    assert reported == {
        "StatusCallback": f"{HOOK}#rc=2",
        "StatusCallbackEvent": ["ringing", "completed"],
        "StatusCallbackMethod": "POST",
        "Timeout": 20,
    }


@pytest.mark.parametrize(
    ("record", "channels"), [("record-from-answer", "mono"), ("record-from-ringing-dual", "dual")]
)
def test_a_created_call_is_recorded_like_an_incoming_one(record: str, channels: str) -> None:
    """Channels and track follow the settings; the recording's steps reach the handler."""
    recorded = {
        **FOLLOWED,
        "Record": True,
        "RecordingChannels": channels,
        "RecordingTrack": "both",
        "RecordingStatusCallback": HOOK,
        "RecordingStatusCallbackEvent": "in-progress completed absent",
        "RecordingStatusCallbackMethod": "POST",
    }
    assert options(record=record) == recorded
    assert options(record=record, recordingTrack="inbound") == {**recorded, "RecordingTrack": "inbound"}


def test_a_delivery_without_overrides_has_no_fragment() -> None:
    """An empty one would make each URL end with a number sign."""
    settings = parse({**MINIMAL, "voicehooks:defaults": {"delivery": {}}}, {}, stack="dev")
    assert delivery_fragment(settings.defaults) == ""


def test_a_function_must_answer_signed_requests_and_refuse_all_others() -> None:
    """The right signature, none, and that of other parameters, as Twilio's own library computes them."""
    token = "a" * 32
    signed, unsigned, tampered = webhook_checks(HOOK, token)
    valid = RequestValidator(token).validate

    assert [check["name"] for check in (signed, unsigned, tampered)] == ["signed", "unsigned", "tampered"]
    assert valid(HOOK, signed["form"], signed["headers"]["X-Twilio-Signature"])
    assert signed["expect"] == {"status": 200, "json": {"revision": "{revision}", "nonce": "deploy"}}
    assert signed["form"]["VoicehooksCheck"] == "deploy"
    assert "headers" not in unsigned
    assert (unsigned["form"], unsigned["expect"]) == (signed["form"], {"status": 403})
    assert not valid(HOOK, tampered["form"], tampered["headers"]["X-Twilio-Signature"])
    assert (tampered["form"], tampered["expect"]) == (signed["form"], {"status": 403})


@pytest.mark.parametrize(("key_only", "by_token"), [(False, 200), (True, 403)])
def test_a_function_with_a_key_must_accept_its_signatures_alone(key_only: bool, by_token: int) -> None:
    """Those of the key by its ID, none of another ID, and those of the token only where they are accepted."""
    token, key, secret = "a" * 32, "webhooks_sharedkey_1", "s3cret"
    checks = {check["name"]: check for check in key_checks(HOOK, token, key, secret, key_only=key_only)}

    signed, unknown, other = (
        checks[name] for name in ("signed", "signed by an unknown key", "signed by the auth token")
    )
    settings = signed["headers"]["X-Twilio-Webhooks-Signature-Settings"]
    assert settings == f"key={key},algorithm=HMAC_SHA256"
    assert signed["form"] == {"VoicehooksCheck": "deploy"}
    assert signed["expect"]["status"] == 200
    signature = signed["headers"]["X-Twilio-Signature"]
    assert RequestValidator(secret).validate(HOOK, signed["form"], signature, get_signature_algorithm(settings))
    assert key not in unknown["headers"]["X-Twilio-Webhooks-Signature-Settings"].split(",")[0].split("=")
    assert (unknown["form"], unknown["expect"]) == (signed["form"], {"status": 403})
    assert unknown["headers"]["X-Twilio-Signature"] == signature
    assert RequestValidator(token).validate(HOOK, other["form"], other["headers"]["X-Twilio-Signature"])
    assert other["expect"]["status"] == by_token
    assert {"unsigned", "tampered"} < set(checks)


@pytest.mark.parametrize(("key", "algorithm"), [({}, "HMAC_SHA1"), ({"key_id": "key-1"}, "HMAC_SHA256")])
def test_a_function_for_events_must_accept_only_what_twilio_signed(key: dict[str, str], algorithm: str) -> None:
    """The signed body with its hash in the URL: no other body, not without a signature, and no GET."""
    url, secret = f"{HOOK}-events", "a" * 32
    signed, forged, unsigned, get = events_checks(url, secret, **key)
    settings = signed["headers"].get("X-Twilio-Webhooks-Signature-Settings")

    assert [check["name"] for check in (signed, forged, unsigned, get)] == [
        "signed",
        "forged",
        "unsigned",
        "GET",
    ]
    assert settings == (f"key=key-1,algorithm={algorithm}" if key else None)
    assert RequestValidator(secret).validate(
        url + signed["path"],
        signed["body"],
        signed["headers"]["X-Twilio-Signature"],
        *([get_signature_algorithm(settings)] if settings else []),
    )
    assert signed["headers"]["Content-Type"] == "application/json"
    assert json.loads(signed["body"]) == [{"type": "voicehooks.check", "id": "deploy"}]
    assert signed["expect"] == {"status": 200, "json": {"revision": "{revision}", "nonce": "deploy"}}
    refused = {"path": signed["path"], "expect": {"status": 403}}
    assert forged["body"] != signed["body"]
    assert forged == {**refused, "name": "forged", "body": forged["body"], "headers": signed["headers"]}
    assert unsigned == {**refused, "name": "unsigned", "body": signed["body"]}
    assert get == {**refused, "name": "GET", "method": "GET", "headers": signed["headers"]}


def test_a_check_of_one_revision_is_signed_with_the_token() -> None:
    """A rotation asks with a nonce of its own, which the answer repeats, and there is no key."""
    check = signed_check(HOOK, "a" * 32, "nonce-1")
    assert set(check.headers) == {"Content-Type", "X-Twilio-Signature"}
    assert json.loads(check.body)[0]["id"] == "nonce-1"
    assert RequestValidator("a" * 32).validate(
        HOOK + check.query, check.body, check.headers["X-Twilio-Signature"]
    )


def test_a_function_for_pages_must_run_and_require_a_user() -> None:
    """A preflight needs no user; everything else does."""
    assert [(check["method"], check["expect"]) for check in page_checks()] == [
        ("OPTIONS", {"status": 204}),
        ("POST", {"status": 401}),
    ]
