"""The account's auth tokens, at Twilio and as the functions see them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
from pulumi_provider_kit.rest import tls_context
from pulumi_twilio.client import Credentials, TwilioError
from twilio.request_validator import RequestValidator

from infra.settings import EVENTS_FUNCTION
from infra.stream_checks import signed_check
from voicehooks.commands.rotate.progress import Facts
from voicehooks.output.errors import CommandError
from voicehooks.vendors.errors import reported
from voicehooks.vendors.supabase import open_supabase
from voicehooks.vendors.twilio import open_twilio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pulumi_twilio.client import TwilioClient

    from voicehooks.stack.environment import Environment

__all__ = ["SECONDARY", "Tokens"]

SECONDARY = "voicehooks:secondaryAuthToken"
_SECRET = "VOICEHOOKS_SECONDARY_AUTH_TOKEN"  # noqa: S105 - its name
_CONFLICTS = (400, 409)
_TIMEOUT_SECONDS = 20
# How long a function may take to use a secret after its deploy.
_ATTEMPTS, _PAUSE_SECONDS = 60, 1.0


class Tokens:
    """What can be asked about, and done with, the auth tokens of a stack's account.

    Args:
        environment: the stack.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.primary = environment.auth_token
        self.secondary = str(environment.config.get(SECONDARY) or "")

    async def facts(self) -> Facts:
        """Look at Twilio, the project and the functions.

        Raises:
            CommandError: one of them cannot be asked.
        """
        by_primary, by_secondary, slugs, has = await asyncio.gather(
            self._primary_of_account(self.primary),
            self._primary_of_account(self.secondary),
            self._slugs(),
            self._has_secret(),
        )
        live = by_primary or by_secondary or ""
        return Facts(
            has_secondary=bool(self.secondary),
            same=bool(self.secondary) and _same(self.primary, self.secondary),
            secondary_valid=by_secondary is not None,
            primary_signs=bool(live) and _same(live, self.primary),
            secondary_signs=bool(live and self.secondary) and _same(live, self.secondary),
            functions_accept_primary=await self._accepted(self.primary, slugs),
            functions_accept_secondary=bool(self.secondary) and await self._accepted(self.secondary, slugs),
            functions_have_secondary=has,
        )

    async def create(self) -> str:
        """Create a secondary token at Twilio; one that the account has already is replaced.

        Raises:
            CommandError: Twilio refuses.
        """
        path = "/v1/AuthTokens/Secondary"
        with reported("no secondary auth token was created"):
            async with self._signed_in(self.primary) as client:
                try:
                    made = await client.post(path, {}, host="accounts", repeatable=False)
                except TwilioError as error:
                    if error.status not in _CONFLICTS:
                        raise
                    await client.delete(path, host="accounts")
                    made = await client.post(path, {}, host="accounts", repeatable=False)
        return str(made["secondary_auth_token"])

    async def wait_until_accepted(self, *, both: bool) -> None:
        """Wait until each function accepts the settings' token, or both of them.

        Raises:
            CommandError: one does not, long after it was deployed.
        """
        slugs = await self._slugs()
        waiting = {self.primary, self.secondary} if both else {self.primary}
        for _ in range(_ATTEMPTS):
            waiting = {token for token in waiting if not await self._accepted(token, slugs)}
            if not waiting:
                return
            await asyncio.sleep(_PAUSE_SECONDS)
        raise CommandError(
            "the rotation cannot continue",
            "a function refuses requests that a token of the settings signed",
            f"voicehooks doctor --check probe --stack {self._environment.name}",
        )

    async def promote(self) -> None:
        """Make the secondary token the primary one.

        Raises:
            CommandError: a function does not accept both tokens, or Twilio refuses.
        """
        slugs = await self._slugs()
        for token in (self.primary, self.secondary):
            if not await self._accepted(token, slugs):
                raise CommandError(
                    "the new token was not promoted",
                    "a function does not accept both tokens, so it would refuse Twilio's requests",
                    f"voicehooks doctor --check probe --stack {self._environment.name}",
                )
        with reported("the new token was not promoted"):
            # Sent once: repeated after a lost answer it would be refused, or promote another token.
            async with self._signed_in(self.secondary) as client:
                await client.post("/v1/AuthTokens/Promote", {}, host="accounts", repeatable=False)

    async def _primary_of_account(self, token: str) -> str | None:
        """The account's primary token, asked with this one; None where Twilio refuses it."""
        if not token:
            return None
        path = f"/2010-04-01/Accounts/{self._environment.account_sid}.json"
        with reported("the account's auth token cannot be read"):
            async with self._signed_in(token) as client:
                try:
                    account = await client.get(path)
                except TwilioError as error:
                    if error.status != 401:
                        raise
                    return None
        # Where Twilio does not show it, a token that signs in counts as the primary one.
        return str(account.get("auth_token") or token)

    @asynccontextmanager
    async def _signed_in(self, token: str) -> AsyncIterator[TwilioClient]:
        sid = self._environment.account_sid
        async with open_twilio(self._environment, Credentials(sid, sid, token)) as twilio:
            yield twilio.client

    async def _slugs(self) -> list[str]:
        """The functions that Twilio calls, as far as they are deployed."""
        settings = self._environment.settings
        ours = (settings.function_name, settings.fallback_function_name, EVENTS_FUNCTION)
        found = {
            str(function["slug"]) for function in await self._management("/functions", "edge_functions_read")
        }
        deployed = [slug for slug in ours if slug in found]
        if not deployed:
            raise CommandError(
                "the auth token was not rotated",
                "no function is deployed that Twilio could call",
                f"pulumi up --stack {self._environment.name}",
            )
        return deployed

    async def _is_secret(self, token: str) -> bool:
        """Whether the functions have this token as one of their secrets."""
        digest = hashlib.sha256(token.encode()).hexdigest()
        found = await self._management("/secrets", "edge_functions_secrets_read")
        ours = [
            str(secret["value"]) for secret in found if secret["name"] in ("VOICEHOOKS_AUTH_TOKEN", _SECRET)
        ]
        return any(hmac.compare_digest(value, digest) for value in ours)

    async def _has_secret(self) -> bool:
        found = await self._management("/secrets", "edge_functions_secrets_read")
        return any(secret["name"] == _SECRET for secret in found)

    async def _management(self, path: str, permission: str) -> list[dict[str, Any]]:
        with reported("the project cannot be read"):
            async with open_supabase(self._environment) as api:
                answer = await api.get(self._environment.settings.supabase_project, path, permission)
        found: list[dict[str, Any]] = answer.json()
        return found

    async def _accepted(self, token: str, slugs: list[str]) -> bool:
        """Whether each function accepts a request that this token signed.

        Functions that accept a signing key only have the token for Twilio's API, or do not have it at all.
        """
        settings = self._environment.settings
        if settings.account.signature is not None:
            return not settings.functions_need_token or await self._is_secret(token)
        form = {"VoicehooksCheck": secrets.token_hex(8)}
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, verify=tls_context()) as http:
            for slug in slugs:
                url = f"{self._environment.settings.functions_url}/{slug}"
                signature = RequestValidator(token).compute_signature(url, form)
                request: dict[str, Any] = {"data": form, "headers": {"X-Twilio-Signature": signature}}
                if slug == EVENTS_FUNCTION:  # takes JSON
                    query, body, headers = signed_check(url, token, secrets.token_hex(8))
                    url, request = url + query, {"content": body, "headers": headers}
                try:
                    answer = await http.post(url, **request)
                except httpx.HTTPError as error:
                    raise CommandError(
                        "the functions cannot be checked",
                        f"{slug} did not answer ({type(error).__name__})",
                        f"voicehooks doctor --stack {self._environment.name}",
                    ) from None
                if answer.status_code == 403:
                    return False
        return True


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
