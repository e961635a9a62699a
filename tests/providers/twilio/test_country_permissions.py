"""Dialing permissions by country: how few requests read and write them, and what is sent."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from pulumi_provider_kit.errors import PropertyError, ProviderError
from pulumi_twilio.country_permissions import (
    changes_between,
    country_problem,
    read_permissions,
    write_permissions,
)

LOW, SPECIAL, FRAUD = (
    "low_risk_numbers_enabled",
    "high_risk_special_numbers_enabled",
    "high_risk_tollfraud_numbers_enabled",
)


class Api:
    """Two pages of countries, of which all may be called on ordinary numbers only."""

    def __init__(self, *, ignores: str = "") -> None:
        self.log: list[str] = []
        self.pages = [["DE", "FR"], ["GB", "US"]]
        self.changed: dict[str, dict[str, bool]] = {}
        self._ignores = ignores

    async def get(self, url: str, *, host: str) -> dict[str, Any]:
        self.log.append(f"{host} {url}")
        number = 1 if "Page=1" in url else 0
        countries = [
            {"iso_code": code, LOW: True, SPECIAL: False, FRAUD: False, **self.changed.get(code, {})}
            for code in self.pages[number]
        ]
        after = "https://voice.twilio.com/v1/DialingPermissions/Countries?Page=1" if number == 0 else None
        return {"content": countries, "meta": {"next_page_url": after}}

    async def post(self, path: str, form: dict[str, str], *, host: str) -> dict[str, Any]:
        self.log.append(f"POST {host} {path}")
        self.sent = json.loads(form["UpdateRequest"])
        for country in self.sent:
            if country["iso_code"] != self._ignores:
                self.changed[country.pop("iso_code")] = country
        return {}


def read(api: Any, *codes: str) -> Any:
    """Read the permissions of some countries."""
    return asyncio.run(read_permissions(api, codes))


def test_pages_are_read_until_every_country_is_found() -> None:
    """One request for most; no request for no country."""
    api = Api()
    assert read(api, "DE") == {("DE", LOW): True, ("DE", SPECIAL): False, ("DE", FRAUD): False}
    assert api.log == ["voice /v1/DialingPermissions/Countries?PageSize=1000"]
    assert {code for code, _ in read(api, "FR", "US")} == {"FR", "US"}
    assert len(api.log) == 3
    assert read(api) == {}
    assert len(api.log) == 3


def test_countries_that_twilio_does_not_have_are_named() -> None:
    """All of them, at their property, after the last page."""
    api = Api()
    with pytest.raises(PropertyError, match="^countries: Twilio knows no country XX, ZZ;"):
        read(api, "ZZ", "US", "XX")
    assert len(api.log) == 2


def test_only_countries_that_differ_are_written_with_all_their_permissions() -> None:
    """In one request, and read afterwards."""
    api: Any = Api()
    live = read(api, "DE", "FR", "US")
    wanted = {("US", FRAUD): True, ("DE", LOW): False, ("FR", LOW): True}
    asyncio.run(write_permissions(api, live, wanted))
    assert api.log[2:] == ["POST voice /v1/DialingPermissions/BulkCountryUpdates", api.log[0], api.log[1]]
    assert api.changed == {
        "DE": {LOW: False, SPECIAL: False, FRAUD: False},
        "US": {LOW: True, SPECIAL: False, FRAUD: True},
    }
    del api.log[:]
    asyncio.run(write_permissions(api, live, {("FR", LOW): True}))
    assert api.log == []


def test_a_country_that_twilio_leaves_as_it_is_is_an_error() -> None:
    """Twilio accepts the update of a country that the account has to ask for, and ignores it."""
    api: Any = Api(ignores="FR")
    live = read(api, "DE", "FR")
    with pytest.raises(ProviderError, match="but FR is unchanged"):
        asyncio.run(write_permissions(api, live, {("DE", SPECIAL): True, ("FR", SPECIAL): True}))


def test_changes_are_described_in_order() -> None:
    """By country; what stays is not named."""
    live = {("US", LOW): True, ("DE", LOW): True, ("DE", FRAUD): False}
    wanted = {("US", LOW): False, ("DE", LOW): True, ("DE", FRAUD): True}
    assert changes_between(live, wanted) == "DE high_risk_tollfraud off -> on; US low_risk on -> off"


@pytest.mark.parametrize(
    ("codes", "wrong"),
    [([], None), (["US", "DE"], None), (["US", "de", "x"], "'de'"), (["USA"], "'USA'"), (["D1"], "'D1'")],
)
def test_a_country_code_has_two_capital_letters(codes: list[str], wrong: str | None) -> None:
    """The first that has not is named."""
    assert (country_problem(codes) or "").partition(" ")[0] == (wrong or "")
