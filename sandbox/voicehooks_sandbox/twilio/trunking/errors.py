"""Codes and texts of trunks (Twilio docs: error dictionary 21245-21249)."""

from __future__ import annotations

from ..errors import TwilioError, not_found


def domain_name_invalid(name: str) -> TwilioError:
    """Letters, digits and hyphens, and Twilio's ending."""
    return TwilioError(400, 21245, f"{name} is not a valid trunk domain; it must end with pstn.twilio.com")


def domain_name_taken(name: str) -> TwilioError:
    """Names are unique across all accounts, and stay reserved for a while after a deletion."""
    return TwilioError(400, 21248, f"Trunk Domain already taken: {name}")


def already_associated(sid: str) -> TwilioError:
    """The trunk has that number or list already."""
    return TwilioError(400, 21247, f"{sid} is already associated with this trunk")


def not_associated(path: str) -> TwilioError:
    """The trunk does not have that number."""
    return not_found(path)
