"""What belongs to a trunk: its origination URLs and its numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.table import ObjectType, Property, Scalar

from ..client import NotFound
from .parts import Parts, listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulumi.provider.experimental.property_value import PropertyValue

    from ..account import TwilioAccount
    from ..fields import Fields

__all__ = ["ATTACHED", "ORIGINATION_URL", "Numbers", "OriginationUrls", "origination_problem"]

_HOST = "trunking"
_SOURCE = "Twilio docs: OriginationUrl resource"
_LARGEST = 65_535
ATTACHED = "attached"
"""The value of a number's field while it belongs to the trunk."""


def _url_problem(url: str) -> str | None:
    if re.fullmatch(r"sip:[^\s@]*@?[A-Za-z0-9.-]+[^\s]*", url):
        return None
    return f"{url!r} is not a SIP address; it begins with sip: (Twilio does not take sips: here)"


def _between(low: int) -> Any:
    def problem(value: int) -> str | None:
        return None if low <= value <= _LARGEST else f"{value} is not from {low} to {_LARGEST}"

    return problem


ORIGINATION_URL = ObjectType(
    "OriginationUrl",
    "An address at which a trunk's calls arrive.",
    (
        Property(
            "sipUrl",
            Scalar.STRING,
            "The SIP address, ``sip:pbx.example.com``. A trunk has each once in a program.",
            required=True,
            check=_url_problem,
            source=_SOURCE,
        ),
        Property(
            "priority",
            Scalar.INTEGER,
            "0 to 65535, default 10; the lowest is tried first.",
            check=_between(0),
            source=_SOURCE,
        ),
        Property(
            "weight",
            Scalar.INTEGER,
            "1 to 65535, default 10; the share of the calls among equal priorities.",
            check=_between(1),
            source=_SOURCE,
        ),
        Property("enabled", Scalar.BOOLEAN, "Whether it is used. Default: true.", source=_SOURCE),
        Property(
            "friendlyName", Scalar.STRING, "The name in the console. Default: the address.", source=_SOURCE
        ),
    ),
)
"""The items of a trunk's ``originationUrls``."""


def origination_problem(urls: list[dict[str, Any]]) -> str | None:
    """Return what is wrong with these together."""
    found = [url.get("sipUrl") for url in urls]
    return "names an address twice" if len(set(found)) < len(found) else None


class OriginationUrls(Parts):
    """The origination URLs, each known by its address."""

    def entries(self, value: Any) -> dict[str, str]:
        """Return each address with what the program says of it."""
        return {
            url["sipUrl"]: _text(
                int(url.get("priority", 10)),
                int(url.get("weight", 10)),
                enabled=url.get("enabled", True),
                name=str(url.get("friendlyName") or url["sipUrl"])[:64],
            )
            for url in value
        }

    def shown(self, field: str, value: str) -> Any:
        """Return an origination URL as the property has it, without what is Twilio's default."""
        address = field.removeprefix(self.prefix)
        priority, weight, enabled, name = value.split(" ", 3)
        shown: dict[str, Any] = {"sipUrl": address, "priority": int(priority), "weight": int(weight)}
        if enabled == "false":
            shown["enabled"] = False
        if name != address[:64]:
            shown["friendlyName"] = name
        return shown

    async def live(self, account: TwilioAccount, sid: str, fields: Iterable[str]) -> Fields:
        """Return the trunk's origination URLs."""
        return {
            self.prefix + item["sip_url"]: _text(
                item["priority"], item["weight"], enabled=item["enabled"], name=item["friendly_name"] or ""
            )
            for item in await self._all(account, sid)
        }

    async def set(self, account: TwilioAccount, sid: str, field: str, value: str) -> None:
        """Add, change or remove one."""
        address, path = field.removeprefix(self.prefix), f"/v1/Trunks/{sid}/OriginationUrls"
        existing = next((item for item in await self._all(account, sid) if item["sip_url"] == address), None)
        if not value:
            if existing is not None:
                try:
                    await account.api.delete(f"{path}/{existing['sid']}", host=_HOST)
                except NotFound:
                    return
            return
        priority, weight, enabled, name = value.split(" ", 3)
        form = {
            "SipUrl": address,
            "Priority": priority,
            "Weight": weight,
            "Enabled": enabled,
            "FriendlyName": name,
        }
        at = f"{path}/{existing['sid']}" if existing else path
        await account.api.post(at, form, host=_HOST, repeatable=existing is not None)

    async def _all(self, account: TwilioAccount, sid: str) -> list[dict[str, Any]]:
        return await listed(account.api, f"/v1/Trunks/{sid}/OriginationUrls", host=_HOST)


class Numbers(Parts):
    """The numbers of a trunk. Of one that is not attached, the value is what routes its calls instead."""

    def entries(self, value: Any) -> dict[str, str]:
        """Return the numbers, attached."""
        return dict.fromkeys(value, ATTACHED)

    async def live(self, account: TwilioAccount, sid: str, fields: Iterable[str]) -> Fields:
        """Return the attached numbers, and the trunk or TwiML App of each other one that is asked for."""
        attached = await listed(account.api, f"/v1/Trunks/{sid}/PhoneNumbers", host=_HOST)
        live = {self.prefix + number["phone_number"]: ATTACHED for number in attached}
        for field in fields:
            if field not in live:
                number = await account.numbers.find(field.removeprefix(self.prefix)) or {}
                live[field] = str(number.get("trunk_sid") or number.get("voice_application_sid") or "")
                if live[field] == sid:  # known from before it was taken off
                    live[field] = ""
        return live

    def input_from(self, live: Fields, keys: Iterable[str], given: PropertyValue | None) -> PropertyValue:
        """Return the numbers that are attached."""
        return super().input_from({f: v for f, v in live.items() if v == ATTACHED}, keys, given)

    async def set(self, account: TwilioAccount, sid: str, field: str, value: str) -> None:
        """Attach a number, or give it the trunk or the TwiML App that it had."""
        number = await account.numbers.read(field.removeprefix(self.prefix))
        if number is None:
            return
        account.numbers.forget(number["sid"])
        if value == ATTACHED:
            form = {"PhoneNumberSid": number["sid"]}
            await account.api.post(f"/v1/Trunks/{sid}/PhoneNumbers", form, host=_HOST)
        elif number.get("trunk_sid") == sid:  # else somebody has routed it elsewhere since
            name = "VoiceApplicationSid" if value.startswith("AP") else "TrunkSid"
            await account.numbers.update(number["sid"], {name: value})


def _text(priority: int, weight: int, *, enabled: bool, name: str) -> str:
    """Return what is said of an origination URL as one field's value."""
    return f"{priority} {weight} {'true' if enabled else 'false'} {name}"
