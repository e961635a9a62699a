"""The country of a phone number, according to Google's libphonenumber."""

from __future__ import annotations

import phonenumbers

__all__ = ["country_of"]

_NO_COUNTRY = {"001", "ZZ"}


def country_of(number: str) -> str | None:
    """Return the ISO 3166 code of an E.164 number's country, or None if it belongs to none.

    An unassigned number, such as the fictitious +1 555 numbers, belongs to the main country of its calling
    code.
    """
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:  # a calling code that does not exist
        return None
    country = phonenumbers.region_code_for_number(parsed) or phonenumbers.region_code_for_country_code(
        parsed.country_code or 0
    )
    return None if country in _NO_COUNTRY else country
