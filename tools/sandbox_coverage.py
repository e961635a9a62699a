"""What the sandbox emulates, generated from its code into docs/sandbox.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from voicehooks_sandbox.supabase.auth.app import HANDLERS, OTHER_REQUESTS
from voicehooks_sandbox.supabase.management.app import OPERATIONS
from voicehooks_sandbox.supabase.realtime.filters import OPERATORS
from voicehooks_sandbox.twilio.api import not_emulated
from voicehooks_sandbox.twilio.app import ENDPOINTS
from voicehooks_sandbox.twilio.assumptions import ASSUMPTIONS
from voicehooks_sandbox.twilio.twiml.vocabulary import ELEMENTS, OTHERS

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE = Path("docs/sandbox.md")
_ACCOUNT = "/2010-04-01/Accounts/{AccountSid}"
_RANK = ("GET", "POST", "PUT", "PATCH", "DELETE")


def page() -> str:
    """The page with its generated blocks as the code is now."""
    text = replace_block(PAGE.read_text(encoding="utf-8"), "twilio coverage", twilio_coverage())
    return replace_block(text, "supabase coverage", supabase_coverage())


def replace_block(text: str, name: str, block: str) -> str:
    """A page with the text between a block's two comments replaced.

    Raises:
        ValueError: the page has no such block.
    """
    begin, end = f"<!-- generated: {name} -->", f"<!-- end: {name} -->"
    if begin not in text or end not in text:
        msg = f"The page has no lines {begin} and {end}."
        raise ValueError(msg)
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n\n{block}\n{end}{after}"


def twilio_coverage() -> str:
    """The tables of verbs, of attributes without effect, and of REST operations."""
    emulated = [name for name, element in ELEMENTS.items() if element.emulated and name != "Response"]
    unknown = {name: element.skipped_because for name, element in ELEMENTS.items() if not element.emulated}
    skipped = sorted((OTHERS | unknown).items())
    lines = [
        "| TwiML | |",
        "| --- | --- |",
        f"| executed | {_names(emulated)} |",
        "",
        "Known but skipped, with a note in `steps`: the call is answered, and no `action` is requested.",
        "",
        "| TwiML | skipped because |",
        "| --- | --- |",
        *(f"| `{name}` | {reason} |" for name, reason in skipped),
        "",
        "| element | attributes that change nothing here, noted in `steps` |",
        "| --- | --- |",
        *(
            f"| `{name}` | {_names(element.ignored)} |"
            for name, element in sorted(ELEMENTS.items())
            if element.emulated and element.ignored
        ),
        "",
        f"Paths of the REST API, after `{_ACCOUNT}/` unless they begin with a slash. All others are a 501.",
        "",
        "| path | |",
        "| --- | --- |",
        *(f"| `{path}` | {methods} |" for path, methods in _operations()),
        "",
        "No document says, and nobody has confirmed on a real account, what the sandbox assumes here:",
        "",
        *(f"- {assumption}" for assumption in ASSUMPTIONS),
    ]
    return "\n".join(lines) + "\n"


def supabase_coverage() -> str:
    """The tables of requests to Auth and to the Management API, and of Realtime's filters."""
    auth = [*HANDLERS, *OTHER_REQUESTS]
    management = [(operation.method, operation.path) for operation in OPERATIONS]
    lines = [
        "| Auth, after `/auth/v1` | |",
        "| --- | --- |",
        *(f"| `{path}` | {methods} |" for path, methods in _by_path(auth)),
        "",
        "| Management API | |",
        "| --- | --- |",
        *(f"| `{path}` | {methods} |" for path, methods in _by_path(management)),
        "",
        f"Filters of `postgres_changes`: {_names(OPERATORS)}, each also with `not.`.",
    ]
    return "\n".join(lines) + "\n"


def _by_path(requests: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    by_path: dict[str, set[str]] = {}
    for method, path in requests:
        by_path.setdefault(path, set()).add(method)
    return [(path, ", ".join(sorted(methods, key=_RANK.index))) for path, methods in sorted(by_path.items())]


def _operations() -> list[tuple[str, str]]:
    return _by_path(
        (endpoint.method, re.sub(rf"^{re.escape(_ACCOUNT)}/", "", endpoint.template))
        for endpoint in ENDPOINTS
        if endpoint.handler is not not_emulated
    )


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
