"""`--numbers-only`: what the numbers, and the TwiML App that they share, had after an earlier update.

From the state of that update alone: no commit, no program, no Supabase. Nothing but Twilio is changed, and of a
number nothing but its voice side. Credentials in URLs and secrets of a state are not included.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_twilio import delivery
from pulumi_twilio.fields import URL_PROPERTIES, FieldSet
from pulumi_twilio.voice_configuration.table import TABLE

from voicehooks.output.errors import CommandError
from voicehooks.stack.backend.choice import backend_of
from voicehooks.stack.backend.protocol import Unreadable
from voicehooks.stack.deployed_state import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from voicehooks.commands.history.updates import Update
    from voicehooks.stack.deployed_state import Resource
    from voicehooks.stack.engine import Engine
    from voicehooks.vendors.twilio import Twilio

__all__ = ["Write", "apply", "state_of", "writes"]

_FIELDS = FieldSet(TABLE.properties)
_AT_ONCE = 8


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
        """One line per field: old and new."""
        return [
            f"{self.name:<14} {field:<20} {self.live[field] or '(empty)'} -> {value or '(empty)'}"
            for field, value in self.form.items()
        ]


def state_of(engine: Engine, update: Update, updates: int) -> State:
    """Return the state that an update left, from the stack's backend.

    Args:
        engine: the stack.
        update: which one.
        updates: how many its history has.

    Raises:
        CommandError: the backend does not give it.
    """
    what = f"the numbers cannot go back to {update.number}"
    try:
        found = backend_of(engine).states({update.number}, updates).get(update.number)
    except Unreadable as reason:
        raise CommandError(what, reason.why, reason.do) from None
    if found is None:
        raise CommandError(
            what, "the backend has lost the state of that update", "give another update's number"
        )
    return State(found.get("resources") or [])


async def writes(twilio: Twilio, state: State) -> list[Write]:
    """Compare what is live with what an update left; a request for each number or app that differs.

    Apps come first, so that a number that goes back into one finds it as it was.

    Raises:
        CommandError: Twilio cannot be asked.
    """
    apps = state.all("twilio:index:Application")
    resources = [(app, f"Applications/{app.id}.json") for app in apps]
    resources += [(number, f"IncomingPhoneNumbers/{number.id}.json") for number in state.numbers.values()]
    slots = asyncio.Semaphore(_AT_ONCE)

    async def compared(resource: Resource, path: str) -> Write | None:
        async with slots:
            return await _write(twilio, resource, path)

    planned = await asyncio.gather(*(compared(resource, path) for resource, path in resources))
    return [write for write in planned if write is not None]


async def apply(twilio: Twilio, planned: Iterable[Write]) -> None:
    """Send the requests, one after the other.

    Raises:
        CommandError: Twilio refused one; names it and what was done before.
    """
    done: list[str] = []
    for write in planned:
        try:
            await twilio.post(f"{write.name} was not changed", write.path, write.form)
        except CommandError as error:
            before = f"; these are back already: {', '.join(done)}" if done else "; nothing was changed"
            raise CommandError(error.what, f"{error.why}{before}", error.do) from None
        done.append(write.name)


async def _write(twilio: Twilio, resource: Resource, path: str) -> Write | None:
    what = f"{resource.name} cannot be read"
    live = await twilio.find(what, path)
    if live is None:
        raise CommandError(what, "the account no longer owns it")
    previous, current = _previous(resource), _FIELDS.form(_FIELDS.of(live))
    form = {field: value for field, value in previous.items() if value != current[field]}
    return Write(resource.name, path, form, current) if form else None


def _previous(resource: Resource) -> dict[str, str]:
    """What it had, by Twilio's names; a secret's place is left out, its value is not readable here."""
    overrides = delivery.encode(_whole(resource.inputs.get("delivery") or {}))
    fields = {}
    for name, field in _FIELDS.names.items():
        value = resource.outputs.get(name)
        if not isinstance(value, str):
            continue
        # What the program gave was written with its connection overrides; anything else is as it was found.
        given = name in URL_PROPERTIES and name in resource.inputs and "#" not in value
        fields[field] = f"{value}#{overrides}" if overrides and value and given else value
    return _FIELDS.form(fields)


def _whole(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in values.items()}
