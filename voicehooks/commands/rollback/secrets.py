"""`--with-secrets`: restores that update's secrets, if Twilio still uses that update's auth token."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from pulumi_twilio.client import Credentials, TwilioError

from voicehooks.output.errors import CommandError
from voicehooks.vendors.errors import reported
from voicehooks.vendors.twilio import open_twilio

if TYPE_CHECKING:
    from voicehooks.commands.history.updates import Update
    from voicehooks.stack.engine import Engine
    from voicehooks.stack.environment import Environment

__all__ = ["bring_back"]

_TOKEN = "twilio:authToken"  # noqa: S105 - a key's name


async def bring_back(environment: Environment, update: Update, engine: Engine) -> None:
    """Set the secrets of an update in the settings for going back.

    Args:
        environment: the environment as it is.
        update: what is gone back to.
        engine: the stack where those settings are.

    Raises:
        CommandError: they cannot be opened any more, or Twilio does not sign with that token: then every
            webhook would be refused.
    """
    values = _previous_secrets(environment, update)
    if _TOKEN in values:
        await _prove(environment, values[_TOKEN])
    for key, value in values.items():
        engine.set_secret(key, value, what=f"the previous {key} cannot be set")


def _previous_secrets(environment: Environment, update: Update) -> dict[str, str]:
    rows = environment.engine.history(show_secrets=True)[::-1]
    row: dict[str, Any] = next(
        (r for place, r in enumerate(rows, 1) if (int(r.get("version") or 0) or place) == update.number), {}
    )
    config = row.get("config") or {}
    return {key: str(config[key]["value"]) for key, one in update.config.items() if one.get("secret")}


async def _prove(environment: Environment, token: str) -> None:
    sid = environment.account_sid
    what = "the previous secrets are not restored"
    do = "leave out --with-secrets: the current ones stay"
    async with open_twilio(environment, Credentials(sid, sid, token)) as twilio:
        with reported(what, do):
            try:
                account = await twilio.client.get(f"/2010-04-01/Accounts/{sid}.json")
            except TwilioError as error:
                if error.status != 401:
                    raise
                raise CommandError(what, "Twilio no longer accepts the previous auth token", do) from None
    primary = str(account.get("auth_token") or "")
    if primary and not hmac.compare_digest(primary.encode(), token.encode()):
        raise CommandError(
            what, "Twilio signs with another auth token now, so every webhook would be refused", do
        )
