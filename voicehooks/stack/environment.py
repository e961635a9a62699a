"""One environment as the commands see it: its settings, credentials and where its vendors are.

Everything is asked for when it is needed, so that a command which can do without a credential does.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pulumi_provider_kit.rest import LOOPBACK
from pulumi_twilio.client import Credentials

from infra.settings_errors import SettingsError
from infra.settings_parser import SANDBOX_ADDRESSES, is_sandbox, parse
from voicehooks.output.errors import CommandError
from voicehooks.stack import project, sandbox
from voicehooks.stack.engine import Engine

if TYPE_CHECKING:
    from pathlib import Path

    from infra.settings import Settings

__all__ = ["Environment", "TwilioAddress"]


@dataclass(frozen=True)
class TwilioAddress:
    """Where Twilio is; empty for the real one.

    Attributes:
        region: a Twilio Region such as ``ie1``.
        edge: an edge such as ``dublin``.
        base_url: one address for all of Twilio's hosts, a sandbox's.
    """

    region: str
    edge: str
    base_url: str


class Environment:
    """A stack of this project and what its configuration says.

    Attributes:
        name: the stack's name.
        folder: the project's folder.
        engine: the Pulumi CLI for the stack.
    """

    def __init__(self, name: str, folder: Path | None = None) -> None:
        self.name = name
        self.folder = folder or project.root()
        self.engine = Engine(self.folder, name)

    @cached_property
    def config(self) -> dict[str, Any]:
        """The stack's configuration with its secrets opened; never to be printed.

        With `voicehooks:sandbox: true` the addresses of the running sandbox are in place of that key.

        Raises:
            CommandError: there is no such stack, its secrets cannot be opened, or its sandbox is not running.
        """
        config = self.engine.config()
        if not is_sandbox(config):
            return config
        running = sandbox.addresses(self.folder, self.name)
        if not running:
            raise CommandError(
                f"{self.name} cannot be reached",
                "its sandbox is not running",
                sandbox.command(self.name, "up"),
            )
        del config["voicehooks:sandbox"]
        return {**config, **{key: running[name.lower()] for key, name in SANDBOX_ADDRESSES.items()}}

    @cached_property
    def settings(self) -> Settings:
        """The `voicehooks:` keys, validated.

        Raises:
            CommandError: a setting is missing or wrong; names each.
        """
        try:
            return parse(self.config, os.environ, stack=self.name)
        except SettingsError as error:
            raise CommandError(
                f"the settings of {self.name} cannot be used", str(error), f"correct Pulumi.{self.name}.yaml"
            ) from None

    @property
    def written_numbers(self) -> dict[str, Any]:
        """The key `voicehooks:numbers` as it is written, which may be as JSON text; not validated.

        Raises:
            CommandError: there is no such stack, or its secrets cannot be opened.
        """
        numbers = self.config.get("voicehooks:numbers") or {}
        written: dict[str, Any] = json.loads(numbers) if isinstance(numbers, str) else numbers
        return written

    @property
    def is_sandbox(self) -> bool:
        """Whether Twilio is the sandbox on this machine: nothing there is billed."""
        return urlsplit(self._setting("twilio:baseUrl", "TWILIO_BASE_URL")).hostname in LOOPBACK

    @property
    def account_sid(self) -> str:
        """The Twilio account.

        Raises:
            CommandError: it is not set.
        """
        return self._required("twilio:accountSid", "TWILIO_ACCOUNT_SID")

    @property
    def auth_token(self) -> str:
        """The account's auth token, which its webhooks are signed with; never to be printed.

        Raises:
            CommandError: it is not set.
        """
        return self._required("twilio:authToken", "TWILIO_AUTH_TOKEN", secret=True)

    @property
    def twilio_credentials(self) -> Credentials:
        """What REST requests sign in with: the API key where there is one, else the auth token.

        Raises:
            CommandError: something of it is not set.
        """
        key = self._setting("twilio:apiKeySid", "TWILIO_API_KEY")
        if key:
            secret = self._required("twilio:apiKeySecret", "TWILIO_API_SECRET", secret=True)
            return Credentials(self.account_sid, key, secret)
        return Credentials(self.account_sid, self.account_sid, self.auth_token)

    @property
    def twilio_api_url(self) -> str:
        """Where Twilio's 2010 API is: the sandbox's address, if it is one."""
        return self.twilio_address.base_url or "https://api.twilio.com"

    @property
    def twilio_address(self) -> TwilioAddress:
        """The region, the edge or the sandbox that requests go to."""
        return TwilioAddress(
            region=self._setting("twilio:region", "TWILIO_REGION"),
            edge=self._setting("twilio:edge", "TWILIO_EDGE"),
            base_url=self._setting("twilio:baseUrl", "TWILIO_BASE_URL"),
        )

    @property
    def supabase_access_token(self) -> str:
        """What requests to the Management API sign in with; never to be printed.

        Raises:
            CommandError: it is not set.
        """
        return self._required("supabase:accessToken", "SUPABASE_ACCESS_TOKEN", secret=True)

    @property
    def supabase_api_url(self) -> str:
        """Where the Management API is; empty for the real one."""
        return self._setting("supabase:apiUrl", "SUPABASE_API_URL")

    def _setting(self, key: str, variable: str) -> str:
        return str(self.config.get(key) or os.environ.get(variable) or "")

    def _required(self, key: str, variable: str, *, secret: bool = False) -> str:
        value = self._setting(key, variable)
        if not value:
            option = "--secret " if secret else ""
            raise CommandError(
                f"{key} of {self.name} is not set",
                f"neither Pulumi.{self.name}.yaml nor the variable {variable} has it",
                f"pulumi config set --stack {self.name} {option}{key}",
            )
        return value
