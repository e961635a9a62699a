"""Webhook URLs: refused before Twilio is asked, each with the reason."""

from __future__ import annotations

import pytest
from pulumi_twilio.webhook_url import is_sensitive, mask, problem


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


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:secret@example.com/x?token=secret#rc=1", "https://***@example.com/x?***#rc=1"),
        ("https://user:secret@example.com", "https://***@example.com"),
        ("https://example.com/x?token=secret", "https://example.com/x?***"),
        ("https://example.com?token=secret", "https://example.com?***"),
        ("https://us/er:secret@example.com/x?@y", "https://us/er:secret@example.com/x?***"),
        ("https://example.com/x#secret", "https://example.com/x#***"),
    ],
)
def test_what_may_be_secret_is_masked(url: str, shown: str) -> None:
    """User, password and query of a URL are not shown, and masking it again changes nothing."""
    assert is_sensitive(url)
    assert mask(url) == shown
    assert mask(shown) == shown


@pytest.mark.parametrize("text", ["https://example.com/@x", "https://example.com/x#rc=3", "(empty)", ""])
def test_nothing_else_is_masked(text: str) -> None:
    """A path, connection overrides, and what is no URL stay."""
    assert not is_sensitive(text)
    assert mask(text) == text
