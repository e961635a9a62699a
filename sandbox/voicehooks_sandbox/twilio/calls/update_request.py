"""What ``POST /Calls/{CA}`` changes: redirect, cancel or complete a call that is under way.

Source: Twilio docs, "Call resource: update a call".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import not_found
from ..simulation.instructions import Instructions
from ..simulation.interruptions import CallOver, LegOver, LegRedirected, Redirected
from ..simulation.subscription import Subscription
from . import errors
from .create_request import check_urls
from .models import FINAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..emulator import Emulator
    from ..simulation.live_call import LiveCall
    from ..store import Document


def _update_leg(live: LiveCall, call: Document, form: Mapping[str, str]) -> None:
    """End or redirect one leg of a ``<Dial>``; the call goes on with its next verb."""
    if form.get("Status"):
        live.timeline.post(LegOver(call["sid"]))
    elif form.get("Url") or form.get("Twiml"):
        if call["status"] != "in-progress":
            raise errors.not_in_progress()
        live.timeline.post(LegRedirected(call["sid"], _instructions(form)))


def _instructions(form: Mapping[str, str]) -> Instructions:
    return Instructions(
        form.get("Url", ""),
        (form.get("Method") or "POST").upper(),
        form.get("FallbackUrl", ""),
        (form.get("FallbackMethod") or "POST").upper(),
        "" if form.get("Url") else form.get("Twiml", ""),
    )


async def update_call(emulator: Emulator, call: Document, form: Mapping[str, str], path: str) -> Document:
    """Apply an update and return the call as it is afterwards.

    Raises:
        TwilioError: 20404 for a status, 21220 for a redirect, when the call is over; 21220 when it is not in
            progress yet.
    """
    check_urls(form)
    status = form.get("Status", "")
    if status not in {"", "canceled", "completed"}:
        raise errors.invalid_value("Status", status)
    own = emulator.switchboard.live(call["sid"])
    live = own or emulator.switchboard.live(call["parent_call_sid"] or call["sid"])
    if call["status"] in FINAL or live is None:
        raise not_found(path) if status else errors.not_in_progress()
    if status == "canceled" and call["status"] == "in-progress":
        return call  # "canceled" ends a call that is queued or ringing, and has no effect later
    if form.get("TimeLimit", "").isdecimal():
        live.limit_at = (call["answered"] or live.now) + int(form["TimeLimit"])
    if own is None:
        _update_leg(live, call, form)
    elif status == "canceled":
        if call["status"] == "queued" and call["started"] is None:
            # Twilio docs: a call canceled while queued fires no callback.
            live.root.subscriptions = ()
        live.timeline.post(CallOver("canceled"))
    elif status == "completed":
        live.timeline.post(CallOver("canceled" if call["answered"] is None else "completed"))
    elif form.get("Url") or form.get("Twiml"):
        if call["status"] != "in-progress":
            raise errors.not_in_progress()
        # A status callback is taken only together with a redirect, and for the end alone.
        if form.get("Url") and form.get("StatusCallback"):
            method = (form.get("StatusCallbackMethod") or "POST").upper()
            live.root.subscriptions = (Subscription(form["StatusCallback"], method, frozenset({"completed"})),)
        live.timeline.post(Redirected(_instructions(form)))
    await emulator.switchboard.settle()
    return emulator.calls.find(call["sid"]) or call
