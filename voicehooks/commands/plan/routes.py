"""Who takes a number's calls, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicehooks.commands.plan.risks import is_recorded
from voicehooks.output.counting import count

if TYPE_CHECKING:
    from voicehooks.commands.plan.effective import EffectiveSettings, HandlerSettings

__all__ = ["handling", "route_of", "short_url"]


def route_of(side: EffectiveSettings, handler: HandlerSettings) -> str:
    """The effective route: TwiML App, URL, what the handler does, fallback, retries."""
    settings = side.settings
    if settings.get("trunk"):
        return f"trunk {settings['trunk']}"
    steps = []
    if settings.get("TwiML App"):
        steps.append(f"TwiML App {settings['TwiML App']}")
    url = settings.get("voiceUrl")
    if url is None:
        return " -> ".join([*steps, "as Twilio has it"])
    steps.append(short_url(url, handler.functions_url) if url else "nobody answers")
    if side.by_handler:
        steps.append(handling(side.in_handler))
    return "; ".join([" -> ".join(steps), *_beside(side, handler)])


def handling(settings: dict[str, Any]) -> str:
    """What the handler does with a number's calls."""
    if settings.get("reject"):
        return f"rejects ({settings['reject']})"
    forward = settings.get("forwardTo") or []
    recorded = ", recorded" if is_recorded(settings.get("record")) else ""
    if not forward:
        return ("voicemail" if settings.get("voicemail") else "no destination") + recorded
    more = " and voicemail" if settings.get("voicemail") else ""
    return f"rings {', '.join(forward)}{more}{recorded}"


def _beside(side: EffectiveSettings, handler: HandlerSettings) -> list[str]:
    settings = side.at_twilio
    if not settings.get("voiceUrl"):
        return []
    fallback = settings.get("voiceFallbackUrl")
    parts = [f"fallback {short_url(fallback, handler.functions_url)}" if fallback else "no fallback"]
    retries = settings.get("delivery.retries")
    if retries is not None:
        parts.append(count(retries, "retry"))
    return parts


def short_url(url: Any, functions_url: str) -> str:
    """A function of the project by its name, another URL in full."""
    text = str(url)
    prefix = f"{functions_url}/"
    return text.removeprefix(prefix) if functions_url else text
