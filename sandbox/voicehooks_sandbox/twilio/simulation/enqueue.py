"""``<Enqueue>`` and ``<Dial><Queue>``: a call waits, hears ``waitUrl``, and is connected to a dialer.

Source: Twilio docs, "TwiML <Enqueue>", "<Queue>", "<Leave>": the parameters of ``waitUrl`` and ``action``; the
action is requested when the call leaves the queue, and of a bridged call when the parties have parted.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from .instructions import Instructions, http_method, resolve
from .interruptions import CallOver, QueueChanged, Redirected
from .scenario import FOREVER
from .side_documents import gather_handler, play_page, play_pages
from .waiting_line import Seat

if TYPE_CHECKING:
    from ..store import Document
    from ..twiml.document import Verb
    from .instructions import Page
    from .live_call import LiveCall
    from .side_documents import Handler
    from .waiting_line import Line

# A document that cannot be fetched would be requested without end.
_PAUSE = 1.0


class _Left(Exception):
    """``<Leave>``: the call leaves the queue."""


async def enqueue(call: LiveCall, page: Page, verb: Verb) -> dict[str, str]:
    """Execute ``<Enqueue>``: the parameters for its ``action``.

    Raises:
        CallOver: the call ended; the action has been requested if its party hung up.
        Redirected: the API took the call out of the queue; the action has been requested.
    """
    call.note_ignored(call.root.sid, verb)
    queue = call.state.queues.on_demand(call.root.document["account_sid"], verb.text)
    line = call.lines.of(queue)
    if len(line.waiting) >= queue["max_size"]:
        call.note(call.root.sid, "note", f"the queue {verb.text} is full")
        return {"QueueResult": "queue-full"}
    seat = call.seat = Seat(call, call.now)
    line.waiting.append(seat)
    call.note(call.root.sid, "note", f"waits in the queue {verb.text}")
    line.connect(seat)
    outcome = {"QueueSid": queue["sid"]}
    try:
        await _hold(call, page, verb, queue, seat)
        outcome |= {"QueueTime": str(round(call.now - seat.since))}
        await _talk(call, seat)
    except _Left:
        return {"QueueResult": "leave", "QueueTime": str(round(call.now - seat.since)), **outcome}
    except CallOver as over:
        if over.caller:
            result = "hangup" if seat.other is None else "bridged"
            outcome = {"QueueResult": result, "QueueTime": str(round(call.now - seat.since)), **outcome}
            await call.tell_after_hang_up(_action(page, verb), verb.get("method", "POST"), outcome)
        raise
    except Redirected:
        result = "redirected" if seat.other is None else "redirected-from-bridged"
        outcome = {"QueueResult": result, "QueueTime": str(round(call.now - seat.since)), **outcome}
        if url := _action(page, verb):
            await call.fetch(Instructions(url, http_method(verb.get("method"))), kind="action", extra=outcome)
        raise
    except asyncio.CancelledError:
        seat.over = True
        raise
    finally:
        _leave(call, line, seat)
    return {"QueueResult": "bridged", **outcome}


async def dial_queue(call: LiveCall, page: Page, verb: Verb, noun: Verb) -> tuple[dict[str, str], bool]:
    """Execute ``<Dial><Queue>``: connect with the first call that waits.

    Returns:
        The parameters for ``action``, and whether the call is over because its party hung up.
    """
    call.note_ignored(call.root.sid, noun)
    call.answer_root()
    queue = call.state.queues.find(call.root.document["account_sid"], noun.text)
    if queue is None:
        call.note(call.root.sid, "note", f"there is no queue {noun.text}")
        return {"DialCallStatus": "failed"}, False
    line = call.lines.of(queue)
    seat = call.seat = Seat(call, call.now)
    if noun.get("url"):
        seat.greeting = Instructions(resolve(page, noun.get("url")), http_method(noun.get("method")))
    line.dialing.append(seat)
    line.connect(seat)
    over = None
    try:
        found = await seat.until(lambda: seat.other is not None, call.now + verb.number("timeout", 30, low=5))
        if not found:
            return {"DialCallStatus": "no-answer"}, False
        connected = call.now
        await seat.until(lambda: seat.over, connected + verb.number("timeLimit", 14_400, low=1))
    except CallOver as ended:
        if not ended.caller:
            raise
        over = ended
    except asyncio.CancelledError:
        seat.over = True
        raise
    finally:
        _leave(call, line, seat)
    if seat.other is None:
        return {"DialCallStatus": "canceled"}, True
    seconds = str(round(call.now - connected))
    return {"DialCallStatus": "completed", "DialCallDuration": seconds, "DialBridged": "true"}, over is not None


def _leave(call: LiveCall, line: Line, seat: Seat) -> None:
    call.seat = None
    for seats in (line.waiting, line.dialing):
        if seat in seats:
            seats.remove(seat)
    if not seat.over:
        seat.part()


async def _hold(call: LiveCall, page: Page, verb: Verb, queue: Document, seat: Seat) -> None:
    """Wait for who dials the queue; ``waitUrl`` is requested again whenever its document ends."""
    if not verb.get("waitUrl"):
        await seat.until(lambda: seat.other is not None, FOREVER)
        return
    line = call.lines.of(queue)
    source = Instructions(resolve(page, verb.get("waitUrl")), http_method(verb.get("waitUrlMethod")))
    handlers = _handlers(call)
    while seat.other is None:
        params = {
            "QueueSid": queue["sid"],
            "QueuePosition": str(line.waiting.index(seat) + 1),
            "QueueTime": str(round(call.now - seat.since)),
            "AvgQueueTime": str(line.average()),
            "CurrentQueueSize": str(len(line.waiting)),
        }
        try:
            first = await call.fetch(source, extra=params)
            await play_pages(call, call.root, first, "a waitUrl", handlers)
            if first is None:
                await call.wait(_PAUSE)
        except QueueChanged:
            continue


def _handlers(call: LiveCall) -> dict[str, Handler]:
    """The verbs of a document at ``waitUrl`` besides the prompts."""

    async def leave(_: Page, __: Verb) -> Page | None:
        raise _Left

    async def hang_up(_: Page, __: Verb) -> Page | None:
        raise CallOver("completed")

    return {"Gather": gather_handler(call, call.root, call.root_script), "Leave": leave, "Hangup": hang_up}


async def _talk(call: LiveCall, seat: Seat) -> None:
    """From the connection to the end: after `talkSeconds` one of the two hangs up, as the scenario says."""
    if seat.greeting is not None:
        page = await call.fetch(seat.greeting)
        with contextlib.suppress(QueueChanged):  # the other party has hung up in the meantime
            while page is not None and not seat.over:
                page = await play_page(call, call.root, page, "a greeting", _handlers(call))
    call.note(call.root.sid, "note", "the parties are connected")
    script = call.root_script
    if await seat.until(lambda: seat.over, call.now + script.talk_seconds):
        return
    if script.hang_up_by == "caller" or seat.other is None:
        call.note(call.root.sid, "note", "the caller hangs up")
        raise CallOver("completed", caller=True)
    seat.other.call.timeline.post(CallOver("completed", caller=True), call.now)
    await seat.until(lambda: seat.over, FOREVER)


def _action(page: Page, verb: Verb) -> str:
    return resolve(page, verb.get("action")) if verb.get("action") else ""
