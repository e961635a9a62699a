"""Codes and texts of Applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import TwilioError, invalid_parameter

if TYPE_CHECKING:
    from ..parameters import Field


def invalid_field(field: Field, value: str) -> TwilioError:
    """A property of an application has a value that Twilio does not take."""
    match field.kind:
        case "url":
            return TwilioError(400, 21402, f"{field.param} is not valid")
        case "method":
            return TwilioError(400, 21403, f"{field.param} is not valid")
        case _:
            return invalid_parameter(field.param, value)


def too_many() -> TwilioError:
    """An account may have 1,000 applications."""
    return TwilioError(400, 20001, "An account can have at most 1000 applications")
