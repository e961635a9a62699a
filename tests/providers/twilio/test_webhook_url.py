"""Webhook URLs: refused before Twilio is asked, each with the reason."""

from __future__ import annotations

import pytest
from pulumi_twilio.webhook_url import has_credentials, mask, problem


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://abcdefghijklmnopqrst.supabase.co/functions/v1/twilio-webhook",
        "https://example.com",
        "https://example.com/voice?tenant=a%20b",
        "https://example.com/?tenant=1",
        "http://127.0.0.1:4721/functions/v1/twilio-webhook",
        "http://localhost:8080/x",
        "http://[::1]:8080/x",
    ],
)
def test_right_urls(url: str) -> None:
    """Https anywhere, http on loopback, and the empty string that clears."""
    assert problem(url) is None


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.com/x", "http://"),
        ("ftp://example.com/x", "does not start with https://"),
        ("https://example.com/x/", "slash"),
        ("https://example.com/", "slash"),
        ("https://user:secret@example.com/x", "user name or password"),
        ("https://example.com/x#top", "fragment"),
        ("https://example.com/x#rc=3", "set delivery to {'retries': 3}"),
        ("https://my_host.example.com/x", "underscore"),
        ("example.com/x", "absolute"),
        ("/x", "absolute"),
        ("https://exa mple.com/x", "white space"),
        ("https://example.com:port/x", "not a URL"),
    ],
)
def test_wrong_urls_get_a_reason(url: str, reason: str) -> None:
    """Each rule of the console guide, and Twilio's own, is one sentence that does not repeat a password."""
    said = problem(url)
    assert said is not None
    assert reason in said
    assert "secret" not in said


def test_credentials_are_masked() -> None:
    """A URL found on a number is shown without its password."""
    url = "https://user:secret@example.com/x?a=1#rc=1"
    assert has_credentials(url)
    assert mask(url) == "https://***@example.com/x?a=1#rc=1"
    assert mask("https://example.com/@x") == "https://example.com/@x"
