"""Reads a stack's settings in the running program."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pulumi
from pulumi.runtime import config as runtime_config

from .diversions import open_questions
from .settings_errors import SettingsError
from .settings_parser import parse

if TYPE_CHECKING:
    from .settings import Settings

__all__ = ["Configuration", "read"]


class Configuration:
    """A stack's settings, and its secrets as outputs.

    Attributes:
        settings: all settings that are not secret.
        environment: the environment's name, which is the stack's name.
        account_sid: the Twilio account.
        auth_token: its auth token, secret. Twilio also signs webhooks with it.
        secondary_auth_token: the other token during a rotation, secret, or None.
        functions_api_key_secret: the secret of the functions' own API key, secret, or None.
        softphone_api_key_secret: the secret of the API key that signs softphones' tokens, secret, or None.
        twilio_api_url: the base URL at which the functions reach Twilio.
    """

    def __init__(self, settings: Settings) -> None:
        twilio = pulumi.Config("twilio")
        own = pulumi.Config("voicehooks")
        self.settings = settings
        self.environment = pulumi.get_stack()
        self.account_sid = twilio.get("accountSid") or os.environ["TWILIO_ACCOUNT_SID"]
        self.auth_token = twilio.get_secret("authToken") or pulumi.Output.secret(
            os.environ["TWILIO_AUTH_TOKEN"]
        )
        self.secondary_auth_token = own.get_secret("secondaryAuthToken")
        self.functions_api_key_secret = own.get_secret("functionsApiKeySecret")
        self.softphone_api_key_secret = own.get_secret("softphoneApiKeySecret")
        self.twilio_api_url = (
            twilio.get("baseUrl") or os.environ.get("TWILIO_BASE_URL") or "https://api.twilio.com"
        )


def read() -> Configuration:
    """Return the running stack's configuration.

    Raises:
        pulumi.RunError: settings are missing or wrong, or a number is diverted without `keep`; the engine
            prints the text without a traceback.
    """
    try:
        given = {**runtime_config.get_config_env(), **runtime_config.CONFIG.get()}
        configuration = Configuration(parse(given, os.environ, stack=pulumi.get_stack()))
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None
    undecided = open_questions(configuration.settings.diverted, configuration.environment)
    if undecided:
        raise pulumi.RunError(undecided)
    return configuration
