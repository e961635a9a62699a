"""Documents that a party hears in addition to the call's own TwiML: in a queue, a whisper, or a conference.

Source: Twilio docs, "TwiML <Enqueue>", "<Number>", "<Conference>", "Conference Participant resource": the verbs
that each of these documents may have. `<Play>`, `<Say>`, `<Pause>` and `<Redirect>` may be in all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .gather import gather
from .instructions import Instructions, http_method, resolve
from .prompts import PROMPTS, play_prompt

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from ..twiml.document import Verb
    from .instructions import Page
    from .leg import Leg
    from .live_call import LiveCall
    from .scenario import Scenario

    Handler = Callable[[Page, Verb], Awaitable[Page | None]]

# A document that takes no time and leads to itself would be requested without end.
_LEAST_SECONDS = 1.0


async def play_page(
    call: LiveCall, leg: Leg, page: Page, where: str, handlers: Mapping[str, Handler] | None = None
) -> Page | None:
    """Execute one document on a leg.

    Args:
        call: the call.
        leg: who hears it.
        page: the document.
        where: what the steps call it, such as ``a waitUrl``.
        handlers: the verbs that it may have in addition to those of every such document.

    Returns:
        The document that it leads to, or None.
    """
    for verb in page.document.verbs:
        call.note(leg.sid, "twiml", f"<{verb.name}> {verb.text[:60]}".rstrip())
        if verb.name in PROMPTS:
            await play_prompt(call, page, verb, leg)
        elif verb.name == "Redirect":
            return await call.fetch(_source(page, verb, verb.text), leg=leg)
        elif handlers and verb.name in handlers:
            following = await handlers[verb.name](page, verb)
            if following is not None:
                return following
        else:
            call.note(leg.sid, "not-emulated", f"<{verb.name}> in {where} is skipped")
    return None


async def play_pages(
    call: LiveCall,
    leg: Leg,
    page: Page | None,
    where: str,
    handlers: Mapping[str, Handler] | None = None,
) -> None:
    """Execute a document and those that it leads to, each of which takes at least a second."""
    while page is not None:
        begun = call.now
        page = await play_page(call, leg, page, where, handlers)
        await call.wait(max(0.0, begun + _LEAST_SECONDS - call.now))


def gather_handler(call: LiveCall, leg: Leg, script: Scenario) -> Handler:
    """Executes a ``<Gather>``; without input the next verb follows."""

    async def handle(page: Page, verb: Verb) -> Page | None:
        heard = await gather(call, page, verb, leg, call.next_turn(script))
        if heard is None:
            return None
        return await call.fetch(_source(page, verb, verb.get("action")), kind="action", extra=heard, leg=leg)

    return handle


def _source(page: Page, verb: Verb, target: str) -> Instructions:
    """Where a verb leads; without a target to the document that it is in."""
    return Instructions(resolve(page, target) if target else page.url, http_method(verb.get("method")))
