"""The participants of conferences over HTTP.

Source: Twilio docs, "Conference Participant resource": participants are those in a conference that is not
completed, by call SID or label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from ..api import ApiRequest, Endpoint, answer, no_content
from ..calls.create_request import read_create_call
from ..dates import rfc2822
from ..errors import not_found
from ..paging import PageRequest, page_2010
from ..simulation.conference_room import Announcement
from ..simulation.interruptions import ConferenceChanged
from ..simulation.outgoing import place
from .routes import CONFERENCES, PERMISSION, conference_of, instructions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from ..simulation.conference_room import Participant, Room
    from ..store import Document

_LIST = f"{CONFERENCES}/{{Sid}}/Participants.json"
_ONE = f"{CONFERENCES}/{{Sid}}/Participants/{{CallSid}}.json"
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
    "ConferenceTrim": "trim",
    "ConferenceRecordingStatusCallback": "recordingStatusCallback",
    "ConferenceRecordingStatusCallbackMethod": "recordingStatusCallbackMethod",
    "JitterBufferSize": "jitterBufferSize",
    "Region": "region",
}
_RECORD = {"true": "record-from-start", "false": "do-not-record"}


async def _list_participants(request: ApiRequest) -> Response:
    room = request.emulator.switchboard.rooms.of(conference_of(request))
    shown = (
        []
        if room is None or room.over
        else [_encode(room, participant) for participant in room.participants.values()]
    )
    for name, key in (("Muted", "muted"), ("Hold", "hold"), ("Coaching", "coaching")):
        if text := request.query.get(name):
            shown = [participant for participant in shown if participant[key] == (text.lower() == "true")]
    page = PageRequest.of(request.http)
    found, more = page.slice(shown)
    return answer(page_2010(page, "participants", found, more, lambda participant: participant))


async def _create(request: ApiRequest) -> Response:
    """Call somebody, who comes into the conference with the answer; a name opens one."""
    name = request.param("Sid")
    if name.startswith("CF") and len(name) == 34:
        conference = conference_of(request)
        if conference["status"] == "completed":
            raise not_found(request.path)
        name = conference["friendly_name"]
    form = {key: value for key, value in request.form.items() if key not in {"Url", "ApplicationSid"}}
    noun = f"<Conference{_attributes(request, form)}>{escape(name)}</Conference>"
    form["Twiml"] = f"<Response><Dial>{noun}</Dial></Response>"
    order = read_create_call(request.emulator, request.account, form, request.form_items)
    call = place(request.emulator.switchboard, request.account, order, request.own_url)
    room = request.emulator.switchboard.rooms.room(request.account_sid, name, call["created"])
    return answer(_encode_queued(room, call, form), 201)


def _attributes(request: ApiRequest, form: dict[str, str]) -> str:
    """The attributes of a new participant's conference noun."""
    found = {noun: form[key] for key, noun in _NOUN.items() if form.get(key)}
    if "record" in found:
        found["record"] = _RECORD.get(found["record"].lower(), found["record"])
    for key, noun in (
        ("ConferenceStatusCallbackEvent", "statusCallbackEvent"),
        ("ConferenceRecordingStatusCallbackEvent", "recordingStatusCallbackEvent"),
    ):
        if events := [value for name, value in request.form_items if name == key]:
            found[noun] = " ".join(events)
    # Unlike those of TwiML, the events of this request have a default (twilio-oai, CreateParticipant).
    if found.get("statusCallback"):
        found.setdefault("statusCallbackEvent", "start end")
    return "".join(f" {name}={quoteattr(value)}" for name, value in found.items())


async def _read_participant(request: ApiRequest) -> Response:
    return answer(_encode(*_participant(request)))


async def _update_participant(request: ApiRequest) -> Response:
    room, participant = _participant(request)
    form, rooms = request.form, request.emulator.switchboard.rooms
    music = instructions(request, "HoldUrl", "HoldMethod", "GET")
    announcement = instructions(request, "AnnounceUrl", "AnnounceMethod", "POST")
    wait = instructions(request, "WaitUrl", "WaitMethod", "POST")
    modified = False
    if "EndConferenceOnExit" in form:
        participant.ends = _is_true(form, "EndConferenceOnExit")
        modified = True
    if "CallSidToCoach" in form or "Coaching" in form:
        coaching = "Coaching" not in form or _is_true(form, "Coaching")
        participant.coach = form.get("CallSidToCoach", participant.coach) if coaching else ""
        modified = True
    if "WaitUrl" in form:
        participant.wait = wait
        modified = True
    if modified or "BeepOnExit" in form:
        rooms.change(room, participant, "participant-modify")
    if "Muted" in form and participant.muted != _is_true(form, "Muted"):
        participant.muted = not participant.muted
        rooms.change(room, participant, f"participant-{'' if participant.muted else 'un'}mute")
    if "Hold" in form and participant.hold != _is_true(form, "Hold"):
        rooms.hold(room, participant, not participant.hold, music)
    if announcement is not None:
        rooms.announce(participant, Announcement(announcement))
    return answer(_encode(room, participant))


def _is_true(form: Mapping[str, str], name: str) -> bool:
    return form[name].lower() == "true"


async def _remove_participant(request: ApiRequest) -> Response:
    _, participant = _participant(request)
    participant.kicked = True
    participant.call.timeline.post(ConferenceChanged(participant.leg.sid))
    await request.emulator.switchboard.settle()
    return no_content()


def _participant(request: ApiRequest) -> tuple[Room, Participant]:
    room = request.emulator.switchboard.rooms.of(conference_of(request))
    participant = None if room is None or room.over else room.find(request.param("CallSid"))
    if room is None or participant is None:
        raise not_found(request.path)
    return room, participant


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
    Endpoint("GET", _LIST, _list_participants, f"{PERMISSION}/participants/list"),
    Endpoint("POST", _LIST, _create, f"{PERMISSION}/participants/create"),
    Endpoint("GET", _ONE, _read_participant, f"{PERMISSION}/participants/read"),
    Endpoint("POST", _ONE, _update_participant, f"{PERMISSION}/participants/update"),
    Endpoint("DELETE", _ONE, _remove_participant, f"{PERMISSION}/participants/delete"),
)
