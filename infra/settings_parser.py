"""Reads the settings from a stack's configuration, and reports everything that is wrong with them.

All problems are reported together, each as one sentence that names the key and says what is valid. This module
does not call Pulumi, Twilio or Supabase: the program, the operator's commands and the reference page read
settings in the same way.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from .settings import Settings
from .settings_errors import SettingsError, explain

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["REQUIRED_ELSEWHERE", "SANDBOX_ADDRESSES", "is_sandbox", "parse"]

REQUIRED_ELSEWHERE = {
    "twilio:accountSid": "TWILIO_ACCOUNT_SID",
    "twilio:authToken": "TWILIO_AUTH_TOKEN",
    "supabase:accessToken": "SUPABASE_ACCESS_TOKEN",
}
"""Required keys of the two providers, each with the environment variable that can replace it."""


SANDBOX_ADDRESSES = {
    "twilio:baseUrl": "TWILIO_BASE_URL",
    "supabase:apiUrl": "SUPABASE_API_URL",
    "voicehooks:publicUrl": "SUPABASE_URL",
}
"""Where Twilio and Supabase are, each with the variable that has it if `voicehooks:sandbox` is true."""


def is_sandbox(config: Mapping[str, Any]) -> bool:
    """Whether a configuration has ``voicehooks:sandbox: true``, as YAML's Boolean or as text.

    The script `.venv/bin/pulumi` asks the same of the settings file before any Python runs.
    """
    return config.get("voicehooks:sandbox") in {True, "true"}


def parse(config: Mapping[str, Any], environment: Mapping[str, str], *, stack: str) -> Settings:
    """Return the settings of a stack's configuration.

    Args:
        config: configuration keys with their namespace (``voicehooks:numbers``) to values; objects and lists
            may be JSON text, as Pulumi passes them.
        environment: the process's environment variables.
        stack: the stack's name, for messages.

    Raises:
        SettingsError: with all problems.
    """
    prefix = "voicehooks:"
    own = {k.removeprefix(prefix): _value(v) for k, v in config.items() if k.startswith(prefix)}
    lacking = [k for k, v in REQUIRED_ELSEWHERE.items() if not (config.get(k) or environment.get(v))]
    if is_sandbox(config):
        own["publicUrl"] = _sandbox_url(config, environment, stack)
    try:
        settings = Settings.model_validate(own)
    except ValidationError as error:
        raise SettingsError(explain(error, Settings, lacking, stack)) from None
    if lacking:
        raise SettingsError(explain(None, Settings, lacking, stack))
    return settings


def _sandbox_url(config: Mapping[str, Any], environment: Mapping[str, str], stack: str) -> str:
    """Return the project URL of the stack's sandbox, whose addresses the caller put into the environment.

    Raises:
        SettingsError: the settings file names addresses as well, or the sandbox is not running.
    """
    if given := [key for key in SANDBOX_ADDRESSES if config.get(key)]:
        raise SettingsError(
            f"Pulumi.{stack}.yaml: voicehooks:sandbox is true, so the addresses are those of this folder's "
            f"sandbox; delete {' and '.join(given)}"
        )
    if not all(environment.get(variable) for variable in SANDBOX_ADDRESSES.values()):
        option = "" if stack == "local" else f" --stack {stack}"
        raise SettingsError(
            f"The sandbox of {stack} is not running in this folder. Start it, and run Pulumi as "
            f".venv/bin/pulumi:\n    voicehooks sandbox up{option}"
        )
    return environment["SUPABASE_URL"]


def _value(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in "{[tf" and value[-1:] in "}]e":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
