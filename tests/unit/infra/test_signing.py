"""The settings of the signing key: what they exclude, and which secrets the functions hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.settings_errors import SettingsError
from infra.settings_parser import parse
from infra.signing import secret_names

NUMBER = "+15551234567"
API_KEY = {"voicehooks:functionsApiKeySid": "SK" + "a" * 32, "voicehooks:functionsApiKeySecret": "s"}


def config(account: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A settings file with these settings of the account."""
    return {
        "twilio:accountSid": "AC1",
        "twilio:authToken": "t",
        "supabase:accessToken": "s",
        "voicehooks:supabaseProject": "abcdefghijklmnopqrst",
        "voicehooks:numbers": json.dumps({NUMBER: changes.pop("number", {})}),
        "voicehooks:account": json.dumps(account),
        **changes,
    }


@pytest.mark.parametrize(
    ("account", "changes", "reason"),
    [
        ({"signature": "key-only"}, {}, "needs webhookRules"),
        ({"webhookRules": True, "signature": "key-only", "eventStreams": True}, {}, "eventStreams"),
        ({"webhookRules": True, "signingKey": "Next one"}, {}, "signingKey"),
        ({"webhookRules": True}, {"number": {"delivery": {"retries": 1}}}, f"numbers.{NUMBER}.delivery"),
        (
            {"webhookRules": True},
            {"voicehooks:defaults": json.dumps({"delivery": {"edges": ["dublin"]}})},
            "delivery.edges",
        ),
    ],
)
def test_what_a_key_excludes(account: dict[str, Any], changes: dict[str, Any], reason: str) -> None:
    """Each contradiction is one sentence that names the key."""
    with pytest.raises(SettingsError, match=reason):
        parse(config(account, **changes), {}, stack="dev")


def test_credentials_alone_may_be_lacking() -> None:
    """Then every other setting is right, and the message names the command for each."""
    given = config({})
    del given["supabase:accessToken"]
    with pytest.raises(SettingsError) as error:
        parse(given, {}, stack="dev")
    assert str(error.value).splitlines() == [
        "1 setting is missing in stack dev: supabase:accessToken. Set each with:",
        "    pulumi config set --stack dev --secret supabase:accessToken",
    ]


def test_a_key_has_a_secret_of_its_own() -> None:
    """Named after the key, so that a rotation has two of them."""
    named = [
        secret_names(parse(config({"webhookRules": True, **key}), {}, stack="dev"))
        for key in ({}, {"signingKey": "2026-12"})
    ]
    assert named == [["VOICEHOOKS_SIGNING_KEY_1"], ["VOICEHOOKS_SIGNING_KEY_2026_12"]]
    assert secret_names(parse(config({}), {}, stack="dev")) == []


@pytest.mark.parametrize(
    ("account", "changes", "needed"),
    [
        ({}, {}, True),
        ({"webhookRules": True}, API_KEY, True),
        ({"webhookRules": True, "signature": "key-only"}, {}, False),
        (
            {"webhookRules": True, "signature": "key-only"},
            {"voicehooks:allowedOrigins": '["http://a.b"]'},
            True,
        ),
        (
            {"webhookRules": True, "signature": "key-only"},
            {"voicehooks:allowedOrigins": '["http://a.b"]', **API_KEY},
            False,
        ),
    ],
)
def test_functions_that_need_no_token_get_none(
    account: dict[str, Any], changes: dict[str, Any], needed: bool
) -> None:
    """With key-only they need it for Twilio's API alone, and not even for that with an API key."""
    assert parse(config(account, **changes), {}, stack="dev").functions_need_token == needed
