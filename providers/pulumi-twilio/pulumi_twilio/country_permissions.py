"""An account's dialing permissions at Twilio: read and written by country, in one request each.

Twilio docs: Voice dialing permissions API.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.errors import PropertyError, ProviderError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from .client import TwilioClient

__all__ = [
    "Permissions",
    "by_country",
    "changes_between",
    "country_problem",
    "permissions_of",
    "read_permissions",
    "short_name",
    "write_permissions",
]

_FLAGS = (
    "low_risk_numbers_enabled",
    "high_risk_special_numbers_enabled",
    "high_risk_tollfraud_numbers_enabled",
)

Permissions = dict[tuple[str, str], bool]
"""By country code and Twilio's field name, whether it may be called."""


def country_problem(codes: Collection[str]) -> str | None:
    """Say which of some country codes is not one, or None."""
    wrong = [code for code in codes if not re.fullmatch("[A-Z]{2}", code)]
    if wrong:
        return f"{wrong[0]!r} is not a country code of two capital letters (ISO 3166-1), like US"
    return None


def permissions_of(countries: Mapping[str, Mapping[str, bool]]) -> Permissions:
    """Return the permissions of a record by country, as states hold it."""
    return {(code, wire): bool(flag) for code, flags in countries.items() for wire, flag in flags.items()}


def by_country(permissions: Mapping[tuple[str, str], bool]) -> dict[str, dict[str, bool]]:
    """Return permissions by country, as states and requests hold them."""
    countries: dict[str, dict[str, bool]] = {}
    for (code, wire), flag in permissions.items():
        countries.setdefault(code, {})[wire] = flag
    return countries


def short_name(wire: str) -> str:
    """Return Twilio's field name without what all of them end with."""
    return wire.removesuffix("_numbers_enabled")


async def read_permissions(client: TwilioClient, codes: Collection[str]) -> Permissions:
    """Return the permissions of some countries; one request, whatever their number."""
    found: dict[str, dict[str, bool]] = {}
    url: str | None = "/v1/DialingPermissions/Countries?PageSize=1000"
    while url and any(code not in found for code in codes):
        page = await client.get(url, host="voice")
        for country in page["content"]:
            found[country["iso_code"]] = {wire: bool(country[wire]) for wire in _FLAGS}
        url = page["meta"].get("next_page_url")
    unknown = sorted(code for code in codes if code not in found)
    if unknown:
        raise PropertyError("countries", f"Twilio knows no country {', '.join(unknown)}; correct the code")
    return permissions_of({code: found[code] for code in codes})


async def write_permissions(client: TwilioClient, live: Permissions, wanted: Permissions) -> None:
    """Write the countries that differ, in one bulk update; all three permissions of each have to be sent."""
    codes = sorted({field[0] for field, flag in wanted.items() if live[field] != flag})
    if not codes:
        return
    after = by_country({**live, **wanted})
    requests: list[dict[str, Any]] = [{"iso_code": code, **after[code]} for code in codes]
    await client.post(
        "/v1/DialingPermissions/BulkCountryUpdates", {"UpdateRequest": json.dumps(requests)}, host="voice"
    )
    now = by_country(await read_permissions(client, codes))
    unchanged = [code for code in codes if now[code] != after[code]]
    if unchanged:
        raise ProviderError(
            f"Twilio accepted the update but {', '.join(unchanged)} is unchanged; the account may have to ask "
            "Twilio for these countries in the console (Voice, Settings, Geo permissions)"
        )


def changes_between(live: Permissions, wanted: Permissions) -> str:
    """Return ``US low_risk off -> on`` for each permission that differs, or an empty string."""
    return "; ".join(
        f"{code} {short_name(wire)} {_state_of(live[code, wire])} -> {_state_of(flag)}"
        for (code, wire), flag in sorted(wanted.items())
        if live[code, wire] != flag
    )


def _state_of(flag: bool) -> str:
    return "on" if flag else "off"
