"""Put the pieces of `voicehooks divert` together.

The previous route is recorded before Twilio is asked, and removed again if Twilio refuses: whatever
happens in between, the way back is known.
"""

from __future__ import annotations

import asyncio
import getpass
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pulumi_twilio import delivery

from voicehooks.commands.divert.number import Route, find, write
from voicehooks.output.errors import CommandError
from voicehooks.output.json import print_json, to_json
from voicehooks.output.layout import command_lines, screen_width, wrapped
from voicehooks.stack.environment import Environment
from voicehooks.stack.settings_file import SettingsFile
from voicehooks.vendors.twilio import open_twilio

if TYPE_CHECKING:
    from voicehooks.commands.divert.number import TwilioNumber

__all__ = ["DivertResult", "run"]

_KEY = "voicehooks:diverted"


@dataclass(frozen=True)
class DivertResult:
    """What was done with a number.

    Attributes:
        stack: its name.
        number: E.164.
        action: diverted, undone, kept or unchanged.
        was: what answered before.
        now: what answers now.
        next: what to do next.
        command: the command for that: one complete line for a shell.
    """

    stack: str
    number: str
    action: str
    was: Route
    now: Route
    next: str
    command: str


def run(
    number: str, *, to: str, undo: bool, keep: bool, method: str, force: bool, stack: str, as_json: bool
) -> int:
    """Divert a number, put it back, or say that it may stay; returns the exit code.

    Raises:
        CommandError: it could not be done; then nothing was changed.
    """
    if sum((bool(to), undo, keep)) != 1:
        raise CommandError(
            "nothing to do", "exactly one of --to URL, --undo and --keep is needed", "voicehooks divert --help"
        )
    method = method.upper()
    if to:
        _check(number, to, method)
    environment = _environment(stack)
    if to:
        result = asyncio.run(_divert(environment, number, to, method))
    elif undo:
        result = asyncio.run(_undo(environment, number, force=force))
    else:
        result = _keep(environment, number)
    if as_json:
        print_json(result)
    else:
        _show(result)
    return 0


def _environment(stack: str) -> Environment:
    """The environment, also where its state cannot be reached: then its file and variables have to do."""
    environment = Environment(stack)
    plain = SettingsFile.read(environment.folder, stack).plain_config
    try:
        environment.config  # noqa: B018 - read once, kept
    except CommandError as error:
        print(
            f"{stack}: its state cannot be read ({error.why}); going on with Pulumi.{stack}.yaml and the "
            "variables TWILIO_...",
            file=sys.stderr,
        )
        environment.config = plain
    return environment


async def _divert(environment: Environment, number: str, to: str, method: str) -> DivertResult:
    file = SettingsFile.read(environment.folder, environment.name)
    _require_ours(environment, number)
    async with open_twilio(environment) as twilio:
        found = await find(twilio, number)
        route = Route(to, method, "")
        known = _diverted(file).get(number)
        entry = {
            "to": to,
            "method": method,
            "since": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "by": _user(),
            # Diverted once more: the way back leads to what was there before the first time.
            "before": known["before"] if known else to_json(found.route),
        }
        if known and known.get("keep"):
            entry["keep"] = True
        changed = file.with_entry(_KEY, number, entry)
        changed.write(environment.folder, replaces=file)
        try:
            await write(twilio, found, route)
        except CommandError:
            file.write(environment.folder, replaces=changed)
            raise
    step = f"commit Pulumi.{environment.name}.yaml, so that everybody's pulumi up knows of it; the way back is"
    command = f"voicehooks divert {number} --undo --stack {environment.name}"
    return DivertResult(environment.name, number, "diverted", found.route, route, step, command)


async def _undo(environment: Environment, number: str, *, force: bool) -> DivertResult:
    file = SettingsFile.read(environment.folder, environment.name)
    entry = _entry(environment, _diverted(file), number)
    before = entry["before"]
    route = Route(before["voiceUrl"], before["voiceMethod"], before["voiceApplicationSid"])
    async with open_twilio(environment) as twilio:
        found = await find(twilio, number)
        if found.route != route:
            _require_untouched(environment, found, entry, force=force)
            await write(twilio, found, route)
    file.without_entry(_KEY, number).write(environment.folder, replaces=file)
    step = f"commit Pulumi.{environment.name}.yaml; this deploys again"
    command = f"pulumi up --stack {environment.name}"
    return DivertResult(environment.name, number, "undone", found.route, route, step, command)


def _keep(environment: Environment, number: str) -> DivertResult:
    file = SettingsFile.read(environment.folder, environment.name)
    entry = _entry(environment, _diverted(file), number)
    file.with_entry(_KEY, number, {**entry, "keep": True}).write(environment.folder, replaces=file)
    route = Route(entry["to"], entry.get("method", "POST"), "")
    step = "the number stays diverted until --undo; this deploys everything else"
    return DivertResult(
        environment.name, number, "kept", route, route, step, f"pulumi up --stack {environment.name}"
    )


def _check(number: str, to: str, method: str) -> None:
    what = f"{number} cannot be diverted to {to}"
    if not re.match(r"https://[^/\s]+|http://(127\.0\.0\.1|localhost|\[::1\])[:/]", to):
        raise CommandError(what, "it does not start with https://", "give a URL that Twilio can reach")
    if "#" in to or re.search(r"\s", to):
        raise CommandError(what, "it has a fragment or a space", "give the URL alone")
    if method not in ("GET", "POST"):
        raise CommandError(what, f"--method {method} is neither POST nor GET", "give one of them")


def _require_ours(environment: Environment, number: str) -> None:
    """The settings remember what was there: a number that they do not name would be forgotten."""
    numbers = environment.written_numbers
    if number not in numbers and "*" not in numbers:
        raise CommandError(
            f"{number} cannot be diverted",
            f"it is not a number of {environment.name} (those are: {', '.join(sorted(numbers)) or 'none'})",
            "give --stack with the environment that has it",
        )


def _require_untouched(
    environment: Environment, found: TwilioNumber, entry: dict[str, Any], *, force: bool
) -> None:
    """What was set outside this stack since is not overwritten without --force."""
    is_ours = delivery.split(found.route.voice_url)[0] == entry["to"] and not found.route.voice_application_sid
    if not is_ours and not force:
        raise CommandError(
            f"{found.number} was not restored",
            f"it was changed since it was diverted to {entry['to']}: now it is {found.route}",
            f"to restore the previous URL all the same: voicehooks divert {found.number} --undo --force "
            f"--stack {environment.name}",
        )


def _entry(environment: Environment, diverted: dict[str, Any], number: str) -> dict[str, Any]:
    if number not in diverted:
        others = f"; diverted are: {', '.join(sorted(diverted))}" if diverted else ""
        raise CommandError(
            f"{number} is not diverted",
            f"voicehooks:diverted in Pulumi.{environment.name}.yaml does not have it{others}",
            "commit the settings file on the machine that diverted it, and pull it here",
        )
    entry: dict[str, Any] = diverted[number]
    return entry


def _diverted(file: SettingsFile) -> dict[str, Any]:
    """Return the diverted numbers of a settings file, by E.164 number."""
    diverted: dict[str, Any] = file.config.get(_KEY) or {}
    return diverted


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _show(result: DivertResult) -> None:
    print(f"{result.stack}  {result.number}  {result.action}")
    if result.was != result.now:
        print(f"  was   {result.was}")
    print(f"  now   {result.now}")
    width = screen_width()
    for line in wrapped(f"{result.next}:", width, first="next: ", rest="      "):
        print(line)
    print(*command_lines(result.command, width), sep="\n")
