"""How a number, or the app that numbers share, differs from what the last update left; pure.

Each difference belongs to one check alone: the one that says best what is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_twilio import delivery
from pulumi_twilio.fields import URL_PROPERTIES, FieldSet
from pulumi_twilio.voice_configuration.table import TABLE
from pulumi_twilio.webhook_url import mask, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicehooks.stack.deployed_state import Resource

__all__ = ["Difference", "differences"]

_FIELDS = FieldSet(TABLE.properties).names


@dataclass(frozen=True)
class Difference:
    """One property that is not as the last update left it.

    Attributes:
        property: its name.
        observed: what Twilio has, credentials in URLs masked.
        wanted: what the last update left.
        owner: the code of the check whose finding it is.
        why: what is wrong with it by itself, or an empty string.
    """

    property: str
    observed: str
    wanted: str
    owner: str
    why: str = ""


def differences(resource: Resource, live: dict[str, Any]) -> Iterator[Difference]:
    """The properties that the program gives and that Twilio has otherwise.

    Args:
        resource: a VoiceConfiguration or an Application of the state.
        live: the same as Twilio answers it.
    """
    policy = resource.outputs.get("delivery") if "delivery" in resource.inputs else None
    for name in URL_PROPERTIES:
        if name in resource.inputs:
            at_twilio = str(live.get(_FIELDS[name]) or "")
            yield from _url(name, str(resource.outputs.get(name) or ""), at_twilio, policy)
    for name, field in _FIELDS.items():
        if name in URL_PROPERTIES or name not in resource.inputs:
            continue
        wanted, found = resource.outputs.get(name) or "", live.get(field) or ""
        if wanted != found:
            owner = "urls" if name.endswith("Method") else "precedence" if name.endswith("Sid") else "drift"
            is_flag = isinstance(wanted, bool) or isinstance(found, bool)
            at_twilio, left = (_shown(value, is_flag=is_flag) for value in (found, wanted))
            yield Difference(name, at_twilio, left, owner)


def _url(name: str, wanted: str, found: str, policy: dict[str, Any] | None) -> Iterator[Difference]:
    address, fragment = delivery.split(found)
    if address != wanted:
        wrong = problem(address)
        owner = "urls" if wrong else _owner_of_empty(name) if not address else "drift"
        yield Difference(name, mask(address) or "(empty)", mask(wanted) or "(empty)", owner, wrong or "")
    elif address and policy is not None and delivery.parse(fragment) != policy:
        shown = f"#{fragment}" if fragment else "(none)"
        yield Difference(name, shown, f"#{delivery.encode(policy)}", "delivery")


def _shown(value: Any, *, is_flag: bool) -> str:
    if is_flag:
        return "on" if value else "off"
    return str(value) or "(empty)"


def _owner_of_empty(name: str) -> str:
    return {"statusCallback": "events", "voiceFallbackUrl": "fallback"}.get(name, "drift")
