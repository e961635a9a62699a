"""What checks look at, each fact asked for once however many checks want it, and only when one does."""

from __future__ import annotations

import asyncio
import functools
import os
from contextlib import AsyncExitStack, aclosing
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
from pulumi_provider_kit.rest import tls_context
from pulumi_twilio.client import Credentials, TwilioError

from infra.settings_errors import SettingsError
from infra.settings_parser import REQUIRED_ELSEWHERE, parse
from voicehooks.output.errors import CommandError
from voicehooks.output.identifiers import shorten
from voicehooks.stack.deployed_state import read_state
from voicehooks.vendors.routes import voice_url_of
from voicehooks.vendors.supabase import open_supabase
from voicehooks.vendors.twilio import open_twilio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Self

    from pulumi_supabase.client import ManagementApi
    from pulumi_twilio.client import TwilioClient

    from infra.settings import Settings
    from voicehooks.stack.deployed_state import State
    from voicehooks.stack.environment import Environment
    from voicehooks.vendors.twilio import Twilio

__all__ = ["DAY_SECONDS", "UNAVAILABLE", "Context"]

DAY_SECONDS = 86_400
UNAVAILABLE = "not available here"
"""A check's result where :meth:`Context.optional_api` has no answer."""

_ENTRIES = 5000

_T = TypeVar("_T")


def fact(method: Callable[[Context], Awaitable[_T]]) -> Callable[[Context], Awaitable[_T]]:
    """Ask once; later and concurrent callers get the same answer or the same error."""

    @functools.wraps(method)
    async def ask(self: Context) -> _T:
        task = self.asked.get(method.__name__)
        if task is None:
            task = asyncio.ensure_future(method(self))
            self.asked[method.__name__] = task
        # One check's time being up must not take the answer from the others.
        result: _T = await asyncio.shield(task)
        return result

    return ask


class Context:
    """One examination's view of an environment.

    Attributes:
        environment: the stack.
        name: the stack's name.
        to: a number to check, or an empty string.
        http: a client without any credential, for what is public.
        asked: the facts that were asked for.
    """

    def __init__(self, environment: Environment, *, to: str = "") -> None:
        self.environment = environment
        self.name = environment.name
        self.to = to
        self.http = httpx.AsyncClient(
            timeout=20, headers={"User-Agent": "voicehooks-doctor"}, verify=tls_context()
        )
        self.asked: dict[str, asyncio.Future[Any]] = {}
        self._clients = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Open nothing yet: clients are opened by the first check that needs them."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close what was opened."""
        for task in self.asked.values():
            task.cancel()
        await asyncio.gather(*self.asked.values(), return_exceptions=True)
        await self._clients.aclose()
        await self.http.aclose()

    @property
    def up(self) -> str:
        """The command that puts most things right."""
        return f"pulumi up --stack {self.name}"

    @property
    def reconcile(self) -> str:
        """The command that fetches what Twilio could not deliver."""
        return f"voicehooks reconcile --stack {self.name}"

    @property
    def file(self) -> str:
        """The settings file's name."""
        return f"Pulumi.{self.name}.yaml"

    def setting(self, path: str, value: str) -> str:
        """The command that changes one setting and deploys it."""
        return f"pulumi config set --stack {self.name} --path {path} {value} && {self.up}"

    def once(self, name: str, ask: Callable[[Context], Awaitable[_T]]) -> Awaitable[_T]:
        """Run a check's own function once, however many checks want what it returns."""
        if name not in self.asked:
            self.asked[name] = asyncio.ensure_future(ask(self))
        return asyncio.shield(self.asked[name])

    async def place(self) -> str:
        """The accounts, shortened, for a headline; empty if the settings do not say."""
        try:
            config = await self.config()
        except CommandError:
            return ""
        account = str(config.get("twilio:accountSid") or os.environ.get("TWILIO_ACCOUNT_SID") or "")
        project = str(config.get("voicehooks:supabaseProject") or "")
        parts = [
            f"account {shorten(account)}" if account else "",
            f"project {shorten(project, head=4)}" if project else "",
        ]
        return "  ".join(part for part in parts if part)

    # This machine: settings and state

    @fact
    async def config(self) -> dict[str, Any]:
        """The stack's configuration, secrets opened."""
        return await asyncio.to_thread(lambda: self.environment.config)

    @fact
    async def settings(self) -> Settings:
        """The settings; a credential that is missing is the matter of the checks that need it."""
        config = await self.config()
        try:
            return parse(config, dict.fromkeys(REQUIRED_ELSEWHERE.values(), "asked for later"), stack=self.name)
        except SettingsError as error:
            raise CommandError(
                f"the settings of {self.name} cannot be used", str(error), f"correct Pulumi.{self.name}.yaml"
            ) from None

    @fact
    async def state(self) -> State:
        """What the last update left."""
        return await asyncio.to_thread(read_state, self.environment.engine, show_secrets=True)

    # Twilio

    async def twilio(self) -> TwilioClient:
        """Twilio's API, signed in as the environment does; makes no request by itself."""
        return (await self._account()).client

    async def _account(self) -> Twilio:
        await self.config()
        return await self._twilio()

    @fact
    async def _twilio(self) -> Twilio:
        return await self._clients.enter_async_context(open_twilio(self.environment))

    @fact
    async def account(self) -> dict[str, Any]:
        """The account, read with its auth token: standard API keys may not."""
        await self.config()
        sid = self.environment.account_sid
        credentials = Credentials(sid, sid, self.environment.auth_token)
        async with open_twilio(self.environment, credentials) as twilio:
            return await twilio.client.get(f"/2010-04-01/Accounts/{sid}.json")

    @fact
    async def live_numbers(self) -> dict[str, dict[str, Any]]:
        """Every number of the account by E.164, as Twilio answers it."""
        numbers = await (await self._account()).numbers("the numbers cannot be read")
        return {str(number["phone_number"]): number for number in numbers}

    @fact
    async def answered_numbers(self) -> set[str]:
        """The numbers whose calls the handler takes now, through their own voice URL or a TwiML App's."""
        settings, live = await self.settings(), await self.live_numbers()
        apps = (
            await self.live_applications() if any(n.get("voice_application_sid") for n in live.values()) else {}
        )
        return {number for number, found in live.items() if voice_url_of(found, apps) == settings.webhook_url}

    @fact
    async def live_applications(self) -> dict[str, dict[str, Any]]:
        """Every TwiML App by its SID."""
        apps = await (await self._account()).applications("the TwiML Apps cannot be read")
        return {str(app["sid"]): app for app in apps}

    async def twilio_list(self, path: str, key: str, *, filters: dict[str, str] | None) -> list[dict[str, Any]]:
        """The pages of a list of the account, up to the one that reaches 5,000 entries."""
        twilio = await self._account()
        found: list[dict[str, Any]] = []
        async with aclosing(twilio.pages(f"{key} cannot be read", path, key, **(filters or {}))) as pages:
            async for page in pages:
                found += page
                if len(found) >= _ENTRIES:
                    break
        return found

    async def optional_api(self, host: str, path: str, **query: str | int) -> dict[str, Any] | None:
        """Read one of Twilio's newer account-wide APIs; None where this account or these credentials cannot.

        Some are in beta, and an API key may lack the right to read them. Twilio then answers 403 or 404, which
        says nothing about our calls.
        """
        client = await self.twilio()
        try:
            return await client.get(path, host=host, **query)
        except TwilioError as error:
            if error.status not in (403, 404):
                raise
            return None

    # Supabase

    async def supabase(self) -> ManagementApi:
        """The Management API; makes no request by itself."""
        await self.config()
        return await self._supabase_client()

    @fact
    async def _supabase_client(self) -> ManagementApi:
        return await self._clients.enter_async_context(open_supabase(self.environment))

    async def project_ref(self) -> str:
        """The project's reference, also where another setting is wrong."""
        ref = str((await self.config()).get("voicehooks:supabaseProject") or "")
        return ref or (await self.settings()).supabase_project

    async def management(self, path: str, permission: str, **request: Any) -> Any:
        """Read something of the project."""
        api = await self.supabase()
        return (await api.get(await self.project_ref(), path, permission, **request)).json()

    async def query(self, sql: str, row: Any) -> list[dict[str, Any]]:
        """Run SQL that only reads; ``row`` is the type of a row, a ``TypedDict``."""
        api = await self.supabase()
        return await api.query(await self.project_ref(), sql, read_only=True, row=row)

    @fact
    async def functions(self) -> dict[str, dict[str, Any]]:
        """The project's functions by slug."""
        found = await self.management("/functions", "edge_functions_read")
        return {str(function["slug"]): function for function in found}

    @fact
    async def secret_digests(self) -> dict[str, str]:
        """SHA-256 of each secret by name; never to be printed."""
        found = await self.management("/secrets", "edge_functions_secrets_read")
        return {str(secret["name"]): str(secret["value"]) for secret in found}

    @fact
    async def api_keys(self) -> list[dict[str, Any]]:
        """The project's API keys; never to be printed."""
        found: list[dict[str, Any]] = await self.management(
            "/api-keys", "api_gateway_keys_read", params={"reveal": "true"}
        )
        return found
