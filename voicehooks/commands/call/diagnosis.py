"""Why a step is missing, according to the webhook requests that Twilio sent. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicehooks.commands.call.call_record import Row
    from voicehooks.commands.call.progress import Expectation
    from voicehooks.commands.call.timeline import Exchange
    from voicehooks.commands.call.twilio_side import TwilioCall, WebhookRequest


@dataclass(frozen=True)
class Finding:
    """What is wrong with a test call.

    Attributes:
        what: what was expected and did not come.
        likely_cause: why, most likely.
        do: what to do about it where no command repairs it, or before that.
        command: what repairs it, or shows more: one complete line for a shell.
    """

    what: str
    likely_cause: str
    do: str = ""
    command: str = ""


_PREVIEW = "pulumi preview --diff --stack {stack}"
_DOCTOR = "voicehooks doctor --stack {stack}"
# What an answer means, and the command that repairs it.
_REFUSALS = {
    401: (
        "Supabase's gateway asked for a token (401): the function has verify_jwt on",
        "pulumi up --stack {stack}",
    ),
    403: (
        "the function refused Twilio's signature (403): its auth token or its public URL is not Twilio's",
        "pulumi up --stack {stack}",
    ),
    404: ("the function does not exist (404)", "pulumi up --stack {stack} --refresh"),
}


def diagnose(
    missing: Expectation,
    exchanges: Sequence[Exchange],
    stack: str,
    codes: Sequence[int] = (),
) -> Finding:
    """Name the likely cause: an answer that was not 2xx, else a request that was never sent.

    Args:
        missing: the missing step.
        exchanges: what Twilio sent about the call, and what is stored of it.
        stack: the environment's name.
        codes: the errors that Twilio noted about it.
    """
    sent = [exchange.request for exchange in exchanges if exchange.request]
    refused = next((request for request in sent if not request.succeeded), None)
    elsewhere = [e.request.url for e in exchanges if e.request and e.stored_at is None and not e.duplicate]
    if refused is not None:
        cause, do, command = _refusal(refused, codes)
        cause = f"Twilio's request to {refused.url} failed: {cause}"
    elif not elsewhere and missing.webhook not in {exchange.kind for exchange in exchanges}:
        cause = f"Twilio sent no {missing.webhook} request: {missing.unset}"
        do, command = "see whether it differs from the settings", _PREVIEW
    else:
        cause = "Twilio's requests were all answered well, but not to this environment's database"
        urls = dict.fromkeys(elsewhere or [request.url for request in sent])
        do, command = f"find out whether {', '.join(urls)} belongs to it", _PREVIEW
    return Finding(missing.missing, cause, do, command.format(stack=stack))


def compare(row: Row | None, twilio: TwilioCall, stack: str) -> Finding | None:
    """A finding if the database and Twilio disagree about a call that is over."""
    stored = (row["status"], row["duration_seconds"]) if row else (None, None)
    at_twilio = (twilio.status, twilio.duration_seconds)
    if stored == at_twilio:
        return None
    here = f"says {_state(*stored)}" if row else "does not know the call"
    return Finding(
        f"the database {here}, and Twilio says {_state(*at_twilio)}",
        "a callback was lost, or came with other values",
        command=f"voicehooks reconcile --stack {stack}",
    )


def _state(status: str | None, seconds: int | None) -> str:
    return f"{status}, {'length not known yet' if seconds is None else f'{seconds} s'}"


def _refusal(request: WebhookRequest, codes: Sequence[int]) -> tuple[str, str, str]:
    if request.status is None:
        why = ", ".join(f"Twilio error {code}" for code in codes) or "Twilio does not say why"
        return f"no answer ({why})", "check the URL, and whether anything answers there", _DOCTOR
    if request.status in _REFUSALS:
        cause, command = _REFUSALS[request.status]
        return cause, "", command
    return f"it answered {request.status}", "see what the function logged", "voicehooks logs --stack {stack}"
