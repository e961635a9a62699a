"""Codes and texts of IncomingPhoneNumbers (Twilio docs: error dictionary 21400-21499)."""

from __future__ import annotations

from ..errors import TwilioError


def number_missing() -> TwilioError:
    """Buying needs a number or an area code."""
    return TwilioError(400, 21421, "PhoneNumber or AreaCode is required")


def number_invalid(number: str) -> TwilioError:
    """That is no phone number."""
    return TwilioError(400, 21421, f"{number} is not a valid phone number")


def number_unavailable(number: str) -> TwilioError:
    """Somebody has that number already."""
    return TwilioError(400, 21422, f"{number} is not available")


def application_missing(sid: str) -> TwilioError:
    """The TwiML App does not exist in this account."""
    return TwilioError(400, 21401, f"The requested application {sid} was not found")


def account_missing(sid: str) -> TwilioError:
    """A number cannot be moved to an account that is not ours."""
    return TwilioError(400, 20001, f"The account {sid} was not found or is not one of yours")
