"""Errors of accounts (Twilio docs: the error dictionary)."""

from __future__ import annotations

from ..errors import TwilioError


def subaccount_of_subaccount() -> TwilioError:
    """A subaccount has no subaccounts."""
    return TwilioError(400, 21101, "Subaccounts cannot be created by a subaccount")


def too_many_subaccounts() -> TwilioError:
    """The account has as many subaccounts as it may have."""
    return TwilioError(400, 21480, "The maximum number of subaccounts has been reached")


def closed_for_ever() -> TwilioError:
    """A closed account is not reopened."""
    return TwilioError(400, 21479, "Unable to update Status for subaccount, subaccount has been closed")
