"""Twilio's side of a test call: start it, ask what Twilio did about it, hang up.

All by Twilio's REST API, with one exception: only the sandbox can make another caller call (`/_sandbox/calls`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
from pulumi_provider_kit.vendor_answer import matches
from pulumi_twilio import delivery

from voicehooks.output.errors import CommandError
from voicehooks.vendors.statuses import CALL_OVER

if TYPE_CHECKING:
    from voicehooks.vendors.twilio import Twilio

__all__ = ["TwilioCall", "TwilioSide", "WebhookRequest"]

_FAR_TOO_MANY = 1000
_CONTROL_SECONDS = 10


@dataclass(frozen=True)
class WebhookRequest:
    """One request that Twilio sent about a call, and how it was answered.

    Attributes:
        url: where it went.
        status: the HTTP status of the answer; None without one.
        call_sid: the leg it is about.
        params: its parameters by Twilio's own names in snake case, as the Events resource lists them.
        milliseconds: how long the answer took; None where Twilio does not say.
        body: the answer's body.
    """

    url: str
    status: int | None
    call_sid: str
    params: dict[str, Any] | None
    milliseconds: int | None
    body: str

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
    """One account, asked about test calls.

    Args:
        twilio: its REST API.
        control_url: the sandbox's address; empty on a real account.
    """

    def __init__(self, twilio: Twilio, control_url: str = "") -> None:
        self._twilio = twilio
        self._control_url = control_url

    async def somebody_calls(self, *, caller: str, to: str) -> str:
        """Let `caller` call our number `to`; returns the call's SID at once, the call goes on by itself.

        Raises:
            CommandError: the sandbox refuses it or cannot be reached.
        """
        what = f"no call to {to}"
        async with httpx.AsyncClient(base_url=self._control_url, timeout=10) as emulator:
            try:
                async with asyncio.timeout(_CONTROL_SECONDS):
                    answer = await emulator.post("/_sandbox/calls", json={"from": caller, "to": to})
                body = answer.json()
            except (httpx.HTTPError, TimeoutError) as error:
                why = f"the sandbox at {self._control_url} does not answer ({type(error).__name__})"
                raise CommandError(what, why, "voicehooks sandbox up") from None
            except (ValueError, RecursionError):
                body = None
        if answer.is_success and not matches(body, dict[str, Any]) and isinstance(body.get("sid"), str):
            return str(body["sid"])
        message = body.get("message") if isinstance(body, dict) else None
        if isinstance(message, str) and message:
            raise CommandError(what, message.rstrip("."))
        raise CommandError(
            what,
            f"{self._control_url} answered HTTP {answer.status_code} but not as a sandbox does",
            "check twilio:baseUrl, or start the sandbox: voicehooks sandbox up",
        )

    async def place(self, form: dict[str, Any]) -> str:
        """Create a call with these parameters of Twilio's Calls resource; returns its SID.

        Raises:
            CommandError: Twilio refuses it or cannot be reached.
        """
        # Sent once only: a repeated request would be a second call.
        answer = await self._twilio.post(f"no call to {form['To']}", "Calls.json", form, repeatable=False)
        return str(answer["sid"])

    async def hang_up(self, call_sid: str) -> None:
        """End the call, ringing or connected; one that is over already is fine.

        Raises:
            CommandError: Twilio cannot be reached.
        """
        if (await self.call(call_sid)).status not in CALL_OVER:
            what = f"the call {call_sid} cannot be ended"
            await self._twilio.post(what, f"Calls/{call_sid}.json", {"Status": "completed"})

    async def requests(self, call_sid: str) -> list[WebhookRequest]:
        """What Twilio sent about the call and the legs that it dialed, each leg's in order.

        Raises:
            CommandError: Twilio cannot be reached.
        """
        what = f"Twilio's log of {call_sid} cannot be read"
        legs = await self._twilio.get(what, "Calls.json", ParentCallSid=call_sid, PageSize=100)
        found = []
        for sid in [call_sid, *(leg["sid"] for leg in legs["calls"])]:
            page = await self._twilio.get(what, f"Calls/{sid}/Events.json", PageSize=_FAR_TOO_MANY)
            found += [request for event in page["events"] if (request := _request(sid, event))]
        return found

    async def error_codes(self, call_sid: str) -> list[int]:
        """The codes of the errors and warnings that Twilio noted about the call.

        Raises:
            CommandError: Twilio cannot be reached.
        """
        what = f"Twilio's notes about {call_sid} cannot be read"
        answer = await self._twilio.get(what, f"Calls/{call_sid}/Notifications.json")
        return sorted({int(note["error_code"]) for note in answer["notifications"] if note["error_code"]})

    async def call(self, call_sid: str) -> TwilioCall:
        """Twilio's record of the call.

        Raises:
            CommandError: Twilio cannot be reached.
        """
        answer = await self._twilio.get(f"the call {call_sid} cannot be read", f"Calls/{call_sid}.json")
        duration = answer.get("duration")
        return TwilioCall(answer["status"], int(duration) if duration else None)

    async def is_trial(self) -> bool | None:
        """Whether the account is a trial, which may call verified numbers only; None if that is not known.

        Only the auth token and main keys may read the account itself.
        """
        try:
            answer = await self._twilio.get("the account cannot be read", "")
        except CommandError:
            return None
        return str(answer.get("type")) == "Trial"

    async def is_verified(self, number: str) -> bool | None:
        """Whether the number is among the account's verified caller IDs; None if that is not known."""
        try:
            answer = await self._twilio.get(
                "caller IDs cannot be read", "OutgoingCallerIds.json", PhoneNumber=number
            )
        except CommandError:  # an API key may lack the right to read them
            return None
        return any(caller["phone_number"] == number for caller in answer["outgoing_caller_ids"])


def _request(call_sid: str, event: dict[str, Any]) -> WebhookRequest | None:
    """Return one entry of the Events resource; None for one of our requests to Twilio's API."""
    request, response = event["request"] or {}, event["response"] or {}
    url, params = str(request.get("url") or ""), request.get("parameters") or {}
    if "/2010-04-01/Accounts/" in url:
        return None
    milliseconds = response.get("request_duration")
    return WebhookRequest(
        url=delivery.split(url)[0],
        status=response.get("response_code") or None,
        call_sid=str(params.get("call_sid") or call_sid),
        params=params,
        milliseconds=int(milliseconds) if milliseconds is not None else None,
        body=str(response.get("response_body") or ""),
    )
