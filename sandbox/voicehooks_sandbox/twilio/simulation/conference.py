"""``<Dial><Conference>``: a call waits for the others, talks, and leaves.

Source: Twilio docs, "TwiML <Conference>" and "<Dial>": the ``action`` request of a dial into a conference has
the ``DialCallStatus`` ``answered`` and no ``DialCallSid``; error dictionary 13240, 16025.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .conference_room import EVENTS, Participant, Room
from .instructions import Instructions, http_method, resolve
from .interruptions import CallOver, ConferenceChanged, Pressed, Redirected, TimeOver
from .keys import listening_for
from .recorder import recording_plan
from .scenario import FOREVER
from .side_documents import play_pages
from .subscription import Subscription

if TYPE_CHECKING:
    from ..twiml.document import Verb
    from .instructions import Page
    from .live_call import LiveCall

_MOST = 250
_REFUSED = {"DialCallStatus": "failed"}


class _NotEstablished(Exception):
    """What ``waitUrl`` leads to is not available: the call does not enter the conference."""


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
    room = call.rooms.room(call.root.document["account_sid"], noun.text, call.now)
    if not _admitted(call, page, noun, room):
        return dict(_REFUSED), False
    if room.subscription is None:
        room.subscription = _subscription(page, noun)
    if room.recording_plan is None and noun.get("record") == "record-from-start":
        room.recording_plan = recording_plan(page, noun, "Conference")
    participant = Participant(
        call=call,
        leg=call.root,
        label=noun.get("participantLabel"),
        muted=noun.get("muted") == "true",
        coach=noun.get("coach"),
        starts=noun.get("startConferenceOnEnter") != "false",
        ends=noun.get("endConferenceOnExit") == "true",
        wait=_wait_source(page, noun),
    )
    star = "*" if verb.get("hangupOnStar") == "true" else ""
    return await _take_part(call, room, participant, verb.number("timeLimit", 14_400, low=1), star)


async def _take_part(
    call: LiveCall, room: Room, participant: Participant, time_limit: int, star: str
) -> tuple[dict[str, str], bool]:
    """Enter the conference, stay, and leave it."""
    entered = call.now
    status, reason = "in-progress", "participant_hung_up"
    hung_up = False
    params = {"DialCallStatus": "answered"}
    call.participant = participant
    call.rooms.enter(room, participant)
    try:
        with listening_for(call, call.root.sid, star):
            await _stay(call, room, participant, entered + time_limit)
        reason = _reason(room, participant)
    except CallOver as over:
        status = "completed"
        if not over.caller:
            reason = "participant_updated_via_api"
            raise
        hung_up = True
    except Redirected:
        reason = "participant_updated_via_api"
        raise
    except _NotEstablished:
        reason = "participant_add_failed"
        params = dict(_REFUSED)
    except asyncio.CancelledError:  # the sandbox stops, and there is nobody left to report to
        room.participants.pop(call.root.sid, None)
        raise
    finally:
        call.participant = None
        call.rooms.leave(room, participant, status, reason)
    return params | {"DialCallDuration": str(round(call.now - entered))}, hung_up


async def _stay(call: LiveCall, room: Room, participant: Participant, limit: float) -> None:
    """Wait for the conference's end, or until this party has talked for as long as its scenario says."""
    while not room.over and not participant.kicked:
        begun = max(room.started, participant.entered) if room.started is not None else FOREVER
        leaves = begun + call.root_script.talk_seconds
        try:
            with call.until(min(leaves, limit)):
                await _listen(call, room, participant)
        except ConferenceChanged:
            continue
        except Pressed:
            call.note(participant.leg.sid, "note", "the participant presses * and leaves the conference")
            return
        except TimeOver:
            if leaves > limit:
                return
            call.note(participant.leg.sid, "note", "the participant hangs up")
            raise CallOver("completed", caller=True) from None


async def _listen(call: LiveCall, room: Room, participant: Participant) -> None:
    """Hear announcements, hold music and what ``waitUrl`` plays, each once; then silence, or the others."""
    while participant.announcements:
        announcement = participant.announcements.pop(0)
        first = await call.fetch(announcement.source)
        if first is None:
            call.note(participant.leg.sid, "note", "the announcement is not available, and nothing is heard")
            continue
        try:
            await play_pages(call, participant.leg, first, "an announcement")
        except Exception:  # whatever cuts it short, it is over
            call.rooms.announced(room, participant, announcement)
            raise
        call.rooms.announced(room, participant, announcement)
    if participant.hold:
        if participant.hold_music is not None:
            first = await call.fetch(participant.hold_music)
            await play_pages(call, participant.leg, first, "hold music")
    elif room.started is None and participant.wait is not None:
        first = await call.fetch(participant.wait)
        if first is None:
            raise _NotEstablished
        await play_pages(call, participant.leg, first, "a waitUrl")
    await call.wait(FOREVER)


def _admitted(call: LiveCall, page: Page, noun: Verb, room: Room) -> bool:
    """Whether a call may enter a conference."""
    if len(room.participants) >= min(noun.number("maxParticipants", _MOST, low=1), room.most):
        call.note(call.root.sid, "note", f"the conference {noun.text} is full")
        return False
    label, coached = noun.get("participantLabel"), noun.get("coach")
    if label and any(other.label == label for other in room.participants.values()):
        call.complain(16025, f"Conference: a participant has the label {label} already", url=page.url)
        return False
    if coached and coached not in room.participants:
        call.complain(13240, f"Conference: the coached call {coached} is not in it", url=page.url)
        return False
    return True


def _reason(room: Room, participant: Participant) -> str:
    """Why a participant left whose call goes on."""
    if participant.kicked:
        return "participant_updated_via_api"
    if not room.over:
        return "participant_hung_up"
    by_api = room.document["reason"] == "conference-ended-via-api"
    return "conference_ended_via_api" if by_api else "moderator_ended_conference"


def _wait_source(page: Page, noun: Verb) -> Instructions | None:
    if not noun.get("waitUrl"):
        return None
    return Instructions(resolve(page, noun.get("waitUrl")), http_method(noun.get("waitMethod")))


def _subscription(page: Page, noun: Verb) -> Subscription | None:
    if not noun.get("statusCallback"):
        return None
    events = frozenset(noun.get("statusCallbackEvent").split()) & frozenset(EVENTS)
    url = resolve(page, noun.get("statusCallback"))
    return Subscription(url, http_method(noun.get("statusCallbackMethod")), events)
