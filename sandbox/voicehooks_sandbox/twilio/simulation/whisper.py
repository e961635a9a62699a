"""What a called party alone hears after it answers and before the parties are connected.

Source: Twilio docs, "TwiML <Number>": the ``url`` attribute, with which a party can be greeted, or asked by
``<Gather>`` whether it takes the call, which ``<Hangup>`` declines. The caller still hears it ring.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .gather import gather
from .instructions import Instructions, http_method, resolve
from .interruptions import LegOver
from .prompts import PROMPTS, play_prompt

if TYPE_CHECKING:
    from ..twiml.document import Verb
    from .destination import Destination
    from .instructions import Page
    from .leg import Leg
    from .live_call import LiveCall

_MOST_DOCUMENTS = 100


async def whisper(call: LiveCall, party: Destination, leg: Leg) -> None:
    """Execute the document at a party's ``url``, and those that it leads to.

    Raises:
        LegOver: the party declines.
        CallOver: the caller hangs up in the meantime.
    """
    page = await call.fetch(Instructions(party.whisper, party.whisper_method), leg=leg)
    for _ in range(_MOST_DOCUMENTS):
        if page is None:
            return
        page = await _perform(call, page, party, leg)
    call.note(leg.sid, "note", f"the whisper went through {_MOST_DOCUMENTS} documents: the sandbox ends it")
    raise LegOver(leg.sid)


async def _perform(call: LiveCall, page: Page, party: Destination, leg: Leg) -> Page | None:
    for verb in page.document.verbs:
        call.note(leg.sid, "twiml", f"<{verb.name}> {verb.text[:60]}".rstrip())
        if verb.name in PROMPTS:
            await play_prompt(call, page, verb, leg)
        elif verb.name == "Gather":
            heard = await gather(call, page, verb, leg, call.next_turn(party.script))
            if heard is not None:
                source = _source(page, verb, verb.get("action"))
                return await call.fetch(source, kind="action", extra=heard, leg=leg)
        elif verb.name == "Redirect":
            return await call.fetch(_source(page, verb, verb.text), leg=leg)
        elif verb.name in {"Hangup", "Reject"}:
            raise LegOver(leg.sid)
        else:
            call.note(leg.sid, "not-emulated", f"<{verb.name}> in a whisper is skipped")
    return None


def _source(page: Page, verb: Verb, target: str) -> Instructions:
    """Where a verb leads; without a target to the document that it is in."""
    return Instructions(resolve(page, target) if target else page.url, http_method(verb.get("method")))
