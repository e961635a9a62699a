"""Asking for the vendors' names and credentials, each tried as soon as it is complete."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voicehooks.commands.init.answers import Question, say
from voicehooks.commands.init.credential_checks import TwilioKeys, try_auth_token, try_requests, try_supabase
from voicehooks.output.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from voicehooks.commands.init.answers import Asker, Flags
    from voicehooks.commands.init.credential_checks import Addresses, CredentialCheck

__all__ = ["Found", "ask"]

_ACCOUNT = Question("Twilio account SID (AC...)", "--account-sid", "TWILIO_ACCOUNT_SID")
_TOKEN = Question("Twilio auth token", "", "TWILIO_AUTH_TOKEN", hidden=True)
_KEY = Question(
    "API key for Pulumi's requests (SK..., empty for none)", "--api-key", "TWILIO_API_KEY", optional=True
)
_KEY_SECRET = Question("the API key's secret", "", "TWILIO_API_SECRET", hidden=True)
_PROJECT = Question("Supabase project (the 20 letters of its address)", "--project", "SUPABASE_PROJECT_REF")
_SUPABASE = Question("Supabase access token", "", "SUPABASE_ACCESS_TOKEN", hidden=True)
_NUMBERS = Question(
    "Numbers to name now, with commas (empty: adopt takes them all)", "--number", "", optional=True
)


@dataclass(frozen=True)
class Found:
    """What was asked and tried."""

    keys: TwilioKeys
    project: str
    supabase_token: str
    numbers: tuple[str, ...]
    checks: list[CredentialCheck]


def ask(asker: Asker, flags: Flags, begun: Mapping[str, str], addresses: Addresses) -> Found:
    """Ask for everything, trying each credential as soon as it is complete.

    Raises:
        CommandError: something is missing or refused.
    """
    account = asker.given(_ACCOUNT, flags.account_sid or begun.get("twilio:accountSid"))
    token = asker.given(_TOKEN, None)
    key = asker.given(_KEY, flags.api_key or begun.get("twilio:apiKeySid"))
    secret = asker.given(_KEY_SECRET, None)
    ref = asker.given(_PROJECT, flags.project or begun.get("voicehooks:supabaseProject"))
    supabase_token = asker.given(_SUPABASE, None)
    required = [(_ACCOUNT, account), (_TOKEN, token), (_PROJECT, ref), (_SUPABASE, supabase_token)]
    asker.require([*required, *([(_KEY_SECRET, secret)] if key else [])])

    account = asker.ask(_ACCOUNT, account, _pattern(r"AC[0-9a-fA-F]{32}", "AC and 32 hexadecimal digits"))

    def with_token(value: str) -> list[CredentialCheck]:
        return asyncio.run(try_auth_token(TwilioKeys(account, value), addresses))

    token, checks = _tried(asker, _TOKEN, token, with_token)
    live: list[dict[str, Any]] = []

    def with_key(value: str) -> list[CredentialCheck]:
        nonlocal live
        tried, live = asyncio.run(try_requests(TwilioKeys(account, token, key, value), addresses))
        return tried

    if not _refused(checks):
        key = asker.ask(_KEY, key, _pattern(r"SK[0-9a-fA-F]{32}", "SK and 32 hexadecimal digits"))
    if key:
        secret, more = _tried(asker, _KEY_SECRET, secret, with_key)
        checks += more
    elif not _refused(checks):
        checks += _report(with_key(""))
    if asker.in_terminal and _refused(checks):
        raise _refusal(checks)

    ref = asker.ask(
        _PROJECT, ref, _pattern(r"[a-z]{20}", "20 small letters, as in https://<reference>.supabase.co")
    )

    def with_access(value: str) -> list[CredentialCheck]:
        return asyncio.run(try_supabase(ref, value, addresses))

    supabase_token, more = _tried(asker, _SUPABASE, supabase_token, with_access)
    checks += more
    if _refused(checks):
        raise _refusal(checks)
    numbers = _numbers(asker, flags.numbers, live)
    return Found(TwilioKeys(account, token, key, secret if key else ""), ref, supabase_token, numbers, checks)


def _tried(
    asker: Asker, question: Question, value: str, attempt: Callable[[str], list[CredentialCheck]]
) -> tuple[str, list[CredentialCheck]]:
    """Ask for a credential and try it; in a terminal, ask again while the vendor does not know it.

    A missing permission is not a reason to type the same again: it is reported, and the command ends.
    """
    checks: list[CredentialCheck] = []
    for _ in range(3):
        value = asker.ask(question, value)
        checks = _report(attempt(value))
        if not asker.in_terminal or not any("HTTP 401" in t.refused for t in checks):
            break
        value = ""
    return value, checks


def _refused(checks: Sequence[CredentialCheck]) -> list[CredentialCheck]:
    return [t for t in checks if t.refused]


def _report(checks: list[CredentialCheck]) -> list[CredentialCheck]:
    """Say what came of each."""
    for trial in checks:
        mark, text = ("no", trial.refused) if trial.refused else ("ok", trial.found)
        say(f"  {mark}  {trial.what:<24}  {text}")
    return checks


def _refusal(checks: Sequence[CredentialCheck]) -> CommandError:
    why = "; ".join(f"{t.what}: {t.refused}" for t in _refused(checks))
    return CommandError("nothing was written", why, "correct that and run it again")


def _pattern(pattern: str, meaning: str) -> Any:
    return lambda value: "" if re.fullmatch(pattern, value) else f"{value!r} is not {meaning}"


def _numbers(asker: Asker, named: Sequence[str], live: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    owned = {n["phone_number"]: n for n in live}

    def unknown(text: str) -> str:
        strange = [n for n in re.split(r"[,\s]+", text.strip()) if n and n not in owned]
        return f"{strange[0]} is not a number of this account" if strange else ""

    text = ",".join(named)
    if not text and asker.in_terminal and owned:
        for number in list(owned)[:20]:
            say(f"  {number}  {owned[number].get('friendly_name') or ''}")
        if len(owned) > 20:
            say(f"  ... and {len(owned) - 20} more")
    text = asker.ask(_NUMBERS, text, unknown) if owned or text else ""
    return tuple(n for n in re.split(r"[,\s]+", text) if n)
