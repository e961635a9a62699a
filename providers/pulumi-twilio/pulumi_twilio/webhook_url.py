"""The checks of a webhook URL before it is sent to Twilio."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from .delivery import parse

__all__ = ["is_demo", "is_sensitive", "mask", "problem"]


def is_demo(url: str) -> bool:
    """Return whether Twilio set a URL itself, on a number that was just bought: nobody's configuration."""
    return url.startswith("https://demo.twilio.com/")


def problem(url: str) -> str | None:
    """Return what is wrong with a webhook URL in one sentence, or None. An empty URL clears and is valid.

    https is required, except for loopback addresses, which only a sandbox on the same machine can reach. Twilio
    reads a fragment as connection overrides, so a program sets those with ``delivery``.
    """
    if url == "":
        return None
    if url != url.strip() or any(c.isspace() for c in url):
        return "has white space in it; remove it"
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:  # the exception's text repeats a part of the URL, which may contain a password
        return "is not a URL; correct its host and port"
    if not host:
        return "is not an absolute URL; it starts with https:// and a host"
    return (
        _scheme_problem(parts, host)
        or _credentials_problem(parts)
        or _fragment_problem(parts)
        or _path_problem(parts, host)
    )


def _scheme_problem(parts: SplitResult, host: str) -> str | None:
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)):
        return None
    if parts.scheme == "http":
        return "starts with http://; Twilio would send callers' data unencrypted, so use https://"
    return "does not start with https://; a webhook URL does"


def _credentials_problem(parts: SplitResult) -> str | None:
    if parts.username is None and parts.password is None:
        return None
    return "has a user name or password in it; requests are checked by their signature instead, remove them"


def _fragment_problem(parts: SplitResult) -> str | None:
    if not parts.fragment:
        return None
    meant = parse(parts.fragment)
    if meant:
        return f"has connection overrides after #; remove them and set delivery to {meant}"
    return "has a fragment (#...); Twilio does not send it, remove it"


def _path_problem(parts: SplitResult, host: str) -> str | None:
    if parts.path.endswith("/") and parts.path != "/":
        return "ends with a slash; Twilio would call another address than the function's, remove it"
    if parts.path == "/" and not parts.query:
        return "ends with a slash; remove it"
    if "_" in host:
        return "has an underscore in its host; Twilio refuses such hosts"
    return None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_sensitive(url: str) -> bool:
    """Return whether a URL may contain a secret: a user name, a password or a query."""
    return mask(url) != url


def mask(url: str) -> str:
    """Return the URL for a log, with ``***`` instead of user name, password and query.

    Connection overrides after ``#`` stay, because only Twilio reads them. A text that is already masked, or
    is not a URL, does not change.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    address, hash_sign, fragment = rest.partition("#")
    if fragment and parse(fragment) is None:
        fragment = "***"
    address, question_mark, query = address.partition("?")
    host, slash, path = address.partition("/")
    _, at, host = host.rpartition("@")
    authority = f"***@{host}" if at else host
    shown_query = "***" if query else ""
    return f"{scheme}://{authority}{slash}{path}{question_mark}{shown_query}{hash_sign}{fragment}"
