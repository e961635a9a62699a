"""Executes TwiML: one verb after the other, each taking the time it takes.

Source: Twilio docs, "TwiML for Programmable Voice", the page of each verb.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .connecting import STREAM_VERBS
from .dial import dial
from .enqueue import enqueue
from .gather import gather
from .instructions import Instructions, Page, http_method, resolve
from .interruptions import CallOver, Redirected
from .prompts import play_prompt
from .record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..twiml.document import Verb
    from .live_call import LiveCall

# A document that redirects to itself would go on for ever, as no time passes in it.
_MOST_DOCUMENTS_AT_ONCE = 100
_MOST_DOCUMENTS = 1000
# What a caller hears when there is no TwiML to go on with: "An application error has occurred. Goodbye."
_APPLICATION_ERROR_SECONDS = 4.0
# Verbs after which an incoming call may still be unanswered.
_SILENT = frozenset({"Reject", "Redirect", "Pause", "Dial"})


async def perform(call: LiveCall, first: Page | None) -> None:
    """Execute documents until the last one ends or somebody hangs up.

    Args:
        call: the call.
        first: the document to begin with; None means that it could not be had.

    Raises:
        CallOver: the call ended in the middle.
    """
    page = first
    since, at_once = call.now, 0
    for _ in range(_MOST_DOCUMENTS):
        since, at_once = (since, at_once + 1) if call.now == since else (call.now, 1)
        if at_once > _MOST_DOCUMENTS_AT_ONCE:
            break
        try:
            page = await _perform_page(call, page)
            if page is None:
                return
        except Redirected as redirected:
            page = await _follow(call, redirected.instructions)
    call.note(
        call.root.sid,
        "not-emulated",
        f"more than {_MOST_DOCUMENTS_AT_ONCE} documents followed each other in no time, or {_MOST_DOCUMENTS} in"
        " all: the sandbox ends the call, Twilio would go on until its time limit",
    )
    raise CallOver("failed")


async def run_instructions(call: LiveCall, instructions: Instructions) -> None:
    """Execute the document that instructions lead to, and those after it.

    Raises:
        CallOver: the call ended in the middle.
    """
    await perform(call, await _follow(call, instructions))


async def _follow(call: LiveCall, instructions: Instructions) -> Page | None:
    """Get the next document; like everything that takes time, this may be redirected in turn."""
    call.instructions = instructions
    return await call.fetch(instructions)


async def _perform_page(call: LiveCall, page: Page | None) -> Page | None:
    if page is None:
        await _say_application_error(call)
        return None
    verbs = page.document.verbs
    if not verbs:
        call.answer_root()
    for index, verb in enumerate(verbs):
        if not verb.emulated:
            call.answer_root()
            call.note_skipped(verb, verb.skipped)
            continue
        if verb.name not in _SILENT:
            call.answer_root()
        for text in verb.skipped_others:
            call.note(call.root.sid, "not-emulated", text)
        following = await _perform_verb(call, page, verb, first=index == 0)
        if following is not None:
            return following
    return None


async def _perform_verb(call: LiveCall, page: Page, verb: Verb, *, first: bool) -> Page | None:
    """Execute one verb; a page that comes back is what the call goes on with."""
    if verb.name != "Dial":
        call.note(call.root.sid, "twiml", f"<{verb.name}> {verb.text[:60]}".rstrip())
    match verb.name:
        case "Say" | "Play" | "Pause":
            await play_prompt(call, page, verb, call.root)
            # "<Pause> as the first verb waits before picking up the call": picked up afterwards.
            call.answer_root()
        case "Gather":
            return await _gather(call, page, verb)
        case "Hangup":
            raise CallOver("completed")
        case "Enqueue":
            return await _enqueue(call, page, verb)
        case "Leave":
            call.note(call.root.sid, "note", "<Leave> acts only in the document at a waitUrl")
        case "Reject":
            _reject(call, page, verb, first=first)
        case "Redirect":
            return await _redirect(call, page, verb)
        case "Connect" | "Start" | "Stop":
            return await STREAM_VERBS[verb.name](call, page, verb, _next_page)
        case "Record":
            return await record(call, page, verb, _next_page)
        case "Dial":
            return await dial(call, page, verb, _next_page, run_instructions)
        case _:
            call.note(call.root.sid, "not-emulated", f"<{verb.name}> is executed only inside another verb")
    return None


async def _gather(call: LiveCall, page: Page, verb: Verb) -> Page | None:
    """Ask for input; without ``action`` the same document is asked for again, as on Twilio."""
    heard = await gather(call, page, verb, call.root, call.next_turn(call.root_script))
    if heard is None:
        return None
    url = resolve(page, verb.get("action")) if verb.get("action") else page.url
    return await _next_page(call, url, verb.get("method", "POST"), heard)


async def _enqueue(call: LiveCall, page: Page, verb: Verb) -> Page | None:
    """Wait in a queue; without ``action`` the next verb follows."""
    if verb.get("workflowSid"):
        call.note_skipped(verb, "<Enqueue workflowSid> is skipped: TaskRouter is not emulated")
        return None
    outcome = await enqueue(call, page, verb)
    if not verb.get("action"):
        return None
    return await _next_page(call, resolve(page, verb.get("action")), verb.get("method", "POST"), outcome)


def _reject(call: LiveCall, page: Page, verb: Verb, *, first: bool) -> None:
    """Refuse the call; only an incoming one that nobody has answered can be."""
    reason = verb.get("reason", "rejected")
    if reason not in {"rejected", "busy"}:
        call.complain(13810, f"Reject: Invalid reason value: {reason}", level="warning", url=page.url)
        reason = "rejected"
    if not first or call.root.answered:
        call.note(call.root.sid, "note", "<Reject> is not the first verb: it can only hang up")
        call.answer_root()
        raise CallOver("completed")
    raise CallOver("busy" if reason == "busy" else "no-answer")


async def _redirect(call: LiveCall, page: Page, verb: Verb) -> Page | None:
    url = resolve(page, verb.text) if verb.text else page.url
    return await _next_page(call, url, verb.get("method", "POST"), {})


async def _next_page(call: LiveCall, url: str, method: str, extra: Mapping[str, str]) -> Page | None:
    """Fetch the document that an ``action`` or a ``<Redirect>`` leads to.

    Raises:
        CallOver: it is not available; the caller has heard so.
    """
    previous = call.instructions
    call.instructions = Instructions(url, http_method(method), previous.fallback_url, previous.fallback_method)
    page = await call.fetch(call.instructions, kind="action" if extra else "voice", extra=extra)
    if page is None:
        await _say_application_error(call)
    return page


async def _say_application_error(call: LiveCall) -> None:
    """Answer, play Twilio's message and end the call.

    Source: Twilio docs, "Availability and Reliability"; Twilio's blog, "A Hidden Gem: Fallback URLs": "a
    pre-recorded message is played back to the caller".

    Raises:
        CallOver: always.
    """
    call.answer_root()
    call.note(
        call.root.sid, "note", "no TwiML to go on with: the caller hears that an application error occurred"
    )
    await call.wait(_APPLICATION_ERROR_SECONDS)
    raise CallOver("completed")
