"""The conferences under way, who is in them, and the events that they fire.

Source: Twilio docs, "TwiML <Conference>": a conference starts when two participants are there and one has
``startConferenceOnEnter``; it ends when the last participant leaves, or one with ``endConferenceOnExit``. The
status callback is that of the first participant who has one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ..dates import rfc2822
from .conference_recording import ConferenceRecordings
from .interruptions import ConferenceChanged
from .leg import LegCall
from .recorder import RecordedCall

if TYPE_CHECKING:
    from ..conferences.models import Conferences
    from ..store import Document
    from .instructions import Instructions
    from .leg import Leg
    from .recorder import RecordingPlan
    from .subscription import Subscription

EVENTS = ("start", "end", "join", "leave", "mute", "hold", "modify", "announcement")
_EVENT_OF = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
    "participant-mute": "mute",
    "participant-unmute": "mute",
    "participant-hold": "hold",
    "participant-unhold": "hold",
    "participant-modify": "modify",
    "announcement-end": "announcement",
}


class ConferenceCall(LegCall, RecordedCall, Protocol):
    """What a conference asks of a call that is in it."""


@dataclass(frozen=True)
class Announcement:
    """Something that is announced.

    Attributes:
        source: where its TwiML or its file comes from.
        to_all: whether the whole conference hears it, and not one participant.
    """

    source: Instructions
    to_all: bool = False


@dataclass
class Participant:
    """A call in a conference.

    Attributes:
        call: the call.
        leg: its leg that is in the conference.
        label: another name for it in the REST API; empty for none.
        entered: when it came in, seconds since 1970.
        kicked: whether the API removed it.
        wait: what it hears until the conference starts; None for Twilio's music, or silence.
        hold_music: what it hears on hold; None for Twilio's music.
        announcements: what it is to hear next.
    """

    call: ConferenceCall
    leg: Leg
    label: str = ""
    muted: bool = False
    hold: bool = False
    coach: str = ""
    starts: bool = True
    ends: bool = False
    entered: float = 0.0
    updated: float = 0.0
    kicked: bool = False
    wait: Instructions | None = None
    hold_music: Instructions | None = None
    announcements: list[Announcement] = field(default_factory=list)


@dataclass
class Room:
    """A conference under way.

    Attributes:
        document: its resource.
        participants: those in it, by call SID, in the order in which they came.
        subscription: who hears of its events; None for nobody.
        most: how many participants it takes.
        started: when it began, seconds since 1970; None before.
        recording_plan: how it is recorded from its start; None if it is not.
        recordings: of it; None before its start.
    """

    document: Document
    participants: dict[str, Participant] = field(default_factory=dict)
    subscription: Subscription | None = None
    most: int = 250
    started: float | None = None
    sequence: int = 0
    recording_plan: RecordingPlan | None = None
    recordings: ConferenceRecordings | None = None

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return bool(self.document["status"] == "completed")

    def find(self, name: str) -> Participant | None:
        """A participant by call SID or label."""
        labeled = (other for other in self.participants.values() if other.label and other.label == name)
        return self.participants.get(name) or next(labeled, None)


class Rooms:
    """The conferences under way, by account and name.

    Args:
        conferences: keeps their resources.
    """

    def __init__(self, conferences: Conferences) -> None:
        self._conferences = conferences
        self._rooms: dict[tuple[str, str], Room] = {}

    def room(self, account_sid: str, name: str, moment: float) -> Room:
        """The conference of this name; opened if there is none."""
        key = (account_sid, name)
        if key not in self._rooms or self._rooms[key].over:
            self._rooms[key] = Room(self._conferences.create(account_sid, name, moment))
        return self._rooms[key]

    def of(self, conference: Document) -> Room | None:
        """The conference under way that a resource is about, or None."""
        room = self._rooms.get((conference["account_sid"], conference["friendly_name"]))
        return room if room is not None and room.document["sid"] == conference["sid"] else None

    def enter(self, room: Room, participant: Participant) -> None:
        """Let a call come in, and the conference start if it can."""
        now = participant.call.now
        for other in room.participants.values():
            other.call.timeline.join(participant.call.timeline)
            break
        participant.entered = participant.updated = now
        room.participants[participant.leg.sid] = participant
        self.fire(room, "participant-join", participant)
        present = room.participants.values()
        if room.started is None and len(present) > 1 and any(other.starts for other in present):
            room.started = now
            room.document["status"] = "in-progress"
            self._conferences.save(room.document, now)
            self.fire(room, "conference-start", participant)
            room.recordings = ConferenceRecordings(participant.call)
            if room.recording_plan is not None:
                room.recordings.start(participant.leg, room.recording_plan, room.document)
            self._notify(room)

    def leave(self, room: Room, participant: Participant, status: str, reason: str) -> None:
        """Let a call go, and the conference end if it must.

        Args:
            room: the conference.
            participant: the call.
            status: of the call, as the event names it.
            reason: why it leaves, as the event names it.
        """
        if room.participants.pop(participant.leg.sid, None) is None:
            return
        remaining = next(iter(room.participants.values()), participant)
        if room.recordings is not None and not room.over:
            room.recordings.call = remaining.call
        extra = {"ParticipantCallStatus": status, "ReasonParticipantLeft": reason}
        self.fire(room, "participant-leave", participant, extra)
        how = "kicked" if participant.kicked else "left"
        if participant.ends:
            self.end(room, participant, f"participant-with-end-conference-on-exit-{how}")
        elif not room.participants:
            self.end(room, participant, f"last-participant-{how}")

    def end(self, room: Room, participant: Participant | None, reason: str) -> None:
        """End a conference: those who are in it go on with their documents."""
        if room.over:
            return
        last = participant or next(iter(room.participants.values()), None)
        now = last.call.now if last else room.document["updated"]
        room.document.update(
            status="completed", reason=reason, ended_by=participant.leg.sid if participant else None
        )
        self._conferences.save(room.document, now)
        if last is not None:
            extra = {"ReasonConferenceEnded": reason, "Reason": reason.replace("-", " ")}
            if participant is not None:
                extra |= {"CallSidEndingConference": participant.leg.sid}
                if participant.label:
                    extra |= {"ParticipantLabelEndingConference": participant.label}
            self.fire(room, "conference-end", last, extra)
        if room.recordings is not None:
            room.recordings.stop()
        self._notify(room)

    def change(self, room: Room, participant: Participant, event: str) -> None:
        """Report that a participant was changed by the API."""
        participant.updated = participant.call.timeline.current()
        self.fire(room, event, participant)

    def hold(self, room: Room, participant: Participant, held: bool, music: Instructions | None) -> None:
        """Put a participant on hold, with music, or let it come back."""
        participant.hold, participant.hold_music = held, music
        self.change(room, participant, "participant-hold" if held else "participant-unhold")
        participant.call.timeline.post(ConferenceChanged(participant.leg.sid))

    def announce(self, participant: Participant, announcement: Announcement) -> None:
        """Let a participant hear something; for the whole conference, one participant represents all."""
        participant.announcements.append(announcement)
        participant.call.timeline.post(ConferenceChanged(participant.leg.sid))

    def announced(self, room: Room, participant: Participant, announcement: Announcement) -> None:
        """Report that something has been announced; of a participant who has left, only that."""
        extra = {"AnnounceUrl": announcement.source.url}
        if not announcement.to_all and participant.leg.sid in room.participants:
            extra |= _state_of(participant)
        self.fire(room, "announcement-end", participant, extra)

    def fire(
        self, room: Room, event: str, participant: Participant, extra: dict[str, str] | None = None
    ) -> None:
        """Send an event to who asked for it."""
        call, leg = participant.call, participant.leg
        call.note(leg.sid, "note", f"conference {room.document['friendly_name']}: {event}")
        heard = room.subscription
        if heard is None or _EVENT_OF[event] not in heard.events:
            return
        room.sequence += 1
        params = {
            "ConferenceSid": room.document["sid"],
            "FriendlyName": room.document["friendly_name"],
            "AccountSid": room.document["account_sid"],
            "SequenceNumber": str(room.sequence),
            "Timestamp": rfc2822(call.timeline.current()) or "",
            "StatusCallbackEvent": event,
        }
        if event.startswith("participant"):
            params |= _state_of(participant)
        call.tell("status", heard.url, heard.method, params | (extra or {}), leg.document)

    def _notify(self, room: Room) -> None:
        for other in list(room.participants.values()):
            other.call.timeline.post(ConferenceChanged(other.leg.sid))


def _state_of(participant: Participant) -> dict[str, str]:
    """The parameters of an event that describe a participant."""
    params = {
        "CallSid": participant.leg.sid,
        "Muted": _flag(participant.muted),
        "Hold": _flag(participant.hold),
        "Coaching": _flag(bool(participant.coach)),
        "EndConferenceOnExit": _flag(participant.ends),
        "StartConferenceOnEnter": _flag(participant.starts),
    }
    return params | ({"ParticipantLabel": participant.label} if participant.label else {})


def _flag(value: bool) -> str:
    return str(value).lower()
