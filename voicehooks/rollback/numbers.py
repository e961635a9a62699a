"""`--numbers-only`: what the numbers, and the TwiML App that they share, had after an earlier update.

From the state of that update alone: no commit, no program, no Supabase. Nothing but Twilio is changed, and of a
number nothing but its voice side. Credentials in URLs and what is secret in a state stay out of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.errors import ProviderError
from pulumi_twilio import delivery

from voicehooks.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pulumi_twilio.client import TwilioClient

    from voicehooks.history.updates import Update

__all__ = ["Write", "apply", "writes"]

_FORM = {
    "voiceUrl": "VoiceUrl",
    "voiceMethod": "VoiceMethod",
    "voiceFallbackUrl": "VoiceFallbackUrl",
    "voiceFallbackMethod": "VoiceFallbackMethod",
    "statusCallback": "StatusCallback",
    "statusCallbackMethod": "StatusCallbackMethod",
    "voiceApplicationSid": "VoiceApplicationSid",
    "trunkSid": "TrunkSid",
}
_URLS = frozenset({"voiceUrl", "voiceFallbackUrl", "statusCallback"})
_KINDS = {"twilio:index:VoiceConfiguration": "IncomingPhoneNumbers", "twilio:index:Application": "Applications"}


@dataclass(frozen=True)
class Write:
    """One request.

    Attributes:
        name: the number in E.164, or the app's name.
        path: below the account.
        form: what differs, by Twilio's names.
        live: what it has now, by the same names.
    """

    name: str
    path: str
    form: dict[str, str]
    live: dict[str, str]

    def lines(self) -> list[str]:
        """A line a field: old and new."""
        return [
            f"{self.name:<14} {field:<20} {self.live[field] or '(empty)'} -> {value or '(empty)'}"
            for field, value in self.form.items()
        ]


async def writes(client: TwilioClient, update: Update) -> list[Write]:
    """Compare what is live with what an update left; a request for each number or app that differs.

    Apps come first, so that a number that goes back into one finds it as it was.

    Raises:
        CommandError: the update's state is not known, or Twilio cannot be asked.
    """
    if update.state is None:
        raise CommandError(
            f"the numbers cannot go back to {update.number}",
            "the state of that update is not on this machine: buckets keep it in .pulumi/history, which the "
            "Pulumi CLI does not read",
            "copy the bucket's .pulumi into a folder and repeat this with PULUMI_BACKEND_URL=file://FOLDER",
        )
    found = sorted(_resources(update.state), key=lambda one: one["type"])
    return [write for one in found if (write := await _write(client, one)) is not None]


async def apply(client: TwilioClient, planned: Iterable[Write]) -> None:
    """Send the requests, one after the other.

    Raises:
        CommandError: Twilio refused one; names it and what was done before.
    """
    done: list[str] = []
    for write in planned:
        try:
            await client.post(client.account(write.path), write.form)
        except ProviderError as error:
            before = f"; these are back already: {', '.join(done)}" if done else "; nothing was changed"
            raise CommandError(f"{write.name} was not changed", f"{error}{before}") from None
        done.append(write.name)


def _resources(state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in state.get("resources") or [] if one.get("type") in _KINDS and not one.get("delete")]


async def _write(client: TwilioClient, resource: Mapping[str, Any]) -> Write | None:
    name = str(resource["urn"]).rpartition("::")[2]
    path = f"{_KINDS[resource['type']]}/{resource['id']}.json"
    try:
        live = await client.get(client.account(path))
    except ProviderError as error:
        raise CommandError(f"{name} cannot be read", str(error)) from None
    then = _then(resource)
    now = {field: str(live.get(_snake(field)) or "") for field in then}
    form = {field: value for field, value in then.items() if value != now[field]}
    return Write(name, path, form, now) if form else None


def _then(resource: Mapping[str, Any]) -> dict[str, str]:
    """What it had, by Twilio's names; a secret's place is left out, its value is not readable here."""
    outputs, inputs = resource.get("outputs") or {}, resource.get("inputs") or {}
    overrides = delivery.encode(_whole(inputs.get("delivery") or {}))
    fields = {}
    for name, field in _FORM.items():
        value = outputs.get(name)
        if not isinstance(value, str):
            continue
        # What the program gave was written with its connection overrides; anything else is as it was found.
        with_overrides = overrides and value and name in _URLS and name in inputs and "#" not in value
        fields[field] = f"{value}#{overrides}" if with_overrides else value
    return fields


def _whole(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in values.items()}


def _snake(field: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in field).lstrip("_")
