"""Codes and texts of SIP domains and their lists (Twilio docs: error dictionary 21231-21248)."""

from __future__ import annotations

from ..errors import TwilioError


def domain_name_missing() -> TwilioError:
    """A domain has a name."""
    return TwilioError(400, 21231, "DomainName is required")


def domain_name_invalid(name: str) -> TwilioError:
    """Letters, digits and hyphens, and Twilio's ending."""
    return TwilioError(400, 21231, f"{name} is not a valid domain name; it must end with sip.twilio.com")


def domain_name_taken(name: str) -> TwilioError:
    """Names are unique across all accounts, and stay reserved for a while after a deletion."""
    return TwilioError(400, 21232, f"The domain name {name} is already taken")


def password_weak() -> TwilioError:
    """A password has at least 12 characters, a digit, and letters in both cases."""
    return TwilioError(
        400, 21242, "Password must have at least 12 characters, 1 digit, and upper and lower case letters"
    )


def user_name_invalid() -> TwilioError:
    """A user name has 1 to 32 characters."""
    return TwilioError(400, 21240, "Username must have 1 to 32 characters")


def user_name_taken(name: str) -> TwilioError:
    """A list has each user once."""
    return TwilioError(400, 21241, f"The list already has the user {name}")


def list_in_use(sid: str) -> TwilioError:
    """A list that a domain uses cannot be deleted."""
    return TwilioError(400, 21244, f"{sid} is mapped to a SIP domain and cannot be deleted")


def already_mapped(sid: str) -> TwilioError:
    """A list is mapped to a domain once."""
    return TwilioError(400, 21245, f"{sid} is already mapped to this domain")
