"""The parties that a ``<Dial>`` names, and whether they may be called.

Source: Twilio docs, "TwiML <Dial>"; error dictionary 13214, 13224, 13227.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..numbers.models import as_dialed, is_e164
from ..twiml.document import Verb
from .instructions import http_method, resolve, subscriptions
from .machine_detection import dialed_detection

if TYPE_CHECKING:
    from ..store import Document
    from .instructions import Page
    from .live_call import LiveCall
    from .machine_detection import MachineDetection
    from .scenario import Scenario
    from .subscription import Subscription

_MOST_AT_ONCE = 10


@dataclass(frozen=True)
class Destination:
    """A party to be dialed.

    Attributes:
        to: E.164 number, ``client:name`` or ``sip:...``.
        script: what it does.
        subscriptions: where its leg's events are reported.
        whisper: URL of TwiML for it alone before the parties are connected; empty for none.
        whisper_method: GET or POST.
        detection: how it is detected whether a machine answered; None if it is not.
        number: a number or a TwiML App of this sandbox, which rings; None for others.
    """

    to: str
    script: Scenario
    subscriptions: tuple[Subscription, ...] = ()
    whisper: str = ""
    whisper_method: str = "POST"
    detection: MachineDetection | None = None
    number: Document | None = None


def destinations(call: LiveCall, page: Page, verb: Verb) -> list[Destination]:
    """The parties of a ``<Dial>``; those that cannot be called are complained of and left out."""
    nouns = list(verb.nouns)
    if not nouns and verb.text:
        nouns = [Verb("Number", verb.text)]
    found = []
    for noun in nouns:
        if not noun.emulated:
            call.note(call.root.sid, "not-emulated", f"in <Dial>, {noun.skipped}")
            continue
        call.note_ignored(call.root.sid, noun)
        to = _address(noun)
        if noun.name == "Number" and not _allowed(call, page, to):
            continue
        rings = call.state.numbers.by_number(to) if noun.name == "Number" else None
        if noun.name == "Application":
            rings = _application(call, noun, to)
            if rings is None:
                call.complain(13224, f"Dial: Invalid ApplicationSid: {to}", url=page.url)
                continue
        found.append(
            Destination(
                to=to,
                script=call.scenario.for_destination(to),
                subscriptions=tuple(
                    subscriptions(
                        page,
                        noun.get("statusCallback"),
                        noun.get("statusCallbackMethod", "POST"),
                        noun.get("statusCallbackEvent"),
                    )
                ),
                whisper=resolve(page, noun.get("url")) if noun.get("url") else "",
                whisper_method=http_method(noun.get("method")),
                detection=dialed_detection(page, noun),
                number=rings,
            )
        )
    if len(found) > _MOST_AT_ONCE and verb.get("sequential") != "true":
        call.complain(
            13224, f"Dial: at most {_MOST_AT_ONCE} parties can be called at the same time", url=page.url
        )
        found = found[:_MOST_AT_ONCE]
    return found


def _address(noun: Verb) -> str:
    if noun.name == "Number":
        return as_dialed(noun.text)
    if noun.name == "Application":
        return next((child.text for child in noun.nouns if child.name == "ApplicationSid"), noun.text)
    if noun.name == "Sip":
        return noun.text.partition("?")[0]
    # A <Parameter> reaches the client's SDK, and is in no request and no resource.
    identity = next((child.text for child in noun.nouns if child.name == "Identity"), noun.text)
    return f"client:{identity}"


def _application(call: LiveCall, noun: Verb, sid: str) -> Document | None:
    """A TwiML App that may be dialed, with what its call is like; None for others.

    Source: Twilio docs, "TwiML <Application>": ``To`` is the app's SID, or with ``copyParentTo`` that of the
    parent call; ``customerId`` is the account by default; an app of another account must be public.
    """
    root = call.root.document
    application = call.state.applications.find(sid)
    if application is None:
        return None
    if (
        application["account_sid"] != root["account_sid"]
        and not application["public_application_connect_enabled"]
    ):
        return None
    custom = {child.get("name"): child.get("value") for child in noun.nouns if child.name == "Parameter"}
    return {
        **application,
        "to": root["to"] if noun.get("copyParentTo") == "true" else sid,
        "parameters": {"customerId": noun.get("customerId") or root["account_sid"], **custom},
    }


def _allowed(call: LiveCall, page: Page, to: str) -> bool:
    if not is_e164(to):
        text = f"Dial: Twilio does not support calling this number or the number is invalid: {to}"
        call.complain(13224, text, url=page.url)
        return False
    if not call.state.permissions.allows(to):
        call.complain(13227, f"Dial: No International Authorization: {to}", url=page.url)
        return False
    return True
