"""What the sandbox's Twilio half emulates, generated from its code into docs/sandbox.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from voicehooks_sandbox import twilio
from voicehooks_sandbox.twilio.api import not_emulated
from voicehooks_sandbox.twilio.app import ENDPOINTS
from voicehooks_sandbox.twilio.twiml.vocabulary import ELEMENTS

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE = Path("docs/sandbox.md")
_ACCOUNT = "/2010-04-01/Accounts/{AccountSid}"
_RANK = ("GET", "POST", "DELETE")


def page() -> str:
    """The page with its generated block as the code is now."""
    return replace_block(PAGE.read_text(encoding="utf-8"), "twilio coverage", twilio_coverage())


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
    skipped = [name for name, element in ELEMENTS.items() if not element.emulated]
    known = "known but skipped, with a note in `steps`: the call is answered, and no `action` is requested"
    lines = [
        "| TwiML | |",
        "| --- | --- |",
        f"| executed | {_names(emulated)} |",
        f"| {known} | {_names(skipped)} |",
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
        *(f"- {assumption[0].upper()}{assumption[1:]}." for assumption in _assumptions()),
    ]
    return "\n".join(lines) + "\n"


def _assumptions() -> list[str]:
    """The last paragraph of the package's docstring, which lists what is decided there."""
    _, _, text = (twilio.__doc__ or "").partition("Unknowns, decided here and worth a look on a real account: ")
    return " ".join(text.split()).replace("``", "`").rstrip(".").split("; ")


def _operations() -> list[tuple[str, str]]:
    by_path: dict[str, set[str]] = {}
    for endpoint in ENDPOINTS:
        if endpoint.handler is not not_emulated:
            path = re.sub(rf"^{re.escape(_ACCOUNT)}/", "", endpoint.template)
            by_path.setdefault(path, set()).add(endpoint.method)
    return [(path, ", ".join(sorted(methods, key=_RANK.index))) for path, methods in sorted(by_path.items())]


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
