"""Twilio's REST API as the commands ask it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.cancellation import Cancellation
from pulumi_twilio.client import Credentials, NotFound, TwilioClient

from voicehooks.output.errors import CommandError
from voicehooks.vendors.errors import reported

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from voicehooks.stack.environment import Environment, TwilioAddress

__all__ = ["Twilio", "connect_twilio", "open_twilio"]

# A person waits for a command; `pulumi up` is more patient.
_ATTEMPTS = 4
_TIMEOUT_SECONDS = 15.0
_PAGE_SIZE = 1000  # Twilio's maximum


class Twilio:
    """One account. Each method names in its error what could not be done.

    Args:
        client: signed in.

    Attributes:
        client: the same, for what inspects Twilio's error codes.
        account_sid: AC...
    """

    def __init__(self, client: TwilioClient) -> None:
        self.client = client
        self.account_sid = client.account_sid

    async def get(self, what: str, path: str, **parameters: str | int) -> dict[str, Any]:
        """Read one object, or one page, below the account: ``Calls.json``.

        Args:
            what: what cannot be done without it, a sentence without a full stop.
            path: below the account; empty for the account itself.
            **parameters: filters.

        Raises:
            CommandError: Twilio refuses, cannot be reached, or answers something else.
        """
        with reported(what):
            return await self.client.get(self._path(path), host="api", **parameters)

    async def find(self, what: str, path: str, **parameters: str | int) -> dict[str, Any] | None:
        """Read one object, or None where the account has no such object.

        Raises:
            CommandError: as for ``get``, except for 404.
        """
        with reported(what):
            try:
                return await self.client.get(self._path(path), host="api", **parameters)
            except NotFound:
                return None

    async def post(
        self, what: str, path: str, form: dict[str, Any], *, repeatable: bool = True
    ) -> dict[str, Any]:
        """Create or update below the account; ``repeatable`` is false where sending twice would create two.

        Raises:
            CommandError: as for ``get``.
        """
        with reported(what):
            return await self.client.post(self._path(path), form, repeatable=repeatable)

    async def pages(
        self, what: str, path: str, key: str, **filters: str | int
    ) -> AsyncGenerator[list[dict[str, Any]], None]:
        """Yield a list page by page; the next page is on its way while one is being worked on.

        Args:
            what: what cannot be done without it.
            path: the list's, below the account.
            key: what its entries are called in an answer: ``calls``.
            **filters: Twilio's own, ``StartTime>`` for example.

        Raises:
            CommandError: as for ``get``.
        """
        last = ""
        following: asyncio.Task[dict[str, Any]] | None = asyncio.create_task(
            self.client.get(self._path(path), host="api", **filters, PageSize=_PAGE_SIZE)
        )
        try:
            while following is not None:
                with reported(what):
                    page = await following
                uri = page.get("next_page_uri") or ""
                if uri and uri == last:
                    raise CommandError(what, f"Twilio's list {path} has no end", "run the command again later")
                last = uri
                following = asyncio.create_task(self.client.get(uri)) if uri else None
                yield page[key]
        finally:
            if following is not None:
                following.cancel()

    async def numbers(self, what: str) -> list[dict[str, Any]]:
        """Return every number of the account, in Twilio's order.

        Raises:
            CommandError: as for ``get``.
        """
        pages = self.pages(what, "IncomingPhoneNumbers.json", "incoming_phone_numbers")
        return [number async for page in pages for number in page]

    async def number(self, what: str, e164: str) -> dict[str, Any] | None:
        """Return a number by its E.164 form, or None where the account does not own it.

        Raises:
            CommandError: as for ``get``.
        """
        page = await self.get(what, "IncomingPhoneNumbers.json", PhoneNumber=e164)
        # The filter also finds numbers that merely contain these digits.
        found = (number for number in page["incoming_phone_numbers"] if number["phone_number"] == e164)
        return next(found, None)

    async def applications(self, what: str) -> list[dict[str, Any]]:
        """Return every TwiML App of the account.

        Raises:
            CommandError: as for ``get``.
        """
        pages = self.pages(what, "Applications.json", "applications")
        return [app async for page in pages for app in page]

    def _path(self, path: str) -> str:
        return self.client.account(path) if path else f"/2010-04-01/Accounts/{self.account_sid}.json"


@asynccontextmanager
async def connect_twilio(credentials: Credentials, address: TwilioAddress) -> AsyncIterator[Twilio]:
    """Open Twilio's API with these credentials; makes no request by itself."""
    client = TwilioClient(
        credentials,
        Cancellation(),
        region=address.region,
        edge=address.edge,
        base_url=address.base_url,
        attempts=_ATTEMPTS,
        timeout=_TIMEOUT_SECONDS,
    )
    try:
        yield Twilio(client)
    finally:
        await client.close()


@asynccontextmanager
async def open_twilio(
    environment: Environment, credentials: Credentials | None = None
) -> AsyncIterator[Twilio]:
    """Open Twilio's API as an environment signs in; makes no request by itself.

    Args:
        environment: whose account.
        credentials: others than the environment's own.

    Raises:
        CommandError: a credential is not set.
    """
    async with connect_twilio(
        credentials or environment.twilio_credentials, environment.twilio_address
    ) as twilio:
        yield twilio
