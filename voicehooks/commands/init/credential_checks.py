"""Trying credentials with requests that read, and saying which right is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_twilio.client import Credentials

from voicehooks.output.counting import count
from voicehooks.output.errors import CommandError
from voicehooks.output.json import fields_of
from voicehooks.vendors.errors import reported
from voicehooks.vendors.supabase import connect_supabase
from voicehooks.vendors.twilio import connect_twilio

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from pulumi_supabase.client import ManagementApi

    from voicehooks.stack.environment import TwilioAddress
    from voicehooks.vendors.twilio import Twilio

__all__ = ["Addresses", "CredentialCheck", "TwilioKeys", "try_auth_token", "try_requests", "try_supabase"]


@dataclass(frozen=True)
class Addresses:
    """Where the vendors are; empty for the real ones."""

    twilio: TwilioAddress
    supabase_api_url: str


@dataclass(frozen=True)
class TwilioKeys:
    """How to sign in at Twilio.

    Attributes:
        account_sid: AC...
        auth_token: what webhooks are signed with.
        api_key_sid: SK..., or empty.
        api_key_secret: its secret, or empty.
    """

    account_sid: str
    auth_token: str
    api_key_sid: str = ""
    api_key_secret: str = ""


@dataclass(frozen=True)
class CredentialCheck:
    """What came of trying something.

    Attributes:
        what: what was tried.
        refused: why it does not do, or empty where it does.
        found: what was seen.
    """

    what: str
    refused: str = ""
    found: str = ""

    def json_fields(self) -> dict[str, Any]:
        """The same for `--json`."""
        return {**fields_of(self), "ok": not self.refused}


async def try_auth_token(keys: TwilioKeys, addresses: Addresses) -> list[CredentialCheck]:
    """Try the auth token by itself: webhooks are signed with it even where an API key makes the requests."""
    credentials = Credentials(keys.account_sid, keys.account_sid, keys.auth_token)
    async with connect_twilio(credentials, addresses.twilio) as twilio:
        return [await _attempt("Twilio auth token", _account(twilio))]


async def try_requests(
    keys: TwilioKeys, addresses: Addresses
) -> tuple[list[CredentialCheck], list[dict[str, Any]]]:
    """Try what makes Pulumi's requests, the API key or else the token; return the account's numbers too."""
    name = "Twilio API key" if keys.api_key_sid else "Twilio"
    user = keys.api_key_sid or keys.account_sid
    password = keys.api_key_secret if keys.api_key_sid else keys.auth_token
    numbers: list[dict[str, Any]] = []

    async def list_numbers(twilio: Twilio) -> str:
        numbers.extend(await twilio.numbers(""))
        return count(len(numbers), "number")

    async def list_applications(twilio: Twilio) -> str:
        await twilio.get("", "Applications.json", PageSize=1)
        return "readable"

    async with connect_twilio(Credentials(keys.account_sid, user, password), addresses.twilio) as twilio:
        checks = [await _attempt(f"{name}: numbers", list_numbers(twilio))]
        if "HTTP 401" not in checks[0].refused:
            checks.append(await _attempt(f"{name}: TwiML Apps", list_applications(twilio)))
    return checks, numbers


async def try_supabase(project: str, token: str, addresses: Addresses) -> list[CredentialCheck]:
    """Try the access token on what the environment will need of the project."""
    async with connect_supabase(token, addresses.supabase_api_url) as api:
        checks = [await _attempt("Supabase project", _awake(api, project))]
        if not checks[0].refused:
            checks.append(await _attempt("Supabase functions", _functions(api, project)))
            checks.append(await _attempt("Supabase secrets", _secrets(api, project)))
            checks.append(await _attempt("Supabase database", _database(api, project)))
    return checks


async def _awake(api: ManagementApi, project: str) -> str:
    await api.require_awake(project)
    return project


async def _functions(api: ManagementApi, project: str) -> str:
    answer = await api.get(project, "/functions", "edge_functions_read")
    return count(len(answer.json()), "function")


async def _secrets(api: ManagementApi, project: str) -> str:
    await api.get(project, "/secrets", "edge_functions_secrets_read")
    return "readable"


async def _database(api: ManagementApi, project: str) -> str:
    await api.query(project, "select 1 as one", read_only=True)
    return "answers"


async def _account(twilio: Twilio) -> str:
    account = await twilio.get("", "")
    status = str(account.get("status") or "active")
    if status != "active":
        raise CommandError("", f"the account is {status}; look at the Twilio console, then run this again")
    kind = "trial account" if str(account.get("type")) == "Trial" else "account"
    return f"{kind} {account.get('friendly_name') or twilio.account_sid}"


async def _attempt(what: str, request: Awaitable[str]) -> CredentialCheck:
    try:
        with reported(what):
            return CredentialCheck(what, found=await request)
    except CommandError as error:
        # The hints of the providers end in a command for a stack that is there already; here it is not yet.
        sentence = error.why.split(": pulumi config set")[0]
        return CredentialCheck(what, refused=sentence)
