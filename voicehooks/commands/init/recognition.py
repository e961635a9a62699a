"""What a person pastes instead of an identifier: the URL that contains it, or a token. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

__all__ = ["account_sid", "api_key_sid", "looks_secret", "origin", "phone_numbers", "project_ref"]

_HARMLESS = re.compile(r"(AC|SK|PN|AP)[0-9a-fA-F]{32}|[a-z]{20}|https?://[^@?#\s]+|\+?[0-9 ().-]+(,.*)?")


def account_sid(text: str) -> str:
    """Return the account SID in what was typed: itself, or a link to a page of the Twilio console."""
    return _only(r"\bAC[0-9a-fA-F]{32}\b", text)


def api_key_sid(text: str) -> str:
    """Return the API key's SID in what was typed."""
    return _only(r"\bSK[0-9a-fA-F]{32}\b", text)


def project_ref(text: str) -> str:
    """Return the project's reference in what was typed.

    It is the host of the project's URL (`https://<reference>.supabase.co`) and of its database
    (`db.<reference>.supabase.co`), and a part of the dashboard's links (`/dashboard/project/<reference>`).
    """
    for pattern in (r"\b([a-z]{20})\.supabase\.(?:co|in)\b", r"/project/([a-z]{20})\b"):
        if found := re.search(pattern, text):
            return found[1]
    return text


def phone_numbers(text: str) -> str:
    """Return numbers as E.164, separated by commas, however they are punctuated: `+1 (555) 123-4567`."""
    parts = (re.sub(r"[\s().-]", "", part) for part in re.split(r"[,;\n]|\s(?=\+)", text))
    return ",".join(part for part in parts if part)


def origin(text: str) -> str:
    """Return the origin of a page's URL: scheme, host and port."""
    url = urlsplit(text if "://" in text else f"https://{text}")
    return f"{url.scheme}://{url.netloc}" if url.netloc and "@" not in url.netloc else text


def looks_secret(text: str) -> bool:
    """Tell whether an answer may be a token, so that it must not appear on a screen.

    Twilio's tokens are 32 hexadecimal digits and its key secrets 32 letters and digits; Supabase's begin with
    sbp_, sb_ or eyJ, Pulumi's with pul-. What is long, has a digit and is no known identifier counts as well.
    """
    return bool(re.fullmatch(r"(?=.*\d)[^\s,]{21,}", text)) and not _HARMLESS.fullmatch(text)


def _only(pattern: str, text: str) -> str:
    found = set(re.findall(pattern, text))
    return found.pop() if len(found) == 1 else text
