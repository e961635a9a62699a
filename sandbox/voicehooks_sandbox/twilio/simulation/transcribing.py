"""The transcription of a ``<Record>``, and the callback that reports it.

Source: Twilio docs, "TwiML <Record>", ``transcribe`` and ``transcribeCallback``; of recordings longer than two
minutes Twilio writes a warning and no transcription. ``TranscriptionType`` and ``url`` are not on that page;
webhook requests that were recorded in public code have them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .call_parameters import call_parameters
from .instructions import resolve

if TYPE_CHECKING:
    from ..twiml.document import Verb
    from .instructions import Page
    from .live_call import LiveCall
    from .recorder import RecordingInProgress

# Seconds; also what ``maxLength`` is by default where it is transcribed.
LONGEST = 120


def is_transcribed(verb: Verb) -> bool:
    """Whether a ``<Record>`` asks for a transcription; a callback alone does."""
    return verb.get("transcribe") == "true" or bool(verb.get("transcribeCallback"))


def transcribe(call: LiveCall, page: Page, verb: Verb, recording: RecordingInProgress) -> None:
    """Have a recording transcribed once its file is ready, if ``<Record>`` asks for that.

    The text is the scenario's; without one the transcription fails, because nothing is said in the file.
    """
    if not is_transcribed(verb):
        return
    if verb.number("maxLength", LONGEST) > LONGEST:
        call.note(call.root.sid, "note", f"<Record maxLength> is above {LONGEST}: nothing is transcribed")
        return
    callback = resolve(page, verb.get("transcribeCallback")) if verb.get("transcribeCallback") else ""
    script = call.root_script

    def finish() -> None:
        transcription = call.state.transcriptions.create(recording.document, script.transcription, call.now)
        call.note(call.root.sid, "recording", f"transcription {transcription['sid']} {transcription['status']}")
        if not callback:
            return
        params = call_parameters(call.root.document) | {
            "RecordingSid": recording.sid,
            "RecordingUrl": recording.url,
            "TranscriptionSid": transcription["sid"],
            "TranscriptionStatus": transcription["status"],
            "TranscriptionText": transcription["text"],
            "TranscriptionType": "fast",
            "TranscriptionUrl": f"{recording.url}/Transcriptions/{transcription['sid']}",
            "url": callback,
        }
        call.tell("recording", callback, "POST", params, call.root.document)

    def wait() -> None:
        call.at(call.timeline.current() + script.recording_ready_seconds, finish)

    recording.completed = wait
