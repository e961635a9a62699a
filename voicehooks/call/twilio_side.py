"""Twilio's side of a test call: start it, ask what Twilio did about it, hang up.

All by Twilio's REST API, with one exception: only a twin can make somebody else call (`/_sandbox/calls`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
from pulumi_provider_kit.errors import ProviderError

from voicehooks.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from pulumi_twilio.client import TwilioClient

__all__ = ["TwilioCall", "TwilioSide", "WebhookRequest", "kind_of"]

_FINAL = ("completed", "busy", "no-answer", "failed", "canceled")
_FAR_TOO_MANY = 1000


@dataclass(frozen=True)
class WebhookRequest:
    """One request that Twilio sent about a call, and how it was answered.

    Attributes:
        kind: voice, status, recording, dial-action and so on.
        url: where it went.
        status: the HTTP status of the answer; None without one.
        error: why there was no answer.
        call_sid: the leg it is about.
        params: its parameters by Twilio's own names in snake case, as the Events resource lists them.
        milliseconds: how long the answer took; None where Twilio does not tell.
        body: the answer's body.
    """

    kind: str
    url: str
    status: int | None
    error: str = ""
    call_sid: str = ""
    params: dict[str, Any] | None = None
    milliseconds: int | None = None
    body: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether the answer was 2xx."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class TwilioCall:
    """How Twilio's own record of a call reads."""

    status: str
    duration_seconds: int | None


def kind_of(params: dict[str, Any]) -> str:
    """What a webhook request is, by its parameters in snake case; the handler's own rule in short."""
    if "recording_sid" in params and "recording_status" in params:
        return "recording"
    if "dial_call_status" in params:
        return "dial-action"
    if "callback_source" in params or "call_duration" in params:
        return "status"
    if "recording_url" in params:
        return "record-action"
    if "error_code" in params and "error_url" in params:
        return "fallback"
    return "status" if params.get("call_status") in _FINAL else "voice"


class TwilioSide:
    """One account, asked about test calls.

    Args:
        client: its REST API.
        control_url: the twin's address; empty on a real account.
    """

    def __init__(self, client: TwilioClient, control_url: str = "") -> None:
        self._client = client
        self._control_url = control_url

    async def somebody_calls(self, *, caller: str, to: str) -> str:
        """Let `caller` call our number `to`; returns the call's SID at once, the call goes on by itself.

        Raises:
            CommandError: the sandbox refuses it or cannot be reached.
        """
        what = f"no call to {to}"
        async with httpx.AsyncClient(base_url=self._control_url, timeout=10) as twin:
            try:
                answer = await twin.post("/_sandbox/calls", json={"from": caller, "to": to})
            except httpx.HTTPError as error:
                raise CommandError(
                    what, f"the sandbox does not answer ({error})", "voicehooks sandbox up"
                ) from None
        if answer.is_error:
            raise CommandError(what, str(answer.json().get("message", answer.text)).rstrip("."))
        return str(answer.json()["sid"])

    async def place(self, form: dict[str, Any]) -> str:
        """Create a call with these parameters of Twilio's Calls resource; returns its SID.

        Raises:
            CommandError: Twilio refuses it or cannot be reached.
        """
        path = self._client.account("Calls.json")
        # Sent once only: a repeated request would be a second call.
        answer = await _ask(f"no call to {form['To']}", self._client.post(path, form, repeatable=False))
        return str(answer["sid"])

    async def hang_up(self, call_sid: str) -> None:
        """End the call, ringing or connected; one that is over already is fine.

        Raises:
            CommandError: Twilio cannot be reached.
        """
        if (await self.call(call_sid)).status not in _FINAL:
            path = self._client.account(f"Calls/{call_sid}.json")
            await _ask(f"the call {call_sid} cannot be ended", self._client.post(path, {"Status": "completed"}))

    async def requests(self, call_sid: str) -> list[WebhookRequest]:
        """What Twilio sent about the call and the legs that it dialed, each leg's in order.

        Raises:
            CommandError: Twilio cannot be reached.
        """
        what = f"Twilio's log of {call_sid} cannot be read"
        legs = await _ask(
            what, self._client.get(self._client.account("Calls.json"), ParentCallSid=call_sid, PageSize=100)
        )
        found = []
        for sid in [call_sid, *(leg["sid"] for leg in legs["calls"])]:
            path = self._client.account(f"Calls/{sid}/Events.json")
            page = await _ask(what, self._client.get(path, PageSize=_FAR_TOO_MANY))
            found += [request for event in page["events"] if (request := _request(sid, event))]
        return found

    async def error_codes(self, call_sid: str) -> list[int]:
        """The codes of the errors and warnings that Twilio noted about the call.

        Raises:
            CommandError: Twilio cannot be reached.
        """
        path = self._client.account(f"Calls/{call_sid}/Notifications.json")
        answer = await _ask(f"Twilio's notes about {call_sid} cannot be read", self._client.get(path))
        return sorted({int(note["error_code"]) for note in answer["notifications"] if note["error_code"]})

    async def call(self, call_sid: str) -> TwilioCall:
        """Twilio's record of the call.

        Raises:
            CommandError: Twilio cannot be reached.
        """
        path = self._client.account(f"Calls/{call_sid}.json")
        answer = await _ask(f"the call {call_sid} cannot be read", self._client.get(path))
        return TwilioCall(answer["status"], int(answer["duration"]) if answer["duration"] else None)

    async def is_trial(self) -> bool | None:
        """Whether the account is a trial, which may call verified numbers only; None where that cannot be told.

        Only the auth token and main keys may read the account itself.
        """
        path = f"/2010-04-01/Accounts/{self._client.account_sid}.json"
        try:
            answer = await self._client.get(path)
        except ProviderError:
            return None
        return str(answer.get("type")) == "Trial"

    async def is_verified(self, number: str) -> bool | None:
        """Whether the number is among the account's verified caller IDs; None where that cannot be told."""
        path = self._client.account("OutgoingCallerIds.json")
        try:
            answer = await self._client.get(path, PhoneNumber=number)
        except ProviderError:  # an API key may lack the right to read them
            return None
        return any(one["phone_number"] == number for one in answer["outgoing_caller_ids"])


def _request(call_sid: str, event: dict[str, Any]) -> WebhookRequest | None:
    """One entry of the Events resource; None for one of ours to Twilio's API."""
    request, response = event["request"] or {}, event["response"] or {}
    url, params = str(request.get("url") or ""), request.get("parameters") or {}
    if "/2010-04-01/Accounts/" in url:
        return None
    milliseconds = response.get("request_duration")
    return WebhookRequest(
        kind=kind_of(params),
        url=url.partition("#")[0],
        status=response.get("response_code") or None,
        call_sid=str(params.get("call_sid") or call_sid),
        params=params,
        milliseconds=int(milliseconds) if milliseconds is not None else None,
        body=str(response.get("response_body") or ""),
    )


async def _ask(what: str, answer: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    try:
        return await answer
    except ProviderError as error:
        raise CommandError(what, str(error)) from None
