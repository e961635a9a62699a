"""What a number has today, written as settings that change nothing about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from pulumi_twilio.delivery import parse, split
from pulumi_twilio.webhook_url import is_demo
from pydantic import ValidationError

from infra.number_settings import NumberSettings, StatusEvent
from infra.settings_model import ActsOn

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from infra.settings import Settings

__all__ = ["AT_TWILIO", "Proposal", "propose"]

AT_TWILIO = NumberSettings.keys_acting_on(ActsOn.NUMBER)
"""The keys of a number's settings that write to the number at Twilio."""

_ALL_EVENTS = list(get_args(StatusEvent))
# Twilio's field, the field of its method, the settings' key.
_URLS = (
    ("voice_url", "voice_method", "voiceUrl"),
    ("status_callback", "status_callback_method", "statusCallback"),
    ("voice_fallback_url", "voice_fallback_method", "fallbackUrl"),
)
_INPUTS = {
    "voice_url": "voiceUrl",
    "status_callback": "statusCallback",
    "voice_fallback_url": "voiceFallbackUrl",
}


@dataclass(frozen=True)
class Proposal:
    """One number as settings.

    Attributes:
        number: in E.164 format.
        sid: PN...
        name: what the console calls it.
        route: who takes its calls today, in words.
        settings: the number's keys.
        notes: what has no setting and is left as it is, each a sentence.
    """

    number: str
    sid: str
    name: str
    route: str
    settings: dict[str, Any]
    notes: tuple[str, ...]


def propose(
    number: Mapping[str, Any],
    settings: Settings,
    *,
    applications: Mapping[str, str],
    shared_name: str,
    held: Collection[str],
) -> Proposal:
    """Return the settings with which a preview finds nothing to change about a number.

    Args:
        number: as Twilio answers it.
        settings: the environment's, whose defaults hold for the number too.
        applications: names of the account's TwiML Apps by SID.
        shared_name: the name of the environment's own TwiML App.
        held: the properties that the stack's state holds of the number: one of them that went would be put
            back to what was found at first, so that its being empty has to be said.
    """
    e164 = str(number["phone_number"])
    own = settings.numbers.get(e164, NumberSettings())
    kept = own.model_dump(mode="json", by_alias=True, exclude_unset=True)
    events = kept.get("statusEvents")
    for key in AT_TWILIO:
        kept.pop(key, None)
    app, trunk = str(number.get("voice_application_sid") or ""), str(number.get("trunk_sid") or "")
    if app and settings.shared_application and applications.get(app) == shared_name:
        return _proposal(number, f"the environment's TwiML App {app}", kept, ())
    notes: list[str] = []
    found = _readable(number, notes)
    for field, _, _ in _URLS:
        if not found[field] and _INPUTS[field] not in held:
            found[field] = None  # empty, and nobody's: left as it is
    if trunk or app:
        # Twilio does not look at these now, and writing a voice URL would take the number out of the app.
        left_out = ("voice_url", "voice_fallback_url") if trunk else tuple(found)
        found = {field: None if field in left_out else value for field, value in found.items()}
    delivery = _common_delivery(found, notes)
    at_twilio = _keys(found, settings, events)
    at_twilio |= _delivery_key(delivery, found, settings, held)
    if settings.shared_application and not at_twilio:
        at_twilio = {"answer": None}  # a key of its own keeps the number out of the shared app
    route = (
        f"trunk {trunk}"
        if trunk
        else f"TwiML App {applications.get(app) or app}"
        if app
        else split(str(number.get("voice_url") or ""))[0] or "nobody"
    )
    return _proposal(number, route, {**kept, **at_twilio}, notes)


def _proposal(number: Mapping[str, Any], route: str, settings: dict[str, Any], notes: Any) -> Proposal:
    name = str(number.get("friendly_name") or "")
    return Proposal(number["phone_number"], number["sid"], name, route, settings, tuple(notes))


def _readable(number: Mapping[str, Any], notes: list[str]) -> dict[str, str | None]:
    """Return the URLs by Twilio's field, None where settings cannot say what is there."""
    found: dict[str, str | None] = {}
    for field, method_field, key in _URLS:
        url = str(number.get(field) or "")
        address, _ = split(url)
        method = str(number.get(method_field) or "POST")
        found[field] = url
        if not url:
            continue
        if is_demo(address):
            found[field] = None
            notes.append(f"{field} is Twilio's own demo and stays")
        elif method != "POST":
            found[field] = None
            notes.append(f"{field} is asked with {method}, which has no setting, and stays as it is")
        elif not _is_valid(key, address):
            found[field] = None
            notes.append(f"{field} is an address that no setting takes, and stays as it is")
        elif "@" in address.partition("//")[2].partition("/")[0]:
            found[field] = None
            notes.append(f"{field} holds a password, is not written into a file, and stays as it is")
    return found


def _is_valid(key: str, url: str) -> bool:
    try:
        NumberSettings.model_validate({key: url})
    except ValidationError:
        return False
    return True


def _common_delivery(found: dict[str, str | None], notes: list[str]) -> dict[str, Any]:
    """Return the connection overrides of the URLs; those that have others become None."""
    fragments = [split(url)[1] for url in found.values() if url]
    chosen = next((f for f in fragments if parse(f) is not None), "")
    for field, url in found.items():
        if url and split(url)[1] != chosen:
            found[field] = None
            notes.append(f"{field} has connection overrides of its own, and stays as it is")
    return dict(parse(chosen) or {})


def _keys(found: Mapping[str, str | None], settings: Settings, events: list[str] | None) -> dict[str, Any]:
    return {
        **_voice_keys(_address(found["voice_url"]), settings),
        **_status_keys(_address(found["status_callback"]), settings, events),
        **_fallback_keys(_address(found["voice_fallback_url"]), settings),
    }


def _voice_keys(live: str | None, settings: Settings) -> dict[str, Any]:
    defaults = settings.defaults
    given = defaults.voice_url if defaults.voice_url is not None else _answering(settings)
    if live is None:
        return _silenced({"answer": defaults.answer, "voiceUrl": defaults.voice_url})
    if live == given and not settings.shared_application:
        return {}
    if live == settings.webhook_url:
        return {"answer": True, **_silenced({"voiceUrl": defaults.voice_url})}
    return {"voiceUrl": live}


def _status_keys(live: str | None, settings: Settings, events: list[str] | None) -> dict[str, Any]:
    defaults = settings.defaults
    effective = events if events is not None else defaults.status_events
    own = {} if events is None else {"statusEvents": events}
    if live is None:
        return _silenced({"statusEvents": effective, "statusCallback": defaults.status_callback})
    if live == settings.webhook_url:
        reported = own if "completed" in (effective or []) else {"statusEvents": _ALL_EVENTS}
        return {**reported, **_silenced({"statusCallback": defaults.status_callback})}
    if live == defaults.status_callback:
        return own
    return {**own, "statusCallback": live}


def _fallback_keys(live: str | None, settings: Settings) -> dict[str, Any]:
    default = settings.defaults.fallback_url
    if live is None:
        return _silenced({"fallbackUrl": default})
    live = "default" if live == settings.fallback_function_url else live
    return {} if live == default else {"fallbackUrl": live}


def _delivery_key(
    delivery: dict[str, Any], found: Mapping[str, str | None], settings: Settings, held: Collection[str]
) -> dict[str, Any]:
    default = settings.defaults.delivery
    if not any(found.values()):
        return {}
    if not delivery and "delivery" in held:
        return {"delivery": {}}
    if not delivery:
        return _silenced({"delivery": default})
    return {} if default is not None and default.overrides() == delivery else {"delivery": delivery}


def _answering(settings: Settings) -> str | None:
    answer = settings.defaults.answer
    return None if answer is None else settings.webhook_url if answer else ""


def _silenced(given: Mapping[str, Any]) -> dict[str, None]:
    """Return null for what the defaults give: an explicit null leaves the property as Twilio has it."""
    return {key: None for key, value in given.items() if value is not None}


def _address(url: str | None) -> str | None:
    return None if url is None else split(url)[0]
