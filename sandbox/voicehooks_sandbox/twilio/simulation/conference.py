"""``<Dial><Conference>``: a call waits for the others, talks, and leaves.

Source: Twilio docs, "TwiML <Conference>" and "<Dial>": the ``action`` request of a dial into a conference has
the ``DialCallStatus`` ``answered`` and no ``DialCallSid``.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .conference_room import EVENTS, Participant, Room
from .instructions import http_method, resolve
from .interruptions import CallOver, ConferenceChanged
from .scenario import FOREVER
from .subscription import Subscription

if TYPE_CHECKING:
    from ..twiml.document import Verb
    from .instructions import Page
    from .live_call import LiveCall

_MOST = 250


async def confer(call: LiveCall, page: Page, verb: Verb, noun: Verb) -> tuple[dict[str, str], bool]:
    """Execute ``<Dial><Conference>``.

    Returns:
        The parameters for ``action``, and whether the call is over because its party hung up.

    Raises:
        CallOver: the API ended the call.
        Redirected: the API sends the call elsewhere; it has left the conference.
    """
    call.answer_root()
    call.note_ignored(call.root.sid, noun)
    rooms = call.rooms
    room = rooms.room(call.root.document["account_sid"], noun.text, call.now)
    entered = call.now
    if len(room.participants) >= min(noun.number("maxParticipants", _MOST, low=1), room.most):
        call.note(call.root.sid, "note", f"the conference {noun.text} is full")
        return {"DialCallStatus": "failed"}, False
    if room.subscription is None:
        room.subscription = _subscription(page, noun)
    participant = Participant(
        call=call,
        leg=call.root,
        label=noun.get("participantLabel"),
        muted=noun.get("muted") == "true",
        coach=noun.get("coach"),
        starts=noun.get("startConferenceOnEnter") != "false",
        ends=noun.get("endConferenceOnExit") == "true",
    )
    limit = entered + verb.number("timeLimit", 14_400, low=1)
    over = None
    call.participant = participant
    rooms.enter(room, participant)
    try:
        await _stay(call, room, participant, limit)
    except CallOver as ended:
        over = ended
    except asyncio.CancelledError:  # the sandbox stops, and there is nobody left to report to
        room.participants.pop(call.root.sid, None)
        raise
    finally:
        call.participant = None
        rooms.leave(room, participant, "in-progress" if over is None else "completed")
    if over is not None and not over.caller:
        raise over
    params = {"DialCallStatus": "answered", "DialCallDuration": str(round(call.now - entered))}
    return params, over is not None


async def _stay(call: LiveCall, room: Room, participant: Participant, limit: float) -> None:
    """Wait for the conference's end, or until this party has talked for as long as its scenario says."""
    while not room.over and not participant.kicked:
        begun = max(room.started, participant.entered) if room.started is not None else FOREVER
        leaves = begun + call.root_script.talk_seconds
        try:
            await call.wait(max(0.0, min(leaves, limit) - call.now))
        except ConferenceChanged:
            continue
        if leaves <= limit:
            call.note(participant.leg.sid, "note", "the participant hangs up")
            raise CallOver("completed", caller=True)
        return


def _subscription(page: Page, noun: Verb) -> Subscription | None:
    if not noun.get("statusCallback"):
        return None
    events = frozenset(noun.get("statusCallbackEvent").split()) & frozenset(EVENTS)
    url = resolve(page, noun.get("statusCallback"))
    return Subscription(url, http_method(noun.get("statusCallbackMethod")), events)
