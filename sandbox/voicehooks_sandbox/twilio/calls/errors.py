"""Codes and texts of Calls (Twilio docs: error dictionary 21200-21299, 10004)."""

from __future__ import annotations

from ..errors import TwilioError


def to_missing() -> TwilioError:
    """The number to call is missing."""
    return TwilioError(400, 21201, "No 'To' number is specified")


def from_missing() -> TwilioError:
    """No caller."""
    return TwilioError(400, 21213, "No 'From' number is specified")


def instructions_missing() -> TwilioError:
    """Nothing to do once the call is answered."""
    return TwilioError(400, 21205, "Url parameter is required")


def invalid_url(value: str) -> TwilioError:
    """That is no URL Twilio would ask."""
    return TwilioError(400, 21205, f"Url is not a valid URL: {value}")


def invalid_method(name: str, value: str) -> TwilioError:
    """Only GET and POST."""
    return TwilioError(400, 21207, f"{name} is not valid: {value}")


def invalid_to(value: str) -> TwilioError:
    """That is no number, client or SIP address."""
    return TwilioError(400, 21211, f"The phone number you are attempting to call, {value}, is not valid.")


def invalid_from(value: str) -> TwilioError:
    """That is no caller ID."""
    return TwilioError(400, 21212, f"The source phone number provided, {value}, is not valid.")


def from_not_owned(value: str) -> TwilioError:
    """A caller ID must be the account's own."""
    return TwilioError(
        400,
        21210,
        f"The source phone number provided, {value}, is not yet verified for your account. "
        "You may only make calls from phone numbers that you've verified or purchased from Twilio.",
    )


def country_not_enabled(value: str) -> TwilioError:
    """The country's dialing permission is off."""
    return TwilioError(
        400,
        21215,
        f"Account not authorized to call {value}. Perhaps you need to enable some international permissions: "
        "https://www.twilio.com/console/voice/calls/geo-permissions/low-risk",
    )


def trial_to_not_verified(value: str) -> TwilioError:
    """A trial account calls verified numbers only."""
    return TwilioError(
        400,
        21219,
        f"The number {value} is unverified. Trial accounts may only make calls to verified numbers.",
    )


def application_missing(sid: str) -> TwilioError:
    """The TwiML App does not exist in this account."""
    return TwilioError(400, 21218, f"Invalid ApplicationSid: {sid}")


def twiml_too_long() -> TwilioError:
    """TwiML given with the call has at most 4,000 characters."""
    return TwilioError(400, 21200, "Twiml exceeds the maximum length of 4000 characters")


def invalid_value(name: str, value: str) -> TwilioError:
    """Another parameter of a call is out of its range."""
    return TwilioError(400, 21200, f"Invalid parameter {name}: {value}")


def not_in_progress() -> TwilioError:
    """The call is not in a state in which this can be done."""
    return TwilioError(400, 21220, "Call is not in-progress. Cannot redirect.")
