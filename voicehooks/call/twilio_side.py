"""Twilio's side of a test call, in the sandbox: start it, and ask afterwards what Twilio did.

Starting a call to one's own number and reading the webhook requests are in the twin's own control plane
(`/_sandbox/`); the call itself is read by Twilio's REST API.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from voicehooks.errors import CommandError

if TYPE_CHECKING:
    from typing import Self

    from voicehooks.sandbox import SandboxAddress


@dataclass(frozen=True)
class WebhookRequest:
    """One request that Twilio sent about a call.

    Attributes:
        kind: voice, status, recording, dial-action and so on.
        url: where it went.
        status: the HTTP status of the answer; None without one.
        error: why there was no answer.
    """

    kind: str
    url: str
    status: int | None
    error: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether the answer was 2xx."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class TwilioCall:
    """How Twilio's own record of a call reads."""

    status: str
    duration_seconds: int | None


class TwilioSide:
    """The Twilio twin of a running sandbox."""

    def __init__(self, sandbox: SandboxAddress) -> None:
        self._account = sandbox.twilio_account_sid
        self._credentials = (sandbox.twilio_account_sid, sandbox.twilio_auth_token)
        self._client = httpx.Client(base_url=sandbox.twilio_base_url, timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def place_call(self, *, caller: str, to: str) -> str:
        """Let `caller` call the number `to`; returns the call's SID at once, the call goes on by itself.

        Raises:
            CommandError: the sandbox refuses it or cannot be reached.
        """
        answer = self._send(f"no call to {to}", "POST", "/_sandbox/calls", json={"from": caller, "to": to})
        return str(answer["sid"])

    def webhook_requests(self, call_sid: str) -> list[WebhookRequest]:
        """What Twilio sent about the call and the legs that it dialed, oldest first.

        Raises:
            CommandError: the sandbox cannot be reached.
        """
        answer = self._send(
            f"the webhook requests of {call_sid} cannot be read",
            "GET",
            "/_sandbox/webhook-requests",
            params={"call_sid": call_sid},
        )
        return [
            WebhookRequest(sent["kind"], sent["url"], sent["status"], sent["error"])
            for sent in answer["webhook_requests"]
        ]

    def call(self, call_sid: str) -> TwilioCall:
        """Twilio's record of the call.

        Raises:
            CommandError: the sandbox cannot be reached.
        """
        path = f"/2010-04-01/Accounts/{self._account}/Calls/{call_sid}.json"
        answer = self._send(f"the call {call_sid} cannot be read", "GET", path, auth=self._credentials)
        return TwilioCall(answer["status"], int(answer["duration"]) if answer["duration"] else None)

    def _send(self, what: str, method: str, path: str, **request: Any) -> dict[str, Any]:
        try:
            answer = self._client.request(method, path, **request)
        except httpx.HTTPError as error:
            raise CommandError(what, str(error), "is the sandbox up? voicehooks sandbox status") from None
        if answer.is_error:
            raise CommandError(what, _message(answer))
        body: dict[str, Any] = answer.json()
        return body


def _message(answer: httpx.Response) -> str:
    """The sentence in an error body: `error` in the control plane, `message` in Twilio's API."""
    try:
        body = answer.json()
        return str(body.get("error") or body["message"]).rstrip(".")
    except (ValueError, KeyError, AttributeError):
        return f"the sandbox answered {answer.status_code}: {answer.text[:200]}"
