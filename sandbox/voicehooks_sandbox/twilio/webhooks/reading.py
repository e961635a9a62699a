"""What an answer is worth: TwiML to execute, or a failure with Twilio's code.

Sources: Twilio docs, "TwiML for Programmable Voice" (content types); error dictionary 11200, 12100, 12200,
12300, 15003.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..twiml.document import ParseFailure, TwimlDocument, Verb, parse

if TYPE_CHECKING:
    from .exchange import Outcome

_XML = frozenset({"text/xml", "application/xml", "text/html"})


@dataclass(frozen=True)
class Finding:
    """Something wrong with an answer.

    Attributes:
        level: ``error`` or ``warning``.
        code: Twilio's code.
        text: in words.
    """

    level: str
    code: int
    text: str


def read_twiml(outcome: Outcome) -> tuple[TwimlDocument | None, list[Finding]]:
    """The document that an answer to a voice or action request stands for; None with an error."""
    if outcome.error_code is not None:
        return None, [Finding("error", outcome.error_code, outcome.error_text)]
    if not outcome.ok:
        return None, [Finding("error", 11200, f"Got HTTP {outcome.status} response to {outcome.url}")]
    if outcome.content_type.startswith("audio/"):
        return TwimlDocument((Verb("Play", outcome.url),)), []
    if outcome.content_type not in _XML and outcome.content_type != "text/plain":
        shown = outcome.content_type or "no Content-Type"
        return None, [Finding("error", 12300, f"Invalid Content-Type: {shown} from {outcome.url}")]
    try:
        document = parse(outcome.body)
    except ParseFailure as failure:
        if outcome.content_type == "text/plain":
            return TwimlDocument((Verb("Say", outcome.body.strip()),)), []
        return None, [Finding("error", 12100, f"Document parse failure: {failure}")]
    return document, [Finding("warning", 12200, text) for text in document.warnings]


def read_acknowledgement(outcome: Outcome) -> list[Finding]:
    """What Twilio notes about the answer to a status or recording callback."""
    if outcome.error_code is not None:
        return [Finding("error", outcome.error_code, outcome.error_text)]
    if not outcome.ok:
        return [Finding("warning", 15003, f"Got HTTP {outcome.status} response to {outcome.url}")]
    if not outcome.body.strip():
        return []
    if outcome.content_type in _XML:
        try:
            parse(outcome.body)
        except ParseFailure as failure:
            return [Finding("warning", 12200, f"Document parse failure: {failure}")]
        return []
    if outcome.content_type != "text/plain":
        shown = outcome.content_type or "no Content-Type"
        return [Finding("warning", 12300, f"Invalid Content-Type: {shown} from {outcome.url}")]
    return []
