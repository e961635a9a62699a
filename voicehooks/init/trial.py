"""Trying credentials with requests that read, and saying which right is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.cancellation import Cancellation
from pulumi_provider_kit.errors import ProviderError
from pulumi_supabase.client import ManagementApi
from pulumi_twilio.client import Credentials, TwilioClient
from pulumi_twilio.numbers import NumberDirectory

if TYPE_CHECKING:
    from collections.abc import Awaitable

__all__ = ["Addresses", "Trial", "TwilioKeys", "try_auth_token", "try_requests", "try_supabase"]


@dataclass(frozen=True)
class Addresses:
    """Where the vendors are; empty for the real ones."""

    twilio_region: str = ""
    twilio_edge: str = ""
    twilio_base_url: str = ""
    supabase_api_url: str = ""


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
class Trial:
    """What came of trying something.

    Attributes:
        what: what was tried.
        refused: why it does not do, or empty where it does.
        found: what was seen.
    """

    what: str
    refused: str = ""
    found: str = ""

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {"what": self.what, "ok": not self.refused, "refused": self.refused, "found": self.found}


async def try_auth_token(keys: TwilioKeys, addresses: Addresses) -> list[Trial]:
    """Try the auth token by itself: webhooks are signed with it even where an API key makes the requests."""
    client = _twilio(Credentials(keys.account_sid, keys.account_sid, keys.auth_token), addresses)
    try:
        return [await _attempt("Twilio auth token", _account(client))]
    finally:
        await client.close()


async def try_requests(keys: TwilioKeys, addresses: Addresses) -> tuple[list[Trial], list[dict[str, Any]]]:
    """Try what makes Pulumi's requests, the API key or else the token; return the account's numbers too."""
    name = "Twilio API key" if keys.api_key_sid else "Twilio"
    user = keys.api_key_sid or keys.account_sid
    password = keys.api_key_secret if keys.api_key_sid else keys.auth_token
    client = _twilio(Credentials(keys.account_sid, user, password), addresses)
    numbers: list[dict[str, Any]] = []

    async def list_numbers() -> str:
        numbers.extend(await NumberDirectory(client).all())
        return f"{len(numbers)} number{'' if len(numbers) == 1 else 's'}"

    async def list_applications() -> str:
        await client.get(client.account("Applications.json"), PageSize=1)
        return "readable"

    try:
        trials = [await _attempt(f"{name}: numbers", list_numbers())]
        if "HTTP 401" not in trials[0].refused:
            trials.append(await _attempt(f"{name}: TwiML Apps", list_applications()))
    finally:
        await client.close()
    return trials, numbers


async def try_supabase(project: str, token: str, addresses: Addresses) -> list[Trial]:
    """Try the access token on what the environment will need of the project."""
    url = addresses.supabase_api_url or "https://api.supabase.com"
    api = ManagementApi(token, Cancellation(), url=url)

    async def awake() -> str:
        await api.require_awake(project)
        return project

    async def functions() -> str:
        count = len((await api.get(project, "/functions", "edge_functions_read")).json())
        return f"{count} function{'' if count == 1 else 's'}"

    async def secrets() -> str:
        await api.get(project, "/secrets", "edge_functions_secrets_read")
        return "readable"

    async def database() -> str:
        await api.query(project, "select 1 as one", read_only=True)
        return "answers"

    try:
        trials = [await _attempt("Supabase project", awake())]
        if not trials[0].refused:
            trials.append(await _attempt("Supabase functions", functions()))
            trials.append(await _attempt("Supabase secrets", secrets()))
            trials.append(await _attempt("Supabase database", database()))
    finally:
        await api.close()
    return trials


def _twilio(credentials: Credentials, addresses: Addresses) -> TwilioClient:
    return TwilioClient(
        credentials,
        Cancellation(),
        region=addresses.twilio_region,
        edge=addresses.twilio_edge,
        base_url=addresses.twilio_base_url,
    )


async def _account(client: TwilioClient) -> str:
    account = await client.get(f"/2010-04-01/Accounts/{client.account_sid}.json")
    status = str(account.get("status") or "active")
    if status != "active":
        raise ProviderError(f"the account is {status}; look at the Twilio console, then run this again")
    kind = "trial account" if str(account.get("type")) == "Trial" else "account"
    return f"{kind} {account.get('friendly_name') or client.account_sid}"


async def _attempt(what: str, request: Awaitable[str]) -> Trial:
    try:
        return Trial(what, found=await request)
    except ProviderError as error:
        # The hints of the providers end in a command for a stack that is there already; here it is not yet.
        sentence = str(error).split(": pulumi config set")[0]
        return Trial(what, refused=sentence)
