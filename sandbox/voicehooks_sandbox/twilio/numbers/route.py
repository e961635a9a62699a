"""What Twilio does with a call to a number, in one line.

Source: Twilio docs, "IncomingPhoneNumber resource": a trunk takes precedence over a TwiML App, which takes
precedence over the number's own URLs; the fallback is requested when the voice URL fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..store import Document


def route(number: Document, application: Document | None, trunk: Document | None = None) -> str:
    """Say where a number's calls go, with what is requested when that fails and when the call is over.

    Args:
        number: the number.
        application: the TwiML App that it names; None if it names none, or one that does not exist.
        trunk: the SIP trunk that it belongs to, in the same way.
    """
    if number["trunk_sid"]:
        name = (trunk["friendly_name"] if trunk else "") or number["trunk_sid"]
        if trunk is None or not trunk["disaster_recovery_url"]:
            return f"SIP trunk {name}; no webhook is requested"
        recovery = f"{trunk['disaster_recovery_method']} {trunk['disaster_recovery_url']}"
        return f"SIP trunk {name}; if no origination URL can be reached {recovery}"
    source, name = number, ""
    if application is not None:
        source, name = application, f"TwiML App {application['friendly_name'] or application['sid']}: "
    if not source["voice_url"]:
        return f"{name}no voice URL: calls fail (error 11100)"
    parts = [f"{name}{source['voice_method']} {source['voice_url']}"]
    if source["voice_fallback_url"]:
        parts.append(f"if that fails {source['voice_fallback_method']} {source['voice_fallback_url']}")
    if source["status_callback"]:
        parts.append(f"at the end {source['status_callback_method']} {source['status_callback']}")
    return "; ".join(parts)
