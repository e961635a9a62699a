"""Conferences and their participants over HTTP.

Source: Twilio docs, "Conference resource" and "Conference Participant resource": participants are those in a
conference that is not completed, by call SID or label.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from ..api import ApiRequest, Endpoint, answer, no_content
from ..calls.create_request import read_create_call
from ..dates import rfc2822
from ..errors import invalid_parameter, not_found
from ..paging import PageRequest, page_2010
from ..simulation.interruptions import ConferenceChanged
from ..simulation.outgoing import place
from .models import KIND, encode, filters

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..simulation.conference_room import Participant, Room
    from ..store import Document

_LIST = "/2010-04-01/Accounts/{AccountSid}/Conferences.json"
_ONE = "/2010-04-01/Accounts/{AccountSid}/Conferences/{Sid}.json"
_PARTICIPANTS = "/2010-04-01/Accounts/{AccountSid}/Conferences/{Sid}/Participants.json"
_PARTICIPANT = "/2010-04-01/Accounts/{AccountSid}/Conferences/{Sid}/Participants/{CallSid}.json"
_PERMISSION = "/twilio/voice/conferences"
_SETTLE_ROUNDS = 5
# What a new participant's conference noun takes over from the request.
_NOUN = {
    "Label": "participantLabel",
    "Muted": "muted",
    "Beep": "beep",
    "StartConferenceOnEnter": "startConferenceOnEnter",
    "EndConferenceOnExit": "endConferenceOnExit",
    "MaxParticipants": "maxParticipants",
    "ConferenceStatusCallback": "statusCallback",
    "ConferenceStatusCallbackMethod": "statusCallbackMethod",
    "CallSidToCoach": "coach",
    "WaitUrl": "waitUrl",
    "WaitMethod": "waitMethod",
    "ConferenceRecord": "record",
}


async def _list(request: ApiRequest) -> Response:
    page = PageRequest.of(request.http)
    found, more = page.select(request.twin.store, KIND, request.account_sid, filters(request.query))
    return answer(page_2010(page, "conferences", found, more, encode))


async def _read(request: ApiRequest) -> Response:
    return answer(encode(_conference(request)))


async def _update(request: ApiRequest) -> Response:
    conference = _conference(request)
    status = request.form.get("Status", "")
    if status not in {"", "completed"}:
        raise invalid_parameter("Status", status)
    room = request.twin.switchboard.rooms.of(conference)
    if status and room is not None:
        request.twin.switchboard.rooms.end(room, None, "conference-ended-via-api")
        await _settle()
    if request.form.get("AnnounceUrl") and room is not None:
        _note(room, "AnnounceUrl: skipped")
    return answer(encode(request.twin.conferences.get(request.account_sid, conference["sid"], request.path)))


async def _list_participants(request: ApiRequest) -> Response:
    room = request.twin.switchboard.rooms.of(_conference(request))
    shown = [] if room is None or room.over else [_encode(room, one) for one in room.participants.values()]
    for name, key in (("Muted", "muted"), ("Hold", "hold"), ("Coaching", "coaching")):
        if text := request.query.get(name):
            shown = [one for one in shown if one[key] == (text.lower() == "true")]
    page = PageRequest.of(request.http)
    found, more = page.slice(shown)
    return answer(page_2010(page, "participants", found, more, lambda one: one))


async def _create(request: ApiRequest) -> Response:
    """Call somebody, who comes into the conference with the answer; a name opens one."""
    name = request.param("Sid")
    if name.startswith("CF") and len(name) == 34:
        conference = _conference(request)
        if conference["status"] == "completed":
            raise not_found(request.path)
        name = conference["friendly_name"]
    form = {key: value for key, value in request.form.items() if key not in {"Url", "ApplicationSid"}}
    attributes = "".join(f" {noun}={quoteattr(form[key])}" for key, noun in _NOUN.items() if form.get(key))
    events = [value for key, value in request.form_items if key == "ConferenceStatusCallbackEvent"]
    if events:
        attributes += f" statusCallbackEvent={quoteattr(' '.join(events))}"
    noun = f"<Conference{attributes}>{escape(name)}</Conference>"
    form["Twiml"] = f"<Response><Dial>{noun}</Dial></Response>"
    order = read_create_call(request.twin, request.account, form, request.form_items)
    call = place(request.twin.switchboard, request.account, order, request.own_url)
    room = request.twin.switchboard.rooms.room(request.account_sid, name, call["created"])
    return answer(_encode_queued(room, call, form), 201)


async def _read_participant(request: ApiRequest) -> Response:
    return answer(_encode(*_participant(request)))


async def _update_participant(request: ApiRequest) -> Response:
    room, participant = _participant(request)
    form, rooms = request.form, request.twin.switchboard.rooms
    if "EndConferenceOnExit" in form:
        participant.ends = form["EndConferenceOnExit"].lower() == "true"
        rooms.change(room, participant, "participant-modify")
    if "CallSidToCoach" in form or "Coaching" in form:
        coaching = form.get("Coaching", "true").lower() == "true"
        participant.coach = form.get("CallSidToCoach", participant.coach) if coaching else ""
        rooms.change(room, participant, "participant-modify")
    for name in ("Muted", "Hold"):
        if name not in form:
            continue
        wanted, key = form[name].lower() == "true", name.lower()
        if getattr(participant, key) != wanted:
            setattr(participant, key, wanted)
            word = {"Muted": "mute", "Hold": "hold"}[name]
            rooms.change(room, participant, f"participant-{'' if wanted else 'un'}{word}")
    if skipped := [name for name in ("AnnounceUrl", "HoldUrl", "WaitUrl", "BeepOnExit") if form.get(name)]:
        _note(room, f"{', '.join(skipped)}: skipped")
    return answer(_encode(room, participant))


async def _remove_participant(request: ApiRequest) -> Response:
    _, participant = _participant(request)
    participant.kicked = True
    participant.call.timeline.post(ConferenceChanged(participant.leg.sid))
    await _settle()
    return no_content()


def _conference(request: ApiRequest) -> Document:
    return request.twin.conferences.get(request.account_sid, request.param("Sid"), request.path)


def _participant(request: ApiRequest) -> tuple[Room, Participant]:
    room = request.twin.switchboard.rooms.of(_conference(request))
    participant = None if room is None or room.over else room.find(request.param("CallSid"))
    if room is None or participant is None:
        raise not_found(request.path)
    return room, participant


def _note(room: Room, text: str) -> None:
    for participant in room.participants.values():
        participant.call.note(participant.leg.sid, "not-emulated", text)


async def _settle() -> None:
    """Let the calls act on what they were told, so that the next request sees it."""
    for _ in range(_SETTLE_ROUNDS):
        await asyncio.sleep(0)


def _encode(room: Room, participant: Participant) -> Document:
    return _shown(room, participant.leg.sid) | {
        "label": participant.label or None,
        "call_sid_to_coach": participant.coach or None,
        "coaching": bool(participant.coach),
        "date_created": rfc2822(participant.entered),
        "date_updated": rfc2822(participant.updated),
        "end_conference_on_exit": participant.ends,
        "muted": participant.muted,
        "hold": participant.hold,
        "start_conference_on_enter": participant.starts,
        "status": "connected",
    }


def _encode_queued(room: Room, call: Document, form: dict[str, str]) -> Document:
    def flag(name: str, *, default: bool) -> bool:
        return form.get(name, str(default)).lower() == "true"

    return _shown(room, call["sid"]) | {
        "label": form.get("Label") or None,
        "call_sid_to_coach": form.get("CallSidToCoach") or None,
        "coaching": bool(form.get("CallSidToCoach")),
        "date_created": rfc2822(call["created"]),
        "date_updated": rfc2822(call["updated"]),
        "end_conference_on_exit": flag("EndConferenceOnExit", default=False),
        "muted": flag("Muted", default=False),
        "hold": False,
        "start_conference_on_enter": flag("StartConferenceOnEnter", default=True),
        "status": "queued",
    }


def _shown(room: Room, call_sid: str) -> Document:
    conference = room.document
    base = f"/2010-04-01/Accounts/{conference['account_sid']}/Conferences/{conference['sid']}"
    return {
        "account_sid": conference["account_sid"],
        "call_sid": call_sid,
        "conference_sid": conference["sid"],
        "queue_time": None,
        "uri": f"{base}/Participants/{call_sid}.json",
    }


ENDPOINTS = (
    Endpoint("GET", _LIST, _list, f"{_PERMISSION}/list"),
    Endpoint("GET", _ONE, _read, f"{_PERMISSION}/read"),
    Endpoint("POST", _ONE, _update, f"{_PERMISSION}/update"),
    Endpoint("GET", _PARTICIPANTS, _list_participants, f"{_PERMISSION}/participants/list"),
    Endpoint("POST", _PARTICIPANTS, _create, f"{_PERMISSION}/participants/create"),
    Endpoint("GET", _PARTICIPANT, _read_participant, f"{_PERMISSION}/participants/read"),
    Endpoint("POST", _PARTICIPANT, _update_participant, f"{_PERMISSION}/participants/update"),
    Endpoint("DELETE", _PARTICIPANT, _remove_participant, f"{_PERMISSION}/participants/delete"),
)
