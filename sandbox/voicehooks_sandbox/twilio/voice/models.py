"""Dialing permissions by country, and voice settings.

Sources: Twilio docs, "Voice dialing geographic permissions"; twilio-oai, twilio_voice_v1.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from .. import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..store import Document, Store

FLAGS = (
    "low_risk_numbers_enabled",
    "high_risk_special_numbers_enabled",
    "high_risk_tollfraud_numbers_enabled",
)
_ENABLED_AT_FIRST = frozenset({"US", "CA"})


@cache
def countries() -> dict[str, Document]:
    """All countries by ISO code: name, continent, country codes, high-risk special prefixes."""
    text = (files(__package__) / "countries.json").read_text("utf-8")
    return {country["iso_code"]: country for country in json.loads(text)}


@lru_cache(maxsize=10_000)
def countries_of(number: str) -> tuple[str, ...]:
    """ISO codes of the countries that a number may be in, by the longest country code that fits."""
    fitting = [
        (len(code), iso)
        for iso, country in countries().items()
        for code in country["country_codes"]
        if number.startswith(code)
    ]
    longest = max((length for length, _ in fitting), default=0)
    return tuple(iso for length, iso in fitting if length == longest)


class Permissions:
    """Which countries the account may call."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def country(self, iso_code: str, path: str) -> Document:
        """A country with its three permissions.

        Raises:
            TwilioError: 20404 for an unknown code.
        """
        known = countries().get(iso_code.upper())
        if known is None:
            raise errors.not_found(path)
        return self._with_flags(known)

    def list(self, query: Mapping[str, str]) -> list[Document]:
        """The countries that match the list filters, by name."""
        found = [self._with_flags(country) for country in countries().values()]
        for name, key in (("IsoCode", "iso_code"), ("Continent", "continent")):
            if value := query.get(name):
                found = [country for country in found if country[key] == value.upper()]
        if code := query.get("CountryCode"):
            wanted = "+" + code.strip().lstrip("+")
            found = [country for country in found if wanted in country["country_codes"]]
        for flag in FLAGS:
            if value := query.get("".join(part.capitalize() for part in flag.split("_"))):
                found = [country for country in found if country[flag] == (value.lower() == "true")]
        return sorted(found, key=lambda country: str(country["name"]))

    def update(self, text: str) -> int:
        """Apply a bulk update, all or nothing; returns how many countries it named.

        Raises:
            TwilioError: 20001 when the text is no list of countries with their flags.
        """
        try:
            changes = json.loads(text)
        except ValueError:
            raise errors.invalid_parameter("UpdateRequest", text) from None
        if not isinstance(changes, list) or not all(_is_change(change) for change in changes):
            raise errors.invalid_parameter("UpdateRequest", text)
        flags = self._flags()
        for change in changes:
            iso_code = change["iso_code"].upper()
            known = flags.setdefault(iso_code, self._initial(iso_code))
            known.update({flag: _truth(change[flag]) for flag in FLAGS if flag in change})
        self._store.set_value("dialing-permissions", flags)
        return len(changes)

    def allows(self, number: str) -> bool:
        """Whether a number may be called: one of the countries with its country code is enabled."""
        flags = self._flags()
        return any(flags.get(iso, self._initial(iso))[FLAGS[0]] for iso in countries_of(number))

    def _with_flags(self, known: Document) -> Document:
        return {**known, **self._flags().get(known["iso_code"], self._initial(known["iso_code"]))}

    def _flags(self) -> dict[str, dict[str, bool]]:
        return self._store.value("dialing-permissions") or {}

    def _initial(self, iso_code: str) -> dict[str, bool]:
        return {flag: flag == FLAGS[0] and iso_code in _ENABLED_AT_FIRST for flag in FLAGS}


def encode(country: Document, base_url: str) -> Document:
    """A country as Twilio's JSON shows it."""
    url = f"{base_url}/v1/DialingPermissions/Countries/{country['iso_code']}"
    shown = {key: country[key] for key in ("iso_code", "name", "continent", "country_codes", *FLAGS)}
    return {**shown, "url": url, "links": {"highrisk_special_prefixes": f"{url}/HighRiskSpecialPrefixes"}}


def _is_change(change: Any) -> bool:
    return (
        isinstance(change, dict)
        and str(change.get("iso_code", "")).upper() in countries()
        and all(change[flag] in {True, False, "true", "false"} for flag in FLAGS if flag in change)
    )


def _truth(value: object) -> bool:
    return value is True or value == "true"
