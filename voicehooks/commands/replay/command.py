"""Running `voicehooks replay`."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
from pulumi_provider_kit.rest import LOOPBACK

from voicehooks.commands.replay.mapping import Form, mapped, our_numbers
from voicehooks.output.consent import confirm_name
from voicehooks.output.errors import CommandError
from voicehooks.output.json import print_json
from voicehooks.output.layout import screen_width, wrapped
from voicehooks.stack.deployed_state import State, read_state
from voicehooks.stack.environment import Environment
from voicehooks.stack.signing import signer_of
from voicehooks.vendors.callbacks import FROM_TWILIO, callback_url
from voicehooks.vendors.database import open_database
from voicehooks.vendors.errors import reported

if TYPE_CHECKING:
    from voicehooks.vendors.database import Row

__all__ = ["run"]

_COLUMNS = "event_key,call_sid,kind,params,path"
_TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True)
class Replay:
    """How a replay went.

    Attributes:
        event: the stored callback's key.
        kind: voice, status, recording and so on.
        source: the stack that it is from.
        target: the stack that got it.
        url: where it was sent.
        number: the target's number in it; empty where it has none of the source's.
        status: the HTTP status of the answer.
        milliseconds: how long the answer took.
        answer: its body: TwiML for a voice request.
        stored: whether the target's database has it.
    """

    event: str
    kind: str
    source: str
    target: str
    url: str
    number: str
    status: int
    milliseconds: int
    answer: str
    stored: bool

    @property
    def accepted(self) -> bool:
        """Whether the handler took it and stored it."""
        return 200 <= self.status < 300 and self.stored


def run(event: str, *, source: str, target: str, number: str, as_json: bool) -> int:
    """Send the callback again; returns the exit code.

    Raises:
        CommandError: there is no such event, it may not be sent, or a stack cannot be read.
    """
    if source == target:
        raise CommandError(
            "nothing was sent", f"{target} already has this callback", "give another stack with --to"
        )
    origin, destination = Environment(source), Environment(target)
    row = asyncio.run(_read(origin, event))
    _ask(origin, destination)
    result = asyncio.run(_send(origin, destination, row, number))
    if as_json:
        print_json(result)
    else:
        for line in _lines(result, screen_width()):
            print(line)
    return 0 if result.accepted else 1


async def _read(environment: Environment, event: str) -> Row:
    what = f"no callback {event}"
    if not re.fullmatch(r"[A-Za-z0-9:_-]+", event):
        raise CommandError(what, "it is not an event_key of twilio_call_events", _look(environment.name))
    async with open_database(environment) as database:
        rows = await database.rows(
            "twilio_call_events",
            select=_COLUMNS,
            event_key=f"like.{event}*",
            kind=FROM_TWILIO,
            order="received_at",
            limit=6,
        )
    exact = [row for row in rows if row["event_key"] == event]
    if len(exact or rows) == 1:
        return (exact or rows)[0]
    if not rows:
        raise CommandError(
            what,
            f"the database of {environment.name} has no callback whose key begins like this",
            _look(environment.name),
        )
    keys = ", ".join(str(row["event_key"])[:80] for row in rows[:5])
    raise CommandError(
        f"{event} is not one callback", f"several keys begin like this: {keys}", "give more of the key"
    )


def _look(stack: str) -> str:
    return (
        f"take a call from voicehooks calls --stack {stack}; a key begins with its call SID, as in CA...:voice"
    )


def _ask(source: Environment, target: Environment) -> None:
    # Both halves: the data goes to the project, whose emulator listens on this machine alone.
    if target.is_sandbox and urlsplit(target.settings.webhook_url).hostname in LOOPBACK:
        return
    print(
        f"The callback has the caller's number and other personal data of {source.name}. They move into the "
        f"database of {target.name}, which is not a sandbox.",
        file=sys.stderr,
    )
    nobody = CommandError(
        "nothing was sent",
        f"{target.name} is not a sandbox, and there is no terminal to confirm in",
        "run it in a terminal",
    )
    if not confirm_name(target.name, yes=False, otherwise=nobody):
        raise CommandError("nothing was sent", f"the name {target.name} was not typed")


async def _send(source: Environment, target: Environment, row: Row, number: str) -> Replay:
    settings = target.settings
    number = number or next(iter(settings.named_numbers), "")
    if number not in settings.named_numbers:
        raise CommandError(
            "nothing was sent",
            f"{number or 'no number'} is not in voicehooks:numbers of {target.name}",
            "give --number",
        )
    stored = Form.of(row["params"])
    ours = our_numbers(stored, set(source.settings.named_numbers))
    form = mapped(stored, account=target.account_sid, ours=ours, number=number)
    url = callback_url(settings, row)
    key_only = settings.account.signature is not None
    state = read_state(target.engine, show_secrets=True) if key_only else State(())
    headers = signer_of(settings, target.auth_token, state).headers(url, form)
    started = time.monotonic()
    with reported(f"{url} cannot be reached", f"voicehooks doctor --stack {target.name}"):
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
            answer = await client.post(url, data=form, headers=headers)
    milliseconds = round((time.monotonic() - started) * 1000)
    return Replay(
        str(row["event_key"]),
        str(row["kind"]),
        source.name,
        target.name,
        url,
        number if ours else "",
        answer.status_code,
        milliseconds,
        answer.text,
        await _is_stored(target, row),
    )


async def _is_stored(target: Environment, row: Row) -> bool:
    # The key may differ: that of a voice request is a digest of its parameters, and the number is another one.
    async with open_database(target) as database:
        found = await database.rows(
            "twilio_call_events",
            select="event_key",
            call_sid=f"eq.{row['call_sid']}",
            kind=f"eq.{row['kind']}",
            limit=1,
        )
    return bool(found)


def _lines(result: Replay, width: int | None) -> list[str]:
    number = f", as {result.number}" if result.number else ""
    lines = wrapped(f"{result.kind} of {result.source} -> {result.target}{number}", width)
    lines += wrapped(result.event, width, first="  ", rest="  ")
    stored = "stored" if result.stored else "not stored"
    lines += wrapped(
        f"answered {result.status} in {result.milliseconds} ms, {stored}", width, first="  ", rest="  "
    )
    if result.answer.strip():
        lines += [f"  {line}" for line in result.answer.strip().splitlines()]
    if not result.accepted:
        lines += ["why it was not accepted:", f"    voicehooks logs --stack {result.target}"]
    return lines
