"""What an environment is for, and the settings that follow from that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from voicehooks.commands.init import recognition
from voicehooks.commands.init.answers import Question, say

if TYPE_CHECKING:
    from voicehooks.commands.init.answers import Asker

__all__ = ["PURPOSES", "ask_purposes", "settings_for"]

PURPOSES = {
    "incoming": "calls to its numbers are answered by the handler",
    "outgoing": "a page of the CRM places calls and plays recordings",
    "recording": "calls are recorded; Twilio bills that, and in many places you must announce it",
}
_WHAT = Question("What is it for", "--for", "", optional=True)
_PAGE = Question("The CRM page that places calls", "--crm-page", "")
_EXAMPLE_PAGE = "http://localhost:8080"


def ask_purposes(asker: Asker, named: str, page: str) -> dict[str, Any]:
    """Return the settings of an environment for what it is for.

    Args:
        asker: asks the person at the terminal; without one, only what was named counts.
        named: the purposes that the command line names, separated by commas.
        page: the URL of the CRM's page that the command line names.

    Raises:
        CommandError: a purpose or the page is not valid.
    """
    if not named and asker.in_terminal:
        say("What it is for, one or more of these, separated by commas:")
        for word, meaning in PURPOSES.items():
            say(f"  {word:<9}  {meaning}")
    text = asker.ask(_WHAT, named, _unknown, default="incoming")
    purposes = {word for word in re.split(r"[,\s]+", text) if word}
    if page:
        purposes.add("outgoing")
    if "outgoing" in purposes:
        if not asker.in_terminal:
            page = page or _EXAMPLE_PAGE
        page = asker.ask(_PAGE, page, _not_an_origin, default=_EXAMPLE_PAGE, read=recognition.origin)
    return settings_for(purposes, page)


def settings_for(purposes: set[str], page: str) -> dict[str, Any]:
    """Return the keys of the settings file that purposes need; `page` is the origin for outgoing calls."""
    defaults: dict[str, Any] = {}
    if "incoming" in purposes:
        defaults |= {"answer": True, "fallbackUrl": "default"}
    if purposes & {"incoming", "outgoing"}:
        defaults["statusEvents"] = ["initiated", "ringing", "answered", "completed"]
    if "recording" in purposes:
        defaults["record"] = "record-from-answer"
    keys: dict[str, Any] = {"voicehooks:defaults": defaults} if defaults else {}
    if "outgoing" in purposes:
        keys["voicehooks:allowedOrigins"] = [page]
    return keys


def _unknown(text: str) -> str:
    strange = [word for word in re.split(r"[,\s]+", text) if word and word not in PURPOSES]
    return f"{strange[0]} is not one of {', '.join(PURPOSES)}" if strange else ""


def _not_an_origin(text: str) -> str:
    valid = re.fullmatch(r"https://[^/\s@]+|http://(localhost|127\.0\.0\.1)(:\d+)?", text)
    return "" if valid else "it must be the page's URL with https:// (http:// only on this machine)"
