"""Reading a vendor's answer: JSON of the documented shape, or an error that says what came instead.

A proxy's login page, an API that changed, an answer that was cut off: each of them may come with status 200.
Nothing of such an answer may be taken for a value, since an absent field would read as an empty one and be
recorded as what a number had before.
"""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, Any

from .errors import ProviderError

if TYPE_CHECKING:
    import httpx
    from pydantic import TypeAdapter

__all__ = ["UnexpectedAnswer", "matches", "read", "sentence"]

_LONGEST_SENTENCE = 300


class UnexpectedAnswer(ProviderError):
    """The vendor answered, and not as its documentation says; the text says which request got what."""


def read(response: httpx.Response, vendor: str, shape: Any, *, do: str) -> Any:
    """Return the JSON of an answer.

    Args:
        response: a successful one, complete.
        vendor: whose it is: ``Twilio``.
        shape: a type that pydantic validates: ``dict[str, object]``, a ``TypedDict``. Fields that it does
            not name are kept.
        do: what the user can check where the answer is not of that shape.

    Raises:
        UnexpectedAnswer: it is not JSON, or not of the shape. The text names no value, which may be secret.
    """
    try:
        body: Any = json.loads(response.content)
    except (ValueError, RecursionError):
        raise _unexpected(response, vendor, f"{_kind(response)}, not JSON", do) from None
    wrong = matches(body, shape)
    if wrong:
        raise _unexpected(response, vendor, f"JSON that is not as documented: {wrong}", do)
    return body


def matches(body: Any, shape: Any) -> str:
    """Return what is wrong with a value, where and what, without naming the value; empty if nothing is."""
    from pydantic import ValidationError  # noqa: PLC0415 - slow to import, and needed by no preview of nothing

    try:
        _adapter(shape).validate_python(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the answer"
        return f"{where}: {first['msg'][:1].lower()}{first['msg'][1:]}"
    return ""


def sentence(text: Any) -> str:
    """Return a vendor's message fit for a terminal: one line, not endless, no control characters."""
    plain = "".join(char if char.isprintable() else " " for char in str(text))
    one_line = " ".join(plain.split())
    if len(one_line) > _LONGEST_SENTENCE:
        one_line = one_line[:_LONGEST_SENTENCE].rstrip() + "..."
    return one_line.rstrip(".") if not one_line.endswith("...") else one_line


@functools.cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter  # noqa: PLC0415

    return TypeAdapter(shape)


def _unexpected(response: httpx.Response, vendor: str, what: str, do: str) -> UnexpectedAnswer:
    request = response.request
    path = re.sub(r"\b([A-Z]{2})[0-9a-f]{28}([0-9a-f]{4})\b", r"\1..\2", request.url.path)
    where = f"{request.url.host}:{request.url.port}" if request.url.port else request.url.host
    return UnexpectedAnswer(
        f"{vendor} ({where}) answered {request.method} {path} with HTTP {response.status_code} and {what}; {do}"
    )


def _kind(response: httpx.Response) -> str:
    """What an answer is that is not JSON."""
    start = response.content[:200].lstrip().lower()
    if not start:
        return "an empty body"
    if start.startswith((b"<!doctype html", b"<html")) or "html" in response.headers.get("Content-Type", ""):
        return "an HTML page"
    if start[:1] in (b"{", b"["):
        return "cut-off or broken JSON"
    return "text"
