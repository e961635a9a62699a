"""Decoding of form and query parameters by a table of fields, one line per field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from .errors import TwilioError, invalid_parameter
from .sids import is_sid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Kind = Literal["text", "url", "method", "bool", "sid", "choice", "name"]


@dataclass(frozen=True)
class Field:
    """One property of a resource that its owner may set.

    Attributes:
        param: name on the wire, ``VoiceUrl``.
        key: name in JSON answers and in the store, ``voice_url``.
        kind: how its value is read and checked.
        initial: value of a resource that never had it set.
        cleared: value after it was set to an empty string.
        prefix: of a ``sid``.
        choices: of a ``choice``.
    """

    param: str
    key: str
    kind: Kind = "text"
    initial: Any = ""
    cleared: Any = ""
    prefix: str = ""
    choices: tuple[str, ...] = ()

    def read(self, text: str, problem: Callable[[Field, str], TwilioError]) -> Any:
        """The value of a parameter's text.

        Raises:
            TwilioError: made by ``problem`` when the text is none of the field's values.
        """
        if text == "":
            return self.cleared
        match self.kind:
            case "bool":
                return text.lower() == "true"
            case "method":
                if text.upper() not in {"GET", "POST"}:
                    raise problem(self, text)
                return text.upper()
            case "url" if not is_url(text):
                raise problem(self, text)
            case "sid" if not is_sid(text, self.prefix):
                raise problem(self, text)
            case "choice" if text not in self.choices:
                raise problem(self, text)
            case "name" if len(text) > 64:
                raise problem(self, text)
        return text


def is_url(text: str) -> bool:
    """Whether Twilio would take this as a webhook's URL: absolute http(s), a host without underscore."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and host is not None and "_" not in host and " " not in text


def decode(
    form: Mapping[str, str],
    fields: Sequence[Field],
    problem: Callable[[Field, str], TwilioError],
) -> dict[str, Any]:
    """The changes a form asks for; parameters it leaves out change nothing.

    Raises:
        TwilioError: made by ``problem`` for the first value that is not allowed.
    """
    return {field.key: field.read(form[field.param], problem) for field in fields if field.param in form}


def initial(fields: Sequence[Field]) -> dict[str, Any]:
    """The values of a resource that nobody has configured yet."""
    return {field.key: field.initial for field in fields}


def invalid_webhook_field(field: Field, value: str) -> TwilioError:
    """A property of a number or an application has a value that Twilio does not take.

    Source: Twilio docs, error dictionary 21402 and 21403.
    """
    match field.kind:
        case "url":
            return TwilioError(400, 21402, f"{field.param} is not valid")
        case "method":
            return TwilioError(400, 21403, f"{field.param} is not valid")
        case _:
            return invalid_parameter(field.param, value)
