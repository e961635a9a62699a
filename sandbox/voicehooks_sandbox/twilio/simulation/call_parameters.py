"""The parameters that Twilio sends about a leg.

Sources: Twilio docs, "TwiML for Programmable Voice: request parameters", "Call resource: status callback".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dates import rfc2822
from ..voice.models import countries_of

if TYPE_CHECKING:
    from ..store import Document

_GEOGRAPHY = ("City", "State", "Zip", "Country")


def call_parameters(call: Document) -> dict[str, str]:
    """The parameters of every request about a leg, its current status included.

    City, state, zip and country are sent empty where they are unknown, as Twilio does.
    """
    params = {
        "CallSid": call["sid"],
        "AccountSid": call["account_sid"],
        "From": call["from"],
        "To": call["to"],
        "Caller": call["from"],
        "Called": call["to"],
        "CallStatus": call["status"],
        "ApiVersion": "2010-04-01",
        "Direction": call["direction"],
    }
    for names, number in ((("From", "Caller"), call["from"]), (("To", "Called"), call["to"])):
        if number.startswith("+"):
            country = _country(number)
            params |= {
                name + part: country if part == "Country" else "" for name in names for part in _GEOGRAPHY
            }
    optional = {
        "ParentCallSid": call["parent_call_sid"],
        "ForwardedFrom": call["forwarded_from"],
        "CallerName": call["caller_name"],
        "ApplicationSid": call["application_sid"],
    }
    return {**params, **{name: value for name, value in optional.items() if value}, **call["parameters"]}


def _country(number: str) -> str:
    """The country of a number; of the many that share +1 the United States, as most numbers are there."""
    found = countries_of(number)
    return "US" if "US" in found else (found[0] if found else "")


def event_parameters(call: Document, *, status: str, sequence: int, moment: float) -> dict[str, str]:
    """The additional parameters of a status callback.

    Args:
        call: the leg.
        status: as callbacks name it; a leg that is being dialed is ``initiated`` here.
        sequence: number of this event among those sent for the leg, from 0.
        moment: of the event, seconds since 1970.
    """
    return call_parameters(call) | {
        "CallStatus": status,
        "Timestamp": rfc2822(moment) or "",
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(sequence),
    }


def ending_parameters(call: Document, sip_code: int) -> dict[str, str]:
    """The additional parameters of the callback for a leg's end: seconds, started minutes, the SIP answer."""
    seconds = call["duration"] or 0
    return {
        "CallDuration": str(seconds),
        "Duration": str(-(-seconds // 60)),
        "SipResponseCode": str(sip_code),
    }
