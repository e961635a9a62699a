"""``<Record>``: the caller speaks, and ``action`` is asked how to go on.

Source: Twilio docs, "TwiML <Record>".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .instructions import resolve
from .interruptions import CallOver, Pressed
from .keys import listening_for
from .recorder import RecordingInProgress, recording_plan
from .transcribing import LONGEST, is_transcribed, transcribe

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from ..twiml.document import Verb
    from .instructions import Page
    from .live_call import LiveCall

    NextPage = Callable[[LiveCall, str, str, Mapping[str, str]], Awaitable[Page | None]]

_ANY_KEY = "1234567890*#"


async def record(call: LiveCall, page: Page, verb: Verb, next_page: NextPage) -> Page | None:
    """Execute a ``<Record>``; without ``action`` the same document is asked for again, as on Twilio."""
    call.note_ignored(call.root.sid, verb)
    recording = RecordingInProgress(call, call.root, recording_plan(page, verb, "RecordVerb"))
    transcribe(call, page, verb, recording)
    begun = call.now
    ended_by = await _speak(call, verb)
    recording.stop()
    extra = recording.parameters() | {"Digits": ended_by}
    url = resolve(page, verb.get("action")) if verb.get("action") else page.url
    if ended_by == "hangup":
        await call.tell_after_hang_up(url, verb.get("method", "POST"), extra)
        raise CallOver("completed", caller=True)
    if call.now == begun:
        return None
    return await next_page(call, url, verb.get("method", "POST"), extra)


async def _speak(call: LiveCall, verb: Verb) -> str:
    """Let the caller speak; what ends that: a key, ``hangup``, or empty for silence and ``maxLength``."""
    scenario = call.root_script
    # Unlike elsewhere, an empty value is a value: no key ends the recording.
    finish_keys = verb.attributes.get("finishOnKey", _ANY_KEY)
    longest = verb.number("maxLength", LONGEST if is_transcribed(verb) else 3600, low=1, high=14_400)
    try:
        with listening_for(call, call.root.sid, finish_keys) as keys:
            await call.wait(min(scenario.record_seconds, longest))
    except Pressed as pressed:
        return keys.first(pressed)
    except CallOver as over:
        if not over.caller:
            raise
        return "hangup"
    if scenario.record_seconds > longest or scenario.record_ends_by == "silence":
        return ""
    if scenario.record_ends_by == "hangup" or scenario.record_ends_by in finish_keys:
        return scenario.record_ends_by
    call.note(
        call.root.sid, "note", f"the key {scenario.record_ends_by} is not among finishOnKey: silence follows"
    )
    return ""
