"""Asking for the vendors' names and credentials, each tried as soon as it is complete."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from voicehooks.commands.init import recognition
from voicehooks.commands.init.answers import Question, say
from voicehooks.commands.init.credential_checks import TwilioKeys, try_auth_token, try_requests, try_supabase
from voicehooks.output.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from voicehooks.commands.init.answers import Asker, Flags
    from voicehooks.commands.init.credential_checks import Addresses, CredentialCheck

__all__ = ["Found", "ask"]


@dataclass(frozen=True, kw_only=True)
class _Identifier(Question):
    """A question for an identifier of a known form.

    Attributes:
        pattern: what it matches.
        form: the same in words.
        read: finds it in a URL that was pasted.
    """

    pattern: str
    form: str
    read: Callable[[str], str]

    def objection(self, answer: str) -> str:
        """Return why an answer is not valid, without repeating it; empty if it is."""
        return "" if re.fullmatch(self.pattern, answer) else f"it must be {self.form}"


_ACCOUNT = _Identifier(
    "Twilio account SID (AC...)",
    "--account-sid",
    "TWILIO_ACCOUNT_SID",
    pattern=r"AC[0-9a-fA-F]{32}",
    form="AC and 32 hexadecimal digits, as the Twilio console's first page shows it",
    read=recognition.account_sid,
)
_TOKEN = Question("Twilio auth token", "", "TWILIO_AUTH_TOKEN", hidden=True)
_KEY = _Identifier(
    "API key for Pulumi's requests (SK..., empty for none)",
    "--api-key",
    "TWILIO_API_KEY",
    optional=True,
    pattern=r"SK[0-9a-fA-F]{32}",
    form="SK and 32 hexadecimal digits",
    read=recognition.api_key_sid,
)
_KEY_SECRET = Question("API key secret", "", "TWILIO_API_SECRET", hidden=True)
_PROJECT = _Identifier(
    "Supabase project (its URL or its reference)",
    "--project",
    "SUPABASE_PROJECT_REF",
    pattern=r"[a-z]{20}",
    form="https://<reference>.supabase.co, or the reference: 20 small letters",
    read=recognition.project_ref,
)
_SUPABASE = Question("Supabase access token", "", "SUPABASE_ACCESS_TOKEN", hidden=True)
_NUMBERS = Question(
    "Phone numbers to manage, separated by commas (empty: adopt takes all)", "--number", "", optional=True
)


@dataclass(frozen=True)
class Found:
    """What was asked and tried."""

    keys: TwilioKeys
    project: str
    supabase_token: str
    numbers: tuple[str, ...]
    checks: list[CredentialCheck]


def ask(asker: Asker, flags: Flags, known: Mapping[str, str], addresses: Addresses) -> Found:
    """Ask for everything, trying each credential as soon as it is complete.

    Args:
        asker: asks.
        flags: what the command line gives.
        known: answers by key of the settings file, from an earlier run or from the sandbox.
        addresses: where the vendors are.

    Raises:
        CommandError: something is missing or refused.
    """
    account = asker.given(_ACCOUNT, flags.account_sid or known.get("twilio:accountSid"))
    token = asker.given(_TOKEN, known.get("twilio:authToken"))
    key = asker.given(_KEY, flags.api_key or known.get("twilio:apiKeySid"))
    secret = asker.given(_KEY_SECRET, None)
    ref = asker.given(_PROJECT, flags.project or known.get("voicehooks:supabaseProject"))
    supabase_token = asker.given(_SUPABASE, known.get("supabase:accessToken"))
    required = [(_ACCOUNT, account), (_TOKEN, token), (_PROJECT, ref), (_SUPABASE, supabase_token)]
    asker.require([*required, *([(_KEY_SECRET, secret)] if key else [])])

    def with_token(sid: str, value: str) -> list[CredentialCheck]:
        return asyncio.run(try_auth_token(TwilioKeys(sid, value), addresses))

    account, token, checks = _tried(asker, (_ACCOUNT, _TOKEN), (account, token), with_token)
    live: list[dict[str, Any]] = []

    def with_key(sid: str, value: str) -> list[CredentialCheck]:
        nonlocal live
        tried, live = asyncio.run(try_requests(TwilioKeys(account, token, sid, value), addresses))
        return tried

    if (
        not _refused(checks) and "twilio:authToken" not in known
    ):  # the sandbox's token is enough for a rehearsal
        key = asker.ask(_KEY, key, _KEY.objection, read=_KEY.read)
    if key:
        key, secret, more = _tried(asker, (_KEY, _KEY_SECRET), (key, secret), with_key)
        checks += more
    elif not _refused(checks):
        checks += _report(with_key("", ""))

    def with_access(project: str, value: str) -> list[CredentialCheck]:
        return asyncio.run(try_supabase(project, value, addresses))

    ref, supabase_token, more = _tried(asker, (_PROJECT, _SUPABASE), (ref, supabase_token), with_access)
    checks += more
    if _refused(checks):
        raise _refusal(checks)
    numbers = _numbers(asker, flags.numbers, live)
    return Found(TwilioKeys(account, token, key, secret if key else ""), ref, supabase_token, numbers, checks)


def _tried(
    asker: Asker,
    questions: tuple[_Identifier, Question],
    answers: tuple[str, str],
    attempt: Callable[[str, str], list[CredentialCheck]],
) -> tuple[str, str, list[CredentialCheck]]:
    """Ask for an identifier and its secret, and try both; in a terminal, until the vendor accepts them.

    The vendor does not say which of the two is wrong. Enter keeps an answer, for a permission that was missing.
    """
    (identifier, secret), (name, value) = questions, answers
    name = asker.ask(identifier, name, identifier.objection, read=identifier.read)
    value = asker.ask(secret, value)
    while True:
        checks = _report(attempt(name, value))
        if not asker.in_terminal or not _refused(checks):
            return name, value, checks
        say("  correct that; Enter keeps an answer")
        required = replace(identifier, optional=False)
        name = asker.ask(required, "", identifier.objection, default=name, read=identifier.read)
        again = replace(secret, what=f"{secret.what} (Enter: the same)", optional=True)
        value = asker.ask(again, "") or value


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
    text = asker.ask(_NUMBERS, text, unknown, read=recognition.phone_numbers) if owned or text else ""
    return tuple(n for n in re.split(r"[,\s]+", text) if n)
