"""Which requests `voicehooks init` tries a credential with, and what it says of an answer."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pulumi_twilio.client import Credentials

from voicehooks.commands.init import credential_checks, rehearsal
from voicehooks.commands.init.credential_checks import (
    Addresses,
    CredentialCheck,
    TwilioKeys,
    try_auth_token,
    try_requests,
    try_supabase,
)
from voicehooks.output.errors import CommandError
from voicehooks.stack import sandbox
from voicehooks.stack.environment import TwilioAddress

ACCOUNT, KEY, REF = "AC" + "1" * 32, "SK" + "2" * 32, "abcdefghijklmnopqrst"
ADDRESSES = Addresses(TwilioAddress("ie1", "", ""), "https://supabase.example.com")
KEYS = TwilioKeys(ACCOUNT, "token", KEY, "secret")


class Vendors:
    """Both vendors: what they answer by request, and what they were asked.

    Attributes:
        account: Twilio's answer about the account.
        refused: the error of a request.
        asked: each request in order, after how the client was opened.
    """

    def __init__(self) -> None:
        self.account: dict[str, Any] = {"status": "active", "type": "Full", "friendly_name": "Acme"}
        self.refused: dict[str, str] = {}
        self.asked: list[Any] = []
        self.account_sid = ACCOUNT

    def _answer(self, name: str, answer: Any) -> Any:
        self.asked.append(name)
        if name in self.refused:
            raise CommandError("", self.refused[name])
        return answer

    @asynccontextmanager
    async def connect_twilio(self, credentials: Credentials, address: TwilioAddress) -> AsyncIterator[Vendors]:
        assert address == ADDRESSES.twilio
        self.asked.append((credentials.account_sid, credentials.user, credentials.password))
        yield self

    async def numbers(self, what: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._answer("numbers", [{"phone_number": "+1"}])
        return found

    async def get(self, *arguments: Any, **more: Any) -> Any:
        if arguments == ("", ""):
            return self._answer("account", self.account)
        if arguments[0] == "":
            return self._answer(arguments[1], more)
        project, path, permission = arguments
        assert (project, permission) == (REF, f"edge_functions{'_secrets' if path == '/secrets' else ''}_read")
        return self._answer(path, SimpleNamespace(json=lambda: [{}, {}]))

    @asynccontextmanager
    async def connect_supabase(self, token: str, url: str) -> AsyncIterator[Any]:
        self.asked.append((token, url))
        yield SimpleNamespace(require_awake=self.require_awake, get=self.get, query=self.query)

    async def require_awake(self, project: str) -> None:
        self._answer("project", project)

    async def query(self, project: str, sql: str, *, read_only: bool) -> None:
        assert (project, read_only) == (REF, True)
        self._answer("database", None)


@pytest.fixture
def vendors(monkeypatch: pytest.MonkeyPatch) -> Vendors:
    """They accept everything."""
    found = Vendors()
    monkeypatch.setattr(credential_checks, "connect_twilio", found.connect_twilio)
    monkeypatch.setattr(credential_checks, "connect_supabase", found.connect_supabase)
    return found


def test_the_auth_token_is_tried_by_itself(vendors: Vendors) -> None:
    """Webhooks are signed with it, although an API key makes the requests."""
    assert asyncio.run(try_auth_token(KEYS, ADDRESSES)) == [
        CredentialCheck("Twilio auth token", found="account Acme")
    ]
    assert vendors.asked == [(ACCOUNT, ACCOUNT, "token"), "account"]
    vendors.account = {"type": "Trial", "friendly_name": ""}
    [check] = asyncio.run(try_auth_token(KEYS, ADDRESSES))
    assert (check.found, check.refused) == (f"trial account {ACCOUNT}", "")
    vendors.account = {"status": "suspended"}
    [check] = asyncio.run(try_auth_token(KEYS, ADDRESSES))
    assert ("suspended" in check.refused, check.found) == (True, "")


@pytest.mark.parametrize(
    ("keys", "name", "user", "password"),
    [
        (KEYS, "Twilio API key", KEY, "secret"),
        (TwilioKeys(ACCOUNT, "token"), "Twilio", ACCOUNT, "token"),
    ],
)
def test_what_makes_the_requests_is_tried(
    vendors: Vendors, keys: TwilioKeys, name: str, user: str, password: str
) -> None:
    """The numbers, and one TwiML App."""
    checks, numbers = asyncio.run(try_requests(keys, ADDRESSES))
    assert checks == [
        CredentialCheck(f"{name}: numbers", found="1 number"),
        CredentialCheck(f"{name}: TwiML Apps", found="readable"),
    ]
    assert numbers == [{"phone_number": "+1"}]
    assert vendors.asked == [(ACCOUNT, user, password), "numbers", "Applications.json"]


@pytest.mark.parametrize(("why", "checks"), [("HTTP 401: no", 1), ("a right is missing", 2)])
def test_a_key_that_is_refused_is_not_tried_further(vendors: Vendors, why: str, checks: int) -> None:
    """One that lacks a right may lack another one: both are named at once."""
    vendors.refused = {"numbers": why, "Applications.json": "another right"}
    found, numbers = asyncio.run(try_requests(KEYS, ADDRESSES))
    assert [check.refused for check in found] == [why, "another right"][:checks]
    assert numbers == []


def test_the_access_token_is_tried_on_all_that_is_needed(vendors: Vendors) -> None:
    """Each permission by itself, so that each that is missing is named; a project that sleeps ends it."""
    vendors.refused = {"/secrets": "no right: pulumi config set x", "database": "down"}
    assert asyncio.run(try_supabase(REF, "sbp_x", ADDRESSES)) == [
        CredentialCheck("Supabase project", found=REF),
        CredentialCheck("Supabase functions", found="2 functions"),
        CredentialCheck("Supabase secrets", refused="no right"),
        CredentialCheck("Supabase database", refused="down"),
    ]
    assert vendors.asked[0] == ("sbp_x", "https://supabase.example.com")
    vendors.refused = {}
    found = asyncio.run(try_supabase(REF, "sbp_x", ADDRESSES))
    assert [check.found for check in found[2:]] == ["readable", "answers"]
    vendors.refused = {"project": "it is paused"}
    assert asyncio.run(try_supabase(REF, "sbp_x", ADDRESSES)) == [
        CredentialCheck("Supabase project", refused="it is paused")
    ]


def test_a_rehearsal_starts_its_sandbox_and_signs_in_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its credentials and addresses by settings key; one that does not start is an error."""
    ran: list[list[str]] = []
    code = 0
    values = {name: name.upper() for name in rehearsal._ANSWERS.values()}

    def run(arguments: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        ran.append(arguments)
        return subprocess.CompletedProcess(arguments, code)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(sandbox, "addresses", lambda folder, stack: values)
    assert rehearsal.sandbox_answers(tmp_path, "team") == {
        "twilio:accountSid": "TWILIO_ACCOUNT_SID",
        "twilio:authToken": "TWILIO_AUTH_TOKEN",
        "twilio:baseUrl": "TWILIO_BASE_URL",
        "supabase:accessToken": "SUPABASE_ACCESS_TOKEN",
        "supabase:apiUrl": "SUPABASE_API_URL",
        "voicehooks:supabaseProject": "SUPABASE_PROJECT_REF",
    }
    assert ran[0][1:] == ["--state", str(sandbox.state_folder("team")), "up"]
    code = 1
    with pytest.raises(CommandError, match="its sandbox did not start"):
        rehearsal.sandbox_answers(tmp_path, "team")
    code, values = 0, {}
    with pytest.raises(CommandError, match="its sandbox did not start"):
        rehearsal.sandbox_answers(tmp_path, "team")
