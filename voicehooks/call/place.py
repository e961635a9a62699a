"""Make somebody call a number: in the sandbox, through the Twilio twin's own control plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from voicehooks.errors import CommandError

if TYPE_CHECKING:
    from voicehooks.sandbox import SandboxAddress


def place_call(sandbox: SandboxAddress, *, caller: str, to: str) -> str:
    """Start the call and return its SID at once; it goes on by itself.

    Raises:
        CommandError: the sandbox refuses it or cannot be reached.
    """
    what = f"no call to {to}"
    try:
        answer = httpx.post(
            f"{sandbox.twilio_base_url}/_sandbox/calls", json={"from": caller, "to": to}, timeout=10
        )
    except httpx.HTTPError as error:
        raise CommandError(what, str(error), "is the sandbox up? voicehooks sandbox status") from None
    if answer.is_error:
        raise CommandError(what, _message(answer))
    sid: str = answer.json()["sid"]
    return sid


def _message(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return f"the sandbox answered {answer.status_code}: {answer.text[:200]}"
