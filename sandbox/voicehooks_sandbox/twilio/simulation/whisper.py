"""What a called party alone hears after it answers and before the parties are connected.

Source: Twilio docs, "TwiML <Number>": the ``url`` attribute, with which a party can be greeted, or asked by
``<Gather>`` whether it takes the call, which ``<Hangup>`` declines. The caller still hears it ring.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .instructions import Instructions
from .interruptions import LegOver
from .side_documents import gather_handler, play_page

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

    async def decline(_: Page, __: Verb) -> Page | None:
        raise LegOver(leg.sid)

    handlers = {"Gather": gather_handler(call, leg, party.script), "Hangup": decline, "Reject": decline}
    page = await call.fetch(Instructions(party.whisper, party.whisper_method), leg=leg)
    for _ in range(_MOST_DOCUMENTS):
        if page is None:
            return
        page = await play_page(call, leg, page, "a whisper", handlers)
    call.note(leg.sid, "note", f"the whisper went through {_MOST_DOCUMENTS} documents: the sandbox ends it")
    raise LegOver(leg.sid)
