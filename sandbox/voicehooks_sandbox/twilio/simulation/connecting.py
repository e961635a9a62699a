"""``<Connect>``, ``<Start>`` and ``<Stop>``: what runs while a call goes on, or instead of its next verbs.

Source: Twilio docs, "TwiML <Connect>", "<Start>", "<Stop>", "<Stream>", "<Recording>": after
``<Connect><Stream>`` the next verb follows only if the server closes the connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .instructions import resolve
from .interruptions import CallOver, StreamClosed, TimeOver
from .media_stream import MediaStream
from .recorder import RecordingInProgress, recording_plan
from .scenario import FOREVER
from .stream_order import stream_order

if TYPE_CHECKING:
    from ..twiml.document import Verb
    from .instructions import Page
    from .live_call import LiveCall
    from .record import NextPage


async def _connect(call: LiveCall, page: Page, verb: Verb, next_page: NextPage) -> Page | None:
    """Execute ``<Connect>``; a page that comes back is its action's."""
    stream = next((noun for noun in verb.nouns if noun.name == "Stream"), None)
    if stream is None:
        call.note_skipped(verb, *(f"in <Connect>, {noun.skipped}" for noun in verb.nouns))
        return None
    await _converse(call, page, stream)
    if not verb.get("action"):
        return None
    return await next_page(call, resolve(page, verb.get("action")), verb.get("method", "POST"), {})


async def _converse(call: LiveCall, page: Page, noun: Verb) -> None:
    """Let the caller and the server talk until one of them ends that.

    Raises:
        CallOver: the caller hangs up, as the scenario says.
    """
    stream = await _start_stream(call, page, noun, bidirectional=True)
    if stream is None:
        return
    before, call.listening = call.listening, stream
    call.connected = stream
    try:
        with call.until(call.now + call.root_script.talk_seconds):
            await call.wait(FOREVER)
    except StreamClosed:
        return
    except TimeOver:
        call.note(call.root.sid, "note", "the caller hangs up")
        raise CallOver("completed", caller=True) from None
    finally:
        call.connected = None
        call.listening = before
        stream.stop()


async def _start_stream(
    call: LiveCall, page: Page, noun: Verb, *, bidirectional: bool = False
) -> MediaStream | None:
    """Start a Media Stream of the call; None if its server does not take it."""
    call.note_ignored(call.root.sid, noun)
    stream = MediaStream(call, call.root, stream_order(page, noun, bidirectional=bidirectional))
    if not await stream.open():
        return None
    call.streams.append(stream)
    return stream


async def _start(call: LiveCall, page: Page, verb: Verb, _: NextPage) -> Page | None:
    """Execute ``<Start>``; the next verb follows at once."""
    for noun in verb.nouns:
        if noun.name == "Stream":
            await _start_stream(call, page, noun)
        elif noun.name == "Recording":
            call.note_ignored(call.root.sid, noun)
            plan = recording_plan(page, noun, "StartCallRecordingTwiML", channels=2)
            RecordingInProgress(call, call.root, plan)
        else:
            call.note(call.root.sid, "not-emulated", f"in <Start>, {noun.skipped}")
    return None


async def _stop(call: LiveCall, _: Page, verb: Verb, __: NextPage) -> Page | None:
    """Execute ``<Stop>``: end the streams that it names."""
    for noun in verb.nouns:
        if noun.name != "Stream":
            call.note(call.root.sid, "not-emulated", f"in <Stop>, {noun.skipped}")
            continue
        named = [stream for stream in call.streams if stream.order.name == noun.get("name")]
        if not named:
            call.note(call.root.sid, "note", f"no stream is named {noun.get('name')}")
        for stream in named:
            stream.stop()
    return None


STREAM_VERBS = {"Connect": _connect, "Start": _start, "Stop": _stop}
