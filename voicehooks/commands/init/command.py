"""Put the pieces of `voicehooks init` together: ask, try, and only then write."""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import typer

from voicehooks.commands.init.answers import Asker, Question, say
from voicehooks.commands.init.credential_checks import Addresses
from voicehooks.commands.init.credentials import ask
from voicehooks.commands.init.example import is_untouched_example
from voicehooks.commands.init.purposes import ask_purposes
from voicehooks.commands.init.rehearsal import sandbox_answers
from voicehooks.commands.init.settings_file import UNFINISHED, NewSettings, inherited
from voicehooks.commands.init.stack import CHOICES, StackMaker, backend_url, needs_passphrase
from voicehooks.output.errors import CommandError
from voicehooks.output.json import print_json
from voicehooks.stack import project
from voicehooks.stack.environment import TwilioAddress
from voicehooks.stack.settings_file import SettingsFile

if TYPE_CHECKING:
    from pathlib import Path

    from voicehooks.commands.init.answers import Flags
    from voicehooks.commands.init.credentials import Found

__all__ = ["run"]

# The keys that say where the vendors are, with the variables that can replace them.
_VENDORS = {
    "twilio:region": "TWILIO_REGION",
    "twilio:edge": "TWILIO_EDGE",
    "twilio:baseUrl": "TWILIO_BASE_URL",
    "supabase:apiUrl": "SUPABASE_API_URL",
}

_STATE = Question("Where is the state stored", "--state", "PULUMI_BACKEND_URL")
_PASSPHRASE = Question(
    "Passphrase for the secrets (empty: one is made up)",
    "",
    "PULUMI_CONFIG_PASSPHRASE",
    hidden=True,
    optional=True,
)


@dataclass(frozen=True)
class Passphrase:
    """What encrypts the secrets; empty if the process's variables have it or none is needed."""

    text: str = field(default="", repr=False)
    made_up: bool = False


def run(name: str, flags: Flags, *, as_json: bool) -> int:
    """Make an environment; 0 once it is made.

    Raises:
        CommandError: it was not made, or only half; says what to do.
    """
    folder = project.root()
    path = folder / f"Pulumi.{name}.yaml"
    begun = _begun(name, path)
    others = _others(folder, flags.origin)
    known = {**begun}
    if flags.sandbox:
        known |= sandbox_answers(folder, name)
        others = {k: v for k, v in others.items() if k not in _VENDORS} | {"voicehooks:sandbox": "true"}
    addresses = Addresses(
        TwilioAddress(
            region=_address("twilio:region", known, others),
            edge=_address("twilio:edge", known, others),
            base_url=_address("twilio:baseUrl", known, others),
        ),
        _address("supabase:apiUrl", known, others),
    )
    asker = Asker()
    resumed = " resumes where it stopped;" if begun else ""
    say(f"{name}: a new environment;{resumed} nothing is written before every credential has been tried")
    found = ask(asker, flags, known, addresses)
    if "voicehooks:defaults" not in others and not begun:
        others |= ask_purposes(asker, flags.purposes, flags.page)
    maker, passphrase = _state(asker, flags, StackMaker(folder, name), begun=bool(begun))
    settings = NewSettings(
        name,
        found.keys.account_sid,
        found.keys.api_key_sid,
        found.project,
        flags.public_url or "",
        # Under defaults a bare line would change the number: adopt writes it instead.
        () if {"voicehooks:defaults", "voicehooks:sharedApplication"} & others.keys() else found.numbers,
        {**others, **({} if flags.sandbox else _addresses(addresses))},
    )
    _write(path, settings, maker, found, begun=bool(begun))
    _say_variables(maker, passphrase)
    following = " ".join(["voicehooks adopt --stack", name, *found.numbers])
    if as_json:
        document = {
            "stack": name,
            "file": path.name,
            "state": maker.backend or maker.current_backend(),
            "checks": found.checks,
            "numbers": found.numbers,
            "next": following,
        }
        print_json(document)
    else:
        typer.echo(
            f"{name} was created and selected: {path.name}, its secrets encrypted; "
            "no number, function or table was touched"
        )
        typer.echo(f"next: {following}")
    return 0


def _say_variables(maker: StackMaker, passphrase: Passphrase) -> None:
    """Print the lines that give the next commands in this terminal the same state and passphrase."""
    if maker.backend and os.environ.get("PULUMI_BACKEND_URL", maker.backend) != maker.backend:
        say(f"The state is at {maker.backend}, but this terminal's PULUMI_BACKEND_URL is another. Run:")
        say(f"    export PULUMI_BACKEND_URL='{maker.backend}'")
    if passphrase.made_up:
        say(f"The passphrase, shown this once: {passphrase.text}")
        say("Keep it in a password manager; without it the secrets in the file and the state cannot be opened.")
        say("Pulumi and the commands ask for it, or take it from this variable:")
        say(f"    export PULUMI_CONFIG_PASSPHRASE='{passphrase.text}'")
    elif passphrase.text:
        say("Pulumi and the commands ask for the passphrase, or take it from a variable that this line sets:")
        say("    read -rs PULUMI_CONFIG_PASSPHRASE && export PULUMI_CONFIG_PASSPHRASE")


def _begun(name: str, path: Path) -> dict[str, str]:
    """Return what an earlier run that failed wrote down already; refuse anything else that is there.

    Raises:
        CommandError: the name cannot be used.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", name):
        raise CommandError(
            f"{name!r} is not a valid name for a stack",
            "use lowercase letters, digits and -",
            "dev and prod are usual",
        )
    if name == "local":
        raise CommandError("local cannot be created", "it is the sandbox on this machine", "run make up for it")
    if not path.exists():
        return {}
    text = path.read_text(encoding="utf-8")
    if UNFINISHED not in text:
        if is_untouched_example(path):
            say(f"{path.name} is the clone's example, now replaced; git show HEAD:./{path.name} shows it again")
            return {}
        raise CommandError(
            f"{name} was not created",
            f"{path.name} already exists and is not overwritten",
            f"choose another name, or move it away: mv {path.name} {path.name}.old",
        )
    keys = ("twilio:accountSid", "twilio:apiKeySid", "voicehooks:supabaseProject")
    lines = [line.strip().partition(": ") for line in text.splitlines()]
    return {"": "begun", **{key: value for key, _, value in lines if key in keys}}


def _others(folder: Path, origin: str | None) -> dict[str, Any]:
    if origin is None:
        return {}
    try:
        return inherited(SettingsFile.read(folder, origin))
    except CommandError as error:
        environments = ", ".join(sorted(p.name.split(".")[1] for p in folder.glob("Pulumi.*.yaml")))
        raise CommandError(
            f"nothing can be copied from {origin}",
            error.why,
            f"choose one of: {environments}" if environments else "",
        ) from None


def _address(key: str, known: dict[str, str], others: dict[str, Any]) -> str:
    return str(known.get(key) or others.get(key) or os.environ.get(_VENDORS[key], ""))


def _addresses(addresses: Addresses) -> dict[str, str]:
    pairs = {
        "twilio:region": addresses.twilio.region,
        "twilio:edge": addresses.twilio.edge,
        "twilio:baseUrl": addresses.twilio.base_url,
        "supabase:apiUrl": addresses.supabase_api_url,
    }
    return {key: value for key, value in pairs.items() if value}


def _state(asker: Asker, flags: Flags, maker: StackMaker, *, begun: bool) -> tuple[StackMaker, Passphrase]:
    """Choose where the state is stored; return the stack's maker, and the passphrase if one was asked for."""
    current = maker.current_backend()
    choice = asker.given(_STATE, flags.state) or ("" if asker.in_terminal else current)
    asker.require([(_STATE, choice)])
    if not choice:
        say("The state remembers each number's previous configuration. It can be stored in:")
        for word, meaning in CHOICES:
            say(f"  {word:<12}  {meaning}")

    def objection(answer: str) -> str:
        try:
            backend_url(answer)
        except CommandError as error:
            return "" if answer == current else f"{error.why}; {error.do}"
        return ""

    choice = asker.ask(_STATE, choice, objection, default=current or "here")
    backend = choice if choice == current else backend_url(choice)
    given = {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"} & os.environ.keys()
    if given or not needs_passphrase(backend):
        return StackMaker(maker.folder, maker.name, backend), Passphrase()
    asker.require([(Question("a passphrase for the secrets", "", "PULUMI_CONFIG_PASSPHRASE"), "")])
    if begun and maker.exists():
        question = Question("The passphrase of the first time", "", "PULUMI_CONFIG_PASSPHRASE", hidden=True)
        passphrase = Passphrase(asker.ask(question, ""))
    else:
        typed = asker.ask(_PASSPHRASE, "")
        passphrase = Passphrase(typed or secrets.token_urlsafe(24), made_up=not typed)
    return StackMaker(maker.folder, maker.name, backend, passphrase.text), passphrase


def _write(path: Path, settings: NewSettings, maker: StackMaker, found: Found, *, begun: bool) -> None:
    """Log in, write the file, make the stack, encrypt the secrets; only then is the file finished."""
    name = settings.name
    if (
        "PULUMI_BACKEND_URL" not in os.environ
        and maker.backend != StackMaker(maker.folder, name).current_backend()
    ):
        maker.log_in()
        say(f"logged in to {maker.backend}")
    there = maker.exists()
    if there and not begun:
        raise CommandError(
            f"{name} was not created",
            f"{maker.backend or 'the current backend'} already has a stack {name}",
            f"choose another name; if it is yours, get its Pulumi.{name}.yaml from where it was created",
        )
    if begun:
        _require_same(path, settings)
    else:
        path.write_text(settings.text(), encoding="utf-8")
    if not there:
        maker.make()
    secret_values = {
        "twilio:authToken": found.keys.auth_token,
        "twilio:apiKeySecret": found.keys.api_key_secret,
        "supabase:accessToken": found.supabase_token,
    }
    for key, value in secret_values.items():
        if value:
            maker.set_secret(key, value)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(UNFINISHED + "\n", ""), encoding="utf-8")
    maker.select()


def _require_same(path: Path, settings: NewSettings) -> None:
    """Make sure that what an earlier run wrote agrees with what this one was given.

    Raises:
        CommandError: it is about another account or project.
    """
    text = path.read_text(encoding="utf-8")
    for value in (settings.account_sid, settings.project, settings.api_key_sid):
        if value not in text:
            raise CommandError(
                f"{settings.name} was not created",
                f"{path.name} was started with another account, key or project than {value}",
                f"give the same values, or start over: rm {path.name}",
            )
