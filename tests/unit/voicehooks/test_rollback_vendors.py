"""What `voicehooks rollback` takes back from an earlier state: the numbers' URLs, and the auth token."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from pulumi_twilio.client import TwilioError
from pulumi_twilio.voice_configuration.table import TABLE

from voicehooks.commands.rollback import numbers, secrets
from voicehooks.output.errors import CommandError
from voicehooks.stack.deployed_state import State

NUMBER, SID = "+15551234567", "PN" + "1" * 32
OURS, FOUND = "https://example.com/voice", "https://found.example/voice"
DELIVERY = {"retries": 3.0, "retryOn": ["5xx"]}


def state(outputs: dict[str, Any], inputs: dict[str, Any]) -> State:
    """The state of one number."""
    empty = {p.name: "" for p in TABLE.properties if p.wire}
    urn = f"urn:pulumi:prod::voicehooks::twilio:index:VoiceConfiguration::{NUMBER}"
    return State(
        [
            {
                "urn": urn,
                "type": "twilio:index:VoiceConfiguration",
                "id": SID,
                "inputs": inputs,
                "outputs": {**empty, "e164": NUMBER, **outputs},
            }
        ]
    )


class Account:
    """A number that has nothing at all now."""

    async def find(self, what: str, path: str) -> dict[str, Any]:
        return {"sid": SID, "phone_number": NUMBER}


@pytest.mark.parametrize(
    ("outputs", "inputs", "written"),
    [
        ({"voiceUrl": OURS}, {"voiceUrl": OURS}, {"VoiceUrl": f"{OURS}#rc=3&rp=5xx"}),
        # A fragment of its own is kept, and no second one is added.
        ({"voiceUrl": f"{OURS}#rc=1"}, {"voiceUrl": f"{OURS}#rc=1"}, {"VoiceUrl": f"{OURS}#rc=1"}),
        # Found and not given: it is put back as it was found, whatever the program's delivery.
        (
            {"voiceUrl": OURS, "statusCallback": FOUND},
            {"voiceUrl": OURS},
            {"VoiceUrl": f"{OURS}#rc=3&rp=5xx", "StatusCallback": FOUND},
        ),
    ],
)
def test_overrides_go_with_given_urls_only(
    outputs: dict[str, Any], inputs: dict[str, Any], written: dict[str, str]
) -> None:
    """A URL that the program gave is written with its connection overrides, any other as it was."""
    account: Any = Account()
    [write] = asyncio.run(numbers.writes(account, state(outputs, {**inputs, "delivery": DELIVERY})))
    assert write.form == written


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"auth_token": "the-primary-one"}, "Twilio signs with another auth token now"),
        (TwilioError(20003, "Authenticate", 401), "Twilio no longer accepts the previous auth token"),
    ],
)
def test_a_token_that_does_not_sign_is_not_brought_back(
    monkeypatch: pytest.MonkeyPatch, answer: Any, why: str
) -> None:
    """The secondary token signs in, but Twilio signs with the primary one: every webhook would be refused."""
    kept: list[str] = []
    result = bring_back(monkeypatch, answer, kept)
    assert isinstance(result, CommandError)
    assert why in str(result)
    assert kept == []


def test_an_outage_is_not_a_refused_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Twilio answered is named; nothing is said of the token."""
    result = bring_back(monkeypatch, TwilioError(None, "Service Unavailable", 503), [])
    assert "Service Unavailable" in str(result)


def test_the_primary_token_is_brought_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """It signs in, and Twilio signs with it."""
    kept: list[str] = []
    assert bring_back(monkeypatch, {"auth_token": "old-token"}, kept) is None
    assert kept == ["twilio:authToken=old-token"]


def bring_back(monkeypatch: pytest.MonkeyPatch, answer: Any, kept: list[str]) -> CommandError | None:
    """Bring an update's auth token back where Twilio answers so about the account; returns the error."""

    class Client:
        async def get(self, path: str) -> dict[str, Any]:
            if isinstance(answer, Exception):
                raise answer
            found: dict[str, Any] = answer
            return found

    @asynccontextmanager
    async def open_twilio(*_: Any) -> AsyncIterator[Any]:
        yield SimpleNamespace(client=Client())

    monkeypatch.setattr(secrets, "open_twilio", open_twilio)
    row = {"version": 1, "config": {"twilio:authToken": {"value": "old-token", "secret": True}}}
    environment: Any = SimpleNamespace(
        account_sid="AC1", engine=SimpleNamespace(history=lambda show_secrets: [row])
    )
    update: Any = SimpleNamespace(number=1, config=row["config"])
    engine: Any = SimpleNamespace(set_secret=lambda key, value, what: kept.append(f"{key}={value}"))
    try:
        asyncio.run(secrets.bring_back(environment, update, engine))
    except CommandError as error:
        return error
    return None
