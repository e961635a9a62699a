"""``<Conference>``: participants, the events that it fires, and the REST API.

Source: Twilio docs, "TwiML <Conference>", "Conference resource", "Conference Participant resource".
"""

from __future__ import annotations

from typing import Any

import pytest
from starlette.responses import Response

from tests.sandbox.twilio.receiver import HOOK, Receiver
from tests.sandbox.twilio.sandbox_client import API, MakeSandbox, Sandbox

pytestmark = pytest.mark.anyio
EVENTS = "start end join leave mute hold modify announcement"
ROOM = (
    "<Response><Dial action='/done'><Conference statusCallback='/events' "
    f"statusCallbackEvent='{EVENTS}' participantLabel='customer'>Room 1</Conference></Dial></Response>"
)
AGENT = "+15557654321"
STAY = {"talkSeconds": None}


def events(receiver: Receiver) -> list[str]:
    """The events that the conference's callback heard of, in order of their numbers."""
    received = sorted(receiver.on("/events"), key=lambda item: int(item.params["SequenceNumber"]))
    return [item.params["StatusCallbackEvent"] for item in received]


async def waiting(sandbox: Sandbox, receiver: Receiver, twiml: str = ROOM) -> tuple[str, str]:
    """A caller who waits in a conference; the SIDs of the call and of the conference."""
    receiver.twiml("/done", "<Response><Hangup/></Response>")
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml))
    await sandbox.script(everybody=STAY)
    sid = (await sandbox.control("POST", "/calls", {"to": "+15551234567"}))["sid"]
    await sandbox.until(lambda: len(sandbox.emulator.switchboard.rooms._rooms) > 0, sid)
    await sandbox.until(lambda: in_conference(sandbox, sid), sid)
    (conference,) = (await sandbox.get(f"{API}/Conferences.json", FriendlyName="Room 1")).json()["conferences"]
    return sid, conference["sid"]


def in_conference(sandbox: Sandbox, sid: str) -> bool:
    """Whether a call is in a conference."""
    live = sandbox.emulator.switchboard.live(sid)
    return live is not None and live.participant is not None


async def join(sandbox: Sandbox, conference: str, **form: Any) -> str:
    """Let the API call an agent into a conference; the call's SID, once the agent is there."""
    form = {"From": "+15551234567", "To": AGENT, **form}
    answer = await sandbox.post(f"{API}/Conferences/{conference}/Participants.json", data=form)
    assert answer.status_code == 201, answer.text
    assert answer.json()["status"] == "queued"
    sid = answer.json()["call_sid"]
    await sandbox.until(lambda: in_conference(sandbox, sid), sid)
    return sid


async def test_a_conference_starts_with_the_second_participant(
    make_sandbox: MakeSandbox, receiver: Receiver
) -> None:
    """And ends when one leaves who ends it; the other goes on with its action, which hears ``answered``."""
    async with make_sandbox(factor=20) as sandbox:
        caller, conference = await waiting(sandbox, receiver)
        assert (await sandbox.get(f"{API}/Conferences/{conference}.json")).json()["status"] == "init"
        agent = await join(sandbox, conference, EndConferenceOnExit="true", Label="agent")
        path = f"{API}/Conferences/{conference}/Participants"
        shown = (await sandbox.get(f"{path}.json")).json()["participants"]
        assert [(item["call_sid"], item["label"], item["status"]) for item in shown] == [
            (caller, "customer", "connected"),
            (agent, "agent", "connected"),
        ]
        assert (await sandbox.get(f"{path}/agent.json")).json()["end_conference_on_exit"] is True
        await sandbox.client.post(f"/_sandbox/calls/{agent}/hang-up")
        await sandbox.ended(agent)
        ended = await sandbox.ended(caller)
        document = (await sandbox.get(f"{API}/Conferences/{conference}.json")).json()
        assert (await sandbox.get(f"{path}.json")).json()["participants"] == []
        assert (await sandbox.get(f"{path}/agent.json")).status_code == 404
    assert ended["status"] == "completed"
    assert (document["status"], document["call_sid_ending_conference"]) == ("completed", agent)
    assert document["reason_conference_ended"] == "participant-with-end-conference-on-exit-left"
    (done,) = receiver.on("/done")
    assert (done.params["DialCallStatus"], "DialCallSid" in done.params) == ("answered", False)
    assert events(receiver) == [
        "participant-join",
        "participant-join",
        "conference-start",
        "participant-leave",
        "conference-end",
        "participant-leave",
    ]


async def test_hold_and_mute_are_reported(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """Only changes are; the participant shows them, and lists can be narrowed to them."""
    async with make_sandbox(factor=20) as sandbox:
        caller, conference = await waiting(sandbox, receiver)
        path = f"{API}/Conferences/{conference}/Participants"
        for form in ({"Hold": "true"}, {"Hold": "true"}, {"Muted": "true"}, {"Hold": "false"}):
            assert (await sandbox.post(f"{path}/customer.json", data=form)).status_code == 200
        muted = (await sandbox.get(f"{path}.json", Muted="true")).json()["participants"]
        held = (await sandbox.get(f"{path}.json", Hold="true")).json()["participants"]
        assert ([item["call_sid"] for item in muted], held) == ([caller], [])
        await sandbox.client.post(f"/_sandbox/calls/{caller}/hang-up")
        await sandbox.ended(caller)
    assert events(receiver)[1:4] == ["participant-hold", "participant-mute", "participant-unhold"]
    states = {
        request.params["StatusCallbackEvent"]: (request.params["Hold"], request.params["Muted"])
        for request in receiver.on("/events")
        if request.params["StatusCallbackEvent"] != "conference-end"
    }
    assert states["participant-hold"] == ("true", "false")
    assert states["participant-unhold"] == ("false", "true")


async def test_the_api_removes_a_participant_and_ends_a_conference(
    make_sandbox: MakeSandbox, receiver: Receiver
) -> None:
    """The removed call goes on with its document, and so do all when the conference is ended."""
    async with make_sandbox(factor=20) as sandbox:
        caller, conference = await waiting(sandbox, receiver)
        agent = await join(sandbox, conference)
        path = f"{API}/Conferences/{conference}"
        assert (await sandbox.delete(f"{path}/Participants/{agent}.json")).status_code == 204
        assert (await sandbox.ended(agent))["status"] == "completed"
        assert (await sandbox.post(f"{path}.json", Status="completed")).json()["status"] == "completed"
        assert (await sandbox.ended(caller))["status"] == "completed"
        document = (await sandbox.get(f"{path}.json")).json()
        refused = await sandbox.post(f"{path}/Participants.json", From="+15551234567", To=AGENT)
    assert document["reason_conference_ended"] == "conference-ended-via-api"
    assert refused.status_code == 404
    assert len(receiver.on("/done")) == 1


async def test_a_redirected_call_leaves_the_conference(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """A transfer out of a conference: the call goes on with the new document."""
    async with make_sandbox(factor=20) as sandbox:
        caller, conference = await waiting(sandbox, receiver)
        twiml = "<Response><Say>Elsewhere</Say></Response>"
        await sandbox.post(f"{API}/Calls/{caller}.json", Twiml=twiml)
        ended = await sandbox.ended(caller)
        document = (await sandbox.get(f"{API}/Conferences/{conference}.json")).json()
    assert any(step["text"] == "<Say> Elsewhere" for step in ended["steps"])
    assert (document["status"], document["reason_conference_ended"]) == ("completed", "last-participant-left")
    assert receiver.on("/done") == []


async def test_a_moderator_starts_it_and_a_full_one_takes_nobody(
    make_sandbox: MakeSandbox, receiver: Receiver
) -> None:
    """Without ``startConferenceOnEnter`` participants wait; beyond ``maxParticipants`` the dial fails."""
    waits = (
        "<Response><Dial action='/done'><Conference startConferenceOnEnter='false' maxParticipants='2'>Room 1"
    )
    async with make_sandbox(factor=20) as sandbox:
        first, conference = await waiting(sandbox, receiver, f"{waits}</Conference></Dial></Response>")
        second = await join(sandbox, conference, StartConferenceOnEnter="false")
        assert (await sandbox.get(f"{API}/Conferences/{conference}.json")).json()["status"] == "init"
        third = (await sandbox.control("POST", "/calls", {"to": "+15551234567"}))["sid"]
        await sandbox.ended(third)
        (done,) = receiver.on("/done")
        assert done.params["DialCallStatus"] == "failed"
        for sid in (first, second):
            await sandbox.client.post(f"/_sandbox/calls/{sid}/hang-up")
            await sandbox.ended(sid)


async def test_a_restart_ends_what_was_under_way(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """Nobody is in the conference any more."""
    async with make_sandbox(factor=20) as sandbox:
        _, conference = await waiting(sandbox, receiver)
    async with make_sandbox(factor=20) as sandbox:
        assert (await sandbox.get(f"{API}/Conferences/{conference}.json")).json()["status"] == "completed"
        assert (await sandbox.get(f"{API}/Conferences.json", Status="in-progress")).json()["conferences"] == []


async def test_the_first_participants_callback_is_the_conferences(
    make_sandbox: MakeSandbox, receiver: Receiver
) -> None:
    """A later participant's callback is not asked."""
    async with make_sandbox(factor=20) as sandbox:
        caller, conference = await waiting(sandbox, receiver)
        agent = await join(
            sandbox,
            conference,
            ConferenceStatusCallback=f"{HOOK}/other",
            ConferenceStatusCallbackEvent="join",
        )
        for sid in (agent, caller):
            await sandbox.client.post(f"/_sandbox/calls/{sid}/hang-up")
            await sandbox.ended(sid)
    assert receiver.on("/other") == []
    assert events(receiver)[-2:] == ["participant-leave", "conference-end"]


RECORDED = ROOM.replace(
    "<Conference ",
    "<Conference record='record-from-start' recordingStatusCallback='/recorded' "
    "recordingStatusCallbackEvent='in-progress completed' ",
)


async def test_a_conference_is_recorded_from_its_start(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """One channel; until its end, also when the caller who asked for it has left."""
    receiver.twiml("/done", "<Response><Hangup/></Response>")
    async with make_sandbox(factor=20) as sandbox:
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", RECORDED))
        await sandbox.script(**{AGENT: {"talkSeconds": 30}})
        caller = (await sandbox.control("POST", "/calls", {"to": "+15551234567", "talkSeconds": 10}))["sid"]
        await sandbox.until(lambda: in_conference(sandbox, caller), caller)
        form = {"From": "+15551234567", "To": AGENT}
        agent = (await sandbox.post(f"{API}/Conferences/Room 1/Participants.json", data=form)).json()
        conference = agent["conference_sid"]
        await sandbox.ended(caller)
        await sandbox.ended(agent["call_sid"])
        path = f"{API}/Conferences/{conference}/Recordings"
        (recording,) = (await sandbox.get(f"{path}.json")).json()["recordings"]
        listed = (await sandbox.get(f"{API}/Recordings.json", ConferenceSid=conference)).json()["recordings"]
        assert (await sandbox.post(f"{path}/{recording['sid']}.json", Status="paused")).status_code == 404
        assert (await sandbox.delete(f"{path}/{recording['sid']}.json")).status_code == 204
    assert [item["sid"] for item in listed] == [recording["sid"]]
    shown = (recording["source"], recording["conference_sid"], recording["channels"], recording["status"])
    assert shown == ("Conference", conference, 1, "completed")
    started, ended = (request.params for request in receiver.on("/recorded"))
    assert (started["RecordingStatus"], ended["RecordingStatus"]) == ("in-progress", "completed")
    assert (ended["ConferenceSid"], ended["RecordingSource"], ended["RecordingDuration"]) == (
        conference,
        "Conference",
        recording["duration"],
    )
    assert "CallSid" not in ended


async def test_a_conferences_recording_is_paused_and_stopped(
    make_sandbox: MakeSandbox, receiver: Receiver
) -> None:
    """As ``Twilio.CURRENT``, the only one in progress."""
    async with make_sandbox(factor=20) as sandbox:
        caller, conference = await waiting(sandbox, receiver, RECORDED)
        path = f"{API}/Conferences/{conference}/Recordings"
        assert (await sandbox.get(f"{path}.json")).json()["recordings"] == []
        agent = await join(sandbox, conference)
        for status in ("paused", "in-progress", "stopped"):
            changed = await sandbox.post(f"{path}/Twilio.CURRENT.json", Status=status)
            assert changed.json()["status"] == status
        assert (await sandbox.get(f"{path}/Twilio.CURRENT.json")).status_code == 404
        for sid in (agent, caller):
            await sandbox.client.post(f"/_sandbox/calls/{sid}/hang-up")
            await sandbox.ended(sid)


async def test_a_participant_of_the_api_has_the_conference_recorded(
    make_sandbox: MakeSandbox, receiver: Receiver
) -> None:
    """``ConferenceRecord`` of the one who comes before the start, with the callback of the request."""
    async with make_sandbox(factor=20) as sandbox:
        caller, conference = await waiting(sandbox, receiver)
        agent = await join(
            sandbox,
            conference,
            ConferenceRecord="true",
            ConferenceRecordingStatusCallback=f"{HOOK}/recorded",
            ConferenceRecordingStatusCallbackEvent="in-progress",
        )
        for sid in (agent, caller):
            await sandbox.client.post(f"/_sandbox/calls/{sid}/hang-up")
            await sandbox.ended(sid)
    assert [request.params["RecordingStatus"] for request in receiver.on("/recorded")] == ["in-progress"]


async def test_the_wait_url_plays_until_the_conference_starts(
    make_sandbox: MakeSandbox, receiver: Receiver
) -> None:
    """Once; it loops by ``<Redirect>`` only, and other verbs are skipped."""
    receiver.twiml("/wait", "<Response><Say>Please wait</Say><Redirect>/loop</Redirect></Response>")
    receiver.twiml("/loop", "<Response><Play>/music.mp3</Play><Redirect/></Response>")
    async with make_sandbox(factor=20) as sandbox:
        caller, conference = await waiting(
            sandbox,
            receiver,
            ROOM.replace("participantLabel", "waitUrl='/wait' waitMethod='GET' participantLabel"),
        )
        await sandbox.until(lambda: len(receiver.on("/loop")) > 1, caller)
        agent = await join(sandbox, conference)
        heard = len(receiver.on("/loop"))
        for sid in (agent, caller):
            await sandbox.client.post(f"/_sandbox/calls/{sid}/hang-up")
            await sandbox.ended(sid)
    assert [request.method for request in receiver.on("/wait")] == ["GET"]
    assert len(receiver.on("/loop")) - heard <= 1  # one may have been under way


async def test_without_its_wait_url_a_call_does_not_enter(sandbox: Sandbox, receiver: Receiver) -> None:
    """The conference "will not be fully established", and the action follows."""
    receiver.twiml("/done", "<Response><Hangup/></Response>")
    room = "<Response><Dial action='/done'><Conference waitUrl='/missing'>Room 1</Conference></Dial></Response>"
    receiver.answer("/missing", Response("no", 404))
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", room))
    call = await sandbox.call_in()
    assert [request.params["DialCallStatus"] for request in receiver.on("/done")] == ["failed"]
    assert call["status"] == "completed"
    assert "11200" in {alert["error_code"] for alert in await sandbox.alerts()}


async def test_hold_music_and_announcements_are_fetched(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """With the methods that the API documents; the end of an announcement is an event."""
    for path in ("/hold", "/participant", "/everybody"):
        receiver.twiml(path, "<Response><Say>Hello</Say></Response>")
    async with make_sandbox(factor=20) as sandbox:
        caller, conference = await waiting(sandbox, receiver)
        agent = await join(sandbox, conference)
        path = f"{API}/Conferences/{conference}"
        customer = f"{path}/Participants/customer.json"
        await sandbox.post(customer, Hold="true", HoldUrl=f"{HOOK}/hold")
        await sandbox.until(lambda: receiver.on("/hold"), caller)
        await sandbox.post(customer, AnnounceUrl=f"{HOOK}/participant", AnnounceMethod="GET")
        await sandbox.until(lambda: "announcement-end" in events(receiver), caller)
        await sandbox.post(f"{path}.json", AnnounceUrl=f"{HOOK}/everybody")
        await sandbox.until(lambda: events(receiver).count("announcement-end") == 2, caller)
        refused = await sandbox.post(customer, AnnounceUrl="not a url")
        for sid in (agent, caller):
            await sandbox.client.post(f"/_sandbox/calls/{sid}/hang-up")
            await sandbox.ended(sid)
    assert refused.status_code == 400
    assert receiver.on("/hold")[0].method == "GET"
    assert [request.method for request in receiver.on("/participant")] == ["GET"]
    assert [request.method for request in receiver.on("/everybody")] == ["POST"]
    one, everybody = (
        received.params
        for received in receiver.on("/events")
        if received.params["StatusCallbackEvent"] == "announcement-end"
    )
    assert (one["CallSid"], one["AnnounceUrl"]) == (caller, f"{HOOK}/participant")
    assert ("CallSid" in everybody, everybody["AnnounceUrl"]) == (False, f"{HOOK}/everybody")


@pytest.mark.parametrize(
    ("attribute", "code"), [("participantLabel='customer'", "16025"), (f"coach='CA{'0' * 32}'", "13240")]
)
async def test_a_label_twice_or_nobody_to_coach_is_refused(
    make_sandbox: MakeSandbox, receiver: Receiver, attribute: str, code: str
) -> None:
    """The call does not enter, and the error is an alert."""
    second = f"<Response><Dial action='/done'><Conference {attribute}>Room 1</Conference></Dial></Response>"
    async with make_sandbox(factor=20) as sandbox:
        caller, _ = await waiting(sandbox, receiver)
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", second))
        await sandbox.call_in()
        await sandbox.client.post(f"/_sandbox/calls/{caller}/hang-up")
        await sandbox.ended(caller)
        alerts = {alert["error_code"] for alert in await sandbox.alerts()}
    assert receiver.on("/done")[0].params["DialCallStatus"] == "failed"
    assert code in alerts


async def test_a_star_leaves_the_conference(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """With ``hangupOnStar``; the call goes on with the action."""
    async with make_sandbox(factor=20) as sandbox:
        caller, _ = await waiting(sandbox, receiver, ROOM.replace("<Dial ", "<Dial hangupOnStar='true' "))
        for digits in ("1", "*"):
            pressed = await sandbox.client.post(f"/_sandbox/calls/{caller}/digits", json={"digits": digits})
            assert pressed.status_code == 200
        await sandbox.ended(caller)
    assert [request.params["DialCallStatus"] for request in receiver.on("/done")] == ["answered"]


async def test_why_participants_leave(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """The reasons of the documentation: by the API, by the moderator's leaving, by hanging up."""
    async with make_sandbox(factor=20) as sandbox:
        caller, conference = await waiting(sandbox, receiver)
        removed = await join(sandbox, conference, Label="removed")
        await sandbox.delete(f"{API}/Conferences/{conference}/Participants/removed.json")
        await sandbox.ended(removed)
        moderator = await join(sandbox, conference, EndConferenceOnExit="true", Label="moderator")
        await sandbox.client.post(f"/_sandbox/calls/{moderator}/hang-up")
        await sandbox.ended(moderator)
        await sandbox.ended(caller)
    reasons = {
        request.params["CallSid"]: request.params["ReasonParticipantLeft"]
        for request in receiver.on("/events")
        if request.params["StatusCallbackEvent"] == "participant-leave"
    }
    assert reasons == {
        removed: "participant_updated_via_api",
        moderator: "participant_hung_up",
        caller: "moderator_ended_conference",
    }
    end = next(
        request.params for request in receiver.on("/events") if "ReasonConferenceEnded" in request.params
    )
    assert (end["CallSidEndingConference"], end["ParticipantLabelEndingConference"]) == (moderator, "moderator")
