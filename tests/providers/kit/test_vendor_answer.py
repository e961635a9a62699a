"""Answers that are not what the vendor documents: what the error names, and what it keeps to itself."""

from __future__ import annotations

import httpx
import pytest
from pulumi_provider_kit.vendor_answer import UnexpectedAnswer, read, sentence

SID = "PN0123456789abcdef0123456789abcdef"
SHAPE = dict[str, int]


def said(content: bytes, *, url: str = "https://api.example.com/x", **headers: str) -> str:
    """Return what the error says of an answer with this body."""
    answer = httpx.Response(203, content=content, headers=headers, request=httpx.Request("PATCH", url))
    with pytest.raises(UnexpectedAnswer) as raised:
        read(answer, "Twilio", SHAPE, do="check the proxy")
    return str(raised.value)


def test_the_error_names_the_request() -> None:
    """Vendor, host, method, path, status and advice; a short SID; the port only if given."""
    assert said(b"", url=f"https://api.example.com/Numbers/{SID}.json") == (
        "Twilio (api.example.com) answered PATCH /Numbers/PN..cdef.json with HTTP 203 and an empty body, "
        "not JSON; check the proxy"
    )
    assert "(127.0.0.1:4720)" in said(b"", url="http://127.0.0.1:4720/x")


@pytest.mark.parametrize(
    ("content", "headers", "kind"),
    [
        (b" \n", {}, "an empty body"),
        (b" <!DOCTYPE html><title>Log in</title>", {}, "an HTML page"),
        (b"<HTML>", {}, "an HTML page"),
        (b"Log in", {"Content-Type": "text/html"}, "an HTML page"),
        (b'{"a": ', {}, "cut-off or broken JSON"),
        (b"[1, ", {}, "cut-off or broken JSON"),
        (b"upstream error", {"Content-Type": "text/plain"}, "text"),
        (b"[" * 100_000, {}, "cut-off or broken JSON"),
    ],
)
def test_what_came_instead_of_json(content: bytes, headers: dict[str, str], kind: str) -> None:
    """Each kind by its name, also JSON that is nested too deeply."""
    assert f"and {kind}, not JSON; " in said(content, **headers)


@pytest.mark.parametrize(
    ("content", "where"),
    [(b'{"a": "secret"}', "a: "), (b'["secret"]', "the answer: "), (b'"secret"', "the answer: ")],
)
def test_json_of_another_shape(content: bytes, where: str) -> None:
    """The place is named, and the value, which may be secret, is not."""
    text = said(content)

    assert f"JSON that is not as documented: {where}" in text
    assert "secret" not in text


def test_a_message_fits_a_line() -> None:
    """Control characters and line ends become spaces; 300 characters at most; one period, not two."""
    assert sentence("Not\x1b[31m\n allowed. ") == "Not [31m allowed"
    assert sentence("x" * 300) == "x" * 300
    assert sentence("x" * 301) == "x" * 300 + "..."
    assert sentence(20404) == "20404"
